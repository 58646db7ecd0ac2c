/**
 * `npm run build:web`: the page's script as one module, written to web/assets/verify.js, readable and the same every time.
 *
 * With the esbuild that tsx brings along, so nothing is downloaded for it. What is written is committed, because a server
 * that runs from source must serve it too; a test makes it again and compares.
 */
import { createRequire } from 'node:module'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

interface Bundler {
  build(options: Readonly<Record<string, unknown>>): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
export const browserScript = new URL('../../web/assets/verify.js', import.meta.url)

export async function bundleBrowserScript(): Promise<string> {
  const fromTsx = createRequire(import.meta.resolve('tsx'))
  const { build } = fromTsx('esbuild') as Bundler
  const { outputFiles } = await build({
    entryPoints: ['web/browser/main.ts'],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    // Not minified: who checks a record may read what checks it.
    minify: false,
    legalComments: 'inline',
    banner: { js: '// The checks of the page about a record, from web/browser. Contains @noble/ed25519 (MIT), (c) Paul Miller.' },
  })
  return outputFiles[0]?.text ?? ''
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(browserScript, await bundleBrowserScript())
