import { expect } from 'chai'
import { createLog } from '../../kernel/log.ts'
import type { LogLevel } from '../../kernel/log.ts'
import { AppError } from '../../kernel/errors.ts'

function capture(level: LogLevel) {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>) }
  return { lines, log: createLog({ level, process: 'test', destination }) }
}

describe('logs', () => {
  it('are JSON lines: a constant phrase, data in fields, the scope on each', () => {
    const { lines, log } = capture('debug')
    log.scope({ guildId: '7' }).scope({ fence: 3 }).warn('lease lost', { slots: 2 })
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({ level: 'warn', process: 'test', guildId: '7', fence: 3, slots: 2, msg: 'lease lost' })
    expect(lines[0]?.['time']).to.match(/^\d{4}-\d\d-\d\dT.*Z$/)
  })

  it('tell nothing below their level', () => {
    const { lines, log } = capture('warn')
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['c', 'd'])
    const silent = capture('silent')
    silent.log.error('x')
    expect(silent.lines).to.deep.equal([])
  })

  it('show an error with its code and its cause', () => {
    const { lines, log } = capture('info')
    const cause = new Error('connect ECONNREFUSED')
    log.error('guilds could not be loaded', { error: new AppError('postgres-unavailable', 'load', { cause }) })
    expect(lines[0]?.['error']).to.include({ code: 'postgres-unavailable', message: 'load' })
    expect(JSON.stringify(lines[0])).to.contain('ECONNREFUSED')
  })

  it('censor a secret that slipped into a field, up to two levels down', () => {
    const { lines, log } = capture('info')
    const names = ['token', 'secret', 'password', 'passphrase', 'kek', 'privateKey', 'authorization']
    for (const name of names) log.info('started', { [name]: 'hunter2', config: { [name]: 'hunter2', deep: { [name]: 'hunter2' } } })
    expect(JSON.stringify(lines)).not.to.contain('hunter2')
    expect(lines).to.have.length(names.length)
  })
})
