/** Every script says how many keys it takes, in its name, and takes that many. */
import { expect } from 'chai'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readScript } from '../../../actors/ownership/redis-scripts.ts'

const folders = ['../../../actors/ownership/scripts/', '../../../actors/transport/scripts/'].map((folder) => new URL(folder, import.meta.url))

describe('redis scripts', () => {
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      it(`${name} is named as it is written, and says its input and output`, () => {
        const script = readScript(new URL(name, folder))
        expect(name).to.equal(`${script.name}-${script.keyCount ?? 'any'}.lua`)
        expect(script.text).to.match(/^--\[\[[^]*Input:[^]*Output:[^]*\]\]/)
      })
    }
  }

  it('are refused when the name says another number of keys', () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-scripts-'))
    try {
      for (const name of ['two-keys-1.lua', 'no-number.lua', 'two-keys-any.lua']) {
        writeFileSync(join(folder, name), 'return redis.call("GET", KEYS[2])')
        expect(() => readScript(pathToFileURL(join(folder, name)))).to.throw(/keys/)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
