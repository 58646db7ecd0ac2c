/**
 * Starts a worker thread from a file of this house, whether we run as TypeScript or as built JavaScript.
 *
 * The loader that reads TypeScript is not passed on to threads by Node 20, so a thread of a `.ts` file registers it
 * itself before it imports the file.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/** `file` is the URL of the module without its extension; `from` the caller's import.meta.url, whose extension it has. */
export function startThread(file: URL, from: string, workerData: unknown): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`${file.href}.js`), { workerData })
  // Resolved here: evaluated text resolves names from the working folder, which may be anywhere. Of the loader's two
  // builds it takes the module beside the one that require finds; import.meta.resolve is not there under every loader.
  const loader = pathToFileURL(createRequire(from).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href
  const bootstrap = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(`${file.href}.ts`)}) })`
  return new Worker(bootstrap, { eval: true, workerData })
}
