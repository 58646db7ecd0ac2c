/**
 * What a sandbox leaves on disk: the world it comes back with, and the voice log a stranger can count from.
 */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MessageFlags } from 'discord-api-types/v10'
import type { VoiceLogLine } from '../../sandbox/voice-log.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createHarness } from './harness.ts'

describe('sandbox records', () => {
  const harness = createHarness()
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-records-'))
  })
  afterEach(async () => {
    await harness.stopAll()
    await rm(folder, { recursive: true })
  })

  it('comes back with the same world under the same ids, and gives no id twice', async () => {
    const options = { stateFile: join(folder, 'deep', 'world.json'), clock: createManualClock() }
    const before = await harness.sandbox(options)
    const guild = before.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const role = guild.createRole({ name: 'watch' })
    const ada = guild.addMember({ username: 'ada', roles: [role.id] })
    ada.joinVoice(guild.channel('V').id)
    before.world.commands.upsert(null, { name: 'ping', description: 'p' })
    const channel = guild.channel('general').id
    ada.post({ channel, content: 'kept' })
    before.world.messages.create(channel, { authorId: before.world.state.botId, visibleTo: ada.userId, flags: MessageFlags.Ephemeral })
    await before.stop()

    // The clock of this second life starts where the first did: only the saved counters keep ids apart.
    const after = await harness.sandbox({ ...options, clock: createManualClock() })
    const again = after.people.guild(guild.id)
    expect(after.world.bot().id).to.equal(before.world.bot().id)
    expect(again.user(ada.userId).member().roles).to.deep.equal([role.id])
    expect(again.user(ada.userId).voiceChannel()).to.equal(guild.channel('V').id)
    expect(again.owner().messages(channel).map(({ content }) => content)).to.deep.equal(['kept'])
    expect(again.user(ada.userId).messages(channel), 'ephemeral messages end with the process').to.have.length(1)
    expect(after.world.commands.list(null).map(({ name }) => name)).to.deep.equal(['ping'])
    const ids = [after.world.newId(), after.people.createGuild({ name: 'two' }).id]
    for (const id of ids) expect(JSON.stringify([...before.world.state.guilds.values()].map((one) => [one.id, [...one.members.keys()], [...one.channels.keys()]]))).not.to.include(id)
  })

  it('saves soon after a change, without being stopped', async () => {
    const clock = createManualClock()
    const stateFile = join(folder, 'world.json')
    const sandbox = await harness.sandbox({ stateFile, clock })
    sandbox.people.createGuild({ name: 'remembered' })
    clock.advance(300)
    // The write runs on its own; stopping waits for it and writes the same world again.
    await sandbox.stop()
    expect(await readFile(stateFile, 'utf8')).to.include('remembered')
  })

  it('refuses a state file it cannot read, naming the file and the remedy', async () => {
    const stateFile = join(folder, 'world.json')
    for (const text of ['{', '{"version":99}']) {
      await writeFile(stateFile, text)
      const error = await harness.sandbox({ stateFile }).then(
        () => undefined,
        (reason: Error) => reason,
      )
      expect(error?.message).to.include(stateFile).and.include('remove it')
    }
  })

  it('writes every voice event with its time, so that sessions can be recomputed from the file alone', async () => {
    const clock = createManualClock()
    const voiceLogFile = join(folder, 'voice.jsonl')
    const sandbox = await harness.sandbox({ clock, voiceLogFile })
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V', 'W'] })
    const [ada, bob] = [guild.addMember({ username: 'ada' }), guild.addMember({ username: 'bob' })]
    ada.joinVoice(guild.channel('V').id)
    clock.advance(1_000)
    bob.joinVoice(guild.channel('V').id)
    clock.advance(500)
    ada.selfMute(true)
    ada.selfMute(true)
    clock.advance(500)
    ada.moveVoice(guild.channel('W').id)
    clock.advance(250)
    guild.owner().kick(ada.userId)
    bob.leaveVoice()
    await sandbox.stop()

    const lines = (await readFile(voiceLogFile, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as VoiceLogLine)
    expect(lines.map(({ n }) => n)).to.deep.equal(lines.map((_, index) => index + 1))
    const kinds = ['sandbox-started', 'join', 'join', 'flags', 'move', 'leave', 'leave', 'sandbox-stopped']
    expect(lines.map(({ kind }) => kind)).to.deep.equal(kinds)
    expect(recomputeMs(lines)).to.deep.equal({
      [`${ada.userId} ${guild.channel('V').id}`]: 2_000,
      [`${ada.userId} ${guild.channel('W').id}`]: 250,
      [`${bob.userId} ${guild.channel('V').id}`]: 1_250,
    })
    expect(sandbox.people.voiceLog()).to.deep.equal(lines)
  })

  it('counts no time while the sandbox was not there, and says who is in voice when it comes back', async () => {
    const voiceLogFile = join(folder, 'voice.jsonl')
    const stateFile = join(folder, 'world.json')
    const clock = createManualClock()
    const before = await harness.sandbox({ clock, voiceLogFile, stateFile })
    const guild = before.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const ada = guild.addMember({ username: 'ada' })
    ada.joinVoice(guild.channel('V').id)
    clock.advance(100)
    await before.stop()
    clock.advance(10_000)
    const after = await harness.sandbox({ clock, voiceLogFile, stateFile })
    clock.advance(7)
    after.people.guild(guild.id).user(ada.userId).leaveVoice()
    await after.stop()
    const lines = (await readFile(voiceLogFile, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as VoiceLogLine)
    expect(lines.slice(3).map(({ kind }) => kind)).to.deep.equal(['sandbox-started', 'present', 'leave', 'sandbox-stopped'])
    expect(recomputeMs(lines)).to.deep.equal({ [`${ada.userId} ${guild.channel('V').id}`]: 107 })
  })

  it('appends to the voice log of an earlier run', async () => {
    const voiceLogFile = join(folder, 'voice.jsonl')
    await appendFile(voiceLogFile, '{"n":1,"at":1,"kind":"sandbox-started"}\n')
    await (await harness.sandbox({ voiceLogFile })).stop()
    expect((await readFile(voiceLogFile, 'utf8')).trim().split('\n')).to.have.length(3)
  })

  it('writes the request log to a file without tokens', async () => {
    const requestLogFile = join(folder, 'requests.jsonl')
    const sandbox = await harness.sandbox({ requestLogFile })
    await harness.client(sandbox)
    await harness.stopAll()
    const text = await readFile(requestLogFile, 'utf8')
    expect(text).to.include('/gateway/bot').and.include('READY').and.not.include(sandbox.token)
  })
})

/** The algorithm README.md describes. */
function recomputeMs(lines: readonly VoiceLogLine[]): Record<string, number> {
  const open = new Map<string, { user: string; channel: string; since: number }>()
  const totals: Record<string, number> = {}
  let before = 0
  const end = (who: string, at: number): void => {
    const stay = open.get(who)
    if (stay === undefined) return
    const key = `${stay.user} ${stay.channel}`
    totals[key] = (totals[key] ?? 0) + at - stay.since
    open.delete(who)
  }
  for (const line of lines) {
    if (!('user' in line)) {
      // A kill leaves no `sandbox-stopped`: then the last line before the next start is the end.
      const at = line.kind === 'sandbox-stopped' ? line.at : before
      for (const who of open.keys()) end(who, at)
    } else {
      const who = `${line.guild} ${line.user}`
      if (open.get(who)?.channel !== line.channel) end(who, line.at)
      if (line.channel !== null && !open.has(who)) open.set(who, { user: line.user, channel: line.channel, since: line.at })
    }
    before = line.at
  }
  return totals
}
