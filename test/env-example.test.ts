/** `.env.example` names every variable that a process reads, once, with a line that says what it does; and no other. */
import { parse } from 'dotenv'
import { expect } from 'chai'
import { parseHouseConfig } from '../cli/config.ts'
import { envExample } from '../cli/env-example.ts'
import { everySetting, listSettings } from '../cli/every-setting.ts'
import { brokenEnvLines } from '../kernel/env-file.ts'
import { variablesOf } from '../kernel/settings.ts'
import { parseSandboxConfig } from '../sandbox/config.ts'
import { readHouseFile } from './support/house-files.ts'

const everyVariable = new Set(Object.values(everySetting).flatMap((schema) => variablesOf(schema)))
const assignment = /^#?([A-Z][A-Z0-9_]*)=(.*)$/

describe('.env.example', () => {
  let lines: readonly string[]
  before(async () => {
    lines = (await readHouseFile('.env.example')).split('\n')
  })
  const named = (): string[] => lines.flatMap((line) => assignment.exec(line)?.[1] ?? [])

  it('is what the settings say: `npm run env:example` writes it anew', () => {
    expect(lines.join('\n')).to.equal(envExample(listSettings()))
  })

  it('names every variable that a process reads, and no other', () => {
    expect(everyVariable.size).to.be.greaterThan(25)
    expect(named().sort()).to.deep.equal([...everyVariable].sort())
  })

  it('says before each what it does', () => {
    const unexplained = lines.filter((line, index) => assignment.test(line) && !/^# .*\.$/.test(lines[index - 1] ?? ''))
    expect(unexplained).to.deep.equal([])
  })

  it('copied as it is, sets nothing: the house starts as if there were none', () => {
    const text = lines.join('\n')
    expect(brokenEnvLines(text)).to.deep.equal([])
    expect(parse(text)).to.deep.equal({})
  })

  it('with every line taken in, is accepted where it is read, and shows the defaults', () => {
    const text = lines.map((line) => (assignment.test(line) ? line.replace(/^#/, '') : line)).join('\n')
    expect(brokenEnvLines(text)).to.deep.equal([])
    const all = parse(text)
    const { databaseUrl: _d, redisUrl: _r, discordApi: _a, shardCount: _s, ...house } = parseHouseConfig(all)
    const { databaseUrl: _e, redisUrl: _f, discordApi: _b, shardCount: _t, ...byDefault } = parseHouseConfig({})
    expect(house).to.deep.equal(byDefault)
    const { stateFile: _g, voiceLogFile: _h, requestLogFile: _i, recommendedShards: _j, ...sandbox } = parseSandboxConfig(all)
    expect(parseSandboxConfig({})).to.include(sandbox)
  })
})
