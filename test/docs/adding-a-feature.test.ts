/**
 * Follows docs/adding-a-feature.md to the letter in a copy of the house: writes its files, makes its edits, type-checks,
 * lints by the import table's own roots, and runs its example. A page that lies fails here.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

interface Block {
  readonly language: string
  readonly attribute: string
  readonly name: string
  readonly text: string
}

function readBlocks(page: string): Block[] {
  const pattern = /^```(\w+) (file|output)=(\S+)\n([\s\S]*?)^```$/gm
  return [...page.matchAll(pattern)].map(([, language = '', attribute = '', name = '', text = '']) => ({
    language,
    attribute,
    name,
    text,
  }))
}

/** Lines with ` ` and `-` stand in the file exactly once; lines with ` ` and `+` take their place. */
async function applyDiff(file: string, diff: string): Promise<void> {
  const lines = diff.trimEnd().split('\n')
  const side = (mark: string): string =>
    lines.filter((line) => line.startsWith(' ') || line.startsWith(mark)).map((line) => `${line.slice(1)}\n`).join('')
  const before = await readFile(file, 'utf8')
  expect(before.split(side('-')).length - 1, `the page's "before" stands once in ${file}`).to.equal(1)
  await writeFile(file, before.replace(side('-'), () => side('+')))
}

describe('docs/adding-a-feature.md', function () {
  this.timeout(60_000)
  let copy = ''

  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'muster-page-'))
    for (const room of ['kernel', 'actors', 'shards', 'cluster', 'prisma']) await cp(join(root, room), join(copy, room), { recursive: true })
    for (const file of ['package.json', 'tsconfig.json']) await cp(join(root, file), join(copy, file))
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  })

  after(async () => {
    await rm(copy, { recursive: true, force: true })
  })

  it('names files that are new, makes edits that fit, compiles, and prints what it says', async () => {
    const blocks = readBlocks(await readFile(join(root, 'docs/adding-a-feature.md'), 'utf8'))
    expect(blocks.filter(({ language }) => language === 'ts').length).to.be.greaterThan(4)
    for (const { language, attribute, name, text } of blocks) {
      if (attribute !== 'file') continue
      const file = join(copy, name)
      if (language === 'diff') {
        await applyDiff(file, text)
        continue
      }
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text, { flag: 'wx' })
    }
    const tsconfig = JSON.parse(await readFile(join(copy, 'tsconfig.json'), 'utf8')) as { include: string[] }
    tsconfig.include = ['kernel', 'actors', 'shards', 'cluster', 'prisma', 'try-thanks.ts']
    await writeFile(join(copy, 'tsconfig.json'), JSON.stringify(tsconfig))
    const checked = await run('npx', ['tsc', '-p', '.'], { cwd: copy }).catch((error: { stdout: string }) => error)
    expect(checked.stdout, 'type errors').to.equal('')
    for (const { attribute, name, text } of blocks) {
      if (attribute !== 'output') continue
      const { stdout } = await run('node', ['--import', 'tsx', name], { cwd: copy })
      expect(stdout).to.equal(text)
    }
  })
})
