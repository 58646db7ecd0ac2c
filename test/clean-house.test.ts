/** Nothing in the house tells on which machine, or from which registry, it was put together. */
import { expect } from 'chai'
import { listHouseFiles, readHouseFile } from './support/house-files.ts'

/** Home folders and work folders of one machine; `/home/…` of an example ends in the dots. */
const machinePath = /(?<![\w.:/-])\/(home|Users|root|work|mnt|build)\/[A-Za-z0-9_-]/
/** Hosts that only a private network knows, and addresses of one. */
const privateHost = /https?:\/\/[^\s/"'`]*(registry|artifactory|nexus|verdaccio|\.internal|\.corp|\.lan)\b|\b(10\.\d{1,3}|192\.168)\.\d{1,3}\.\d{1,3}(:\d+|\/[a-z])/
const binary = /\.(ttf|woff2|png|ico|wasm|gz)$/

describe('a clean house', () => {
  let texts: readonly (readonly [string, string])[]

  before(async () => {
    const files = (await listHouseFiles()).filter((path) => !binary.test(path) && path !== 'test/clean-house.test.ts')
    texts = await Promise.all(files.map(async (path) => [path, await readHouseFile(path)] as const))
  })

  const linesWith = (pattern: RegExp): readonly string[] =>
    texts.flatMap(([path, text]) => text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])))

  it('names no path of a machine', () => {
    expect(machinePath.test("from '/home/ada/muster/x'")).to.equal(true)
    expect(linesWith(machinePath)).to.deep.equal([])
  })

  it('names no registry and no private host', () => {
    expect(privateHost.test('"resolved": "https://registry.example.org/x.tgz"')).to.equal(true)
    expect(linesWith(privateHost)).to.deep.equal([])
  })

  it('carries no private key and no bot token but the one that works only in the sandbox', () => {
    const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b[MN][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,}\b/
    expect(key.test('-----BEGIN PRIVATE KEY-----')).to.equal(true)
    expect(linesWith(key).filter((line) => !line.startsWith('sandbox/options.ts:'))).to.deep.equal([])
  })
})
