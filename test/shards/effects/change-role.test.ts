/** One role given or taken, and a refusal that is believed only after a look at the member. */
import { expect } from 'chai'
import { DiscordAPIError } from 'discord.js'
import type { REST } from 'discord.js'
import { RESTJSONErrorCodes } from 'discord-api-types/v10'
import type { EffectAttempt } from '../../../actors/runtime/outbox.ts'
import { guildId, opId } from '../../../kernel/ids.ts'
import type { MessageAnswer } from '../../../shards/commands/slash-command.ts'
import { changeRole } from '../../../shards/effects/change-role.ts'

const { signal } = new AbortController()
const ticket = { interactionId: '1', applicationId: '9', token: 'tok', locale: 'en-US', how: 'button', held: [] } as const

async function run(kind: 'add-role' | 'remove-role', { refusal = null, roles = [] }: { readonly refusal?: number | null; readonly roles?: readonly string[] } = {}) {
  const asked: string[] = []
  const told: (string | undefined)[] = []
  const change = (method: string) => (route: string) => {
    asked.push(method)
    return refusal === null ? Promise.resolve() : Promise.reject(new DiscordAPIError({ code: refusal, message: 'refused' }, refusal, 403, method, route, { body: undefined, files: undefined }))
  }
  const get = () => Promise.resolve(void asked.push('GET')).then(() => ({ roles }))
  const attempt: EffectAttempt = {
    feature: 'role-panels', kind, target: 'role:5', payload: { userId: '5', roleId: '77', changeId: 'c', panelId: 'p', ticket } as never,
    guildId: guildId('1142857142857142857'), opId: opId('outbox:1:1:0'), attempt: 1, trace: null, createdAt: 0,
  }
  const rest = { put: change('PUT'), delete: change('DELETE'), get } as unknown as REST
  const deliver = (_: string, { content }: MessageAnswer) => (told.push(content), null)
  const result = await changeRole({ rest, deliver }, attempt, signal).then(({ kind: how }) => how, (error: DiscordAPIError) => error.code)
  return { asked, told, result }
}

describe('a role change at Discord', () => {
  it('is one request, and whoever waits here for it alone is told at once', async () => {
    expect(await run('add-role')).to.deep.equal({ asked: ['PUT'], told: ['Added: <@&77>'], result: 'done' })
    expect(await run('remove-role')).to.deep.equal({ asked: ['DELETE'], told: ['Removed: <@&77>'], result: 'done' })
  })

  it('that is refused after an attempt whose answer was lost is what the member shows: done where it took effect', async () => {
    const refusal = RESTJSONErrorCodes.MissingPermissions
    expect(await run('add-role', { refusal, roles: ['77'] })).to.deep.equal({ asked: ['PUT', 'GET'], told: ['Added: <@&77>'], result: 'done' })
    expect(await run('remove-role', { refusal, roles: [] })).to.deep.equal({ asked: ['DELETE', 'GET'], told: ['Removed: <@&77>'], result: 'done' })
    expect(await run('add-role', { refusal, roles: [] })).to.deep.equal({ asked: ['PUT', 'GET'], told: [], result: refusal })
    expect(await run('remove-role', { refusal, roles: ['77'] })).to.deep.equal({ asked: ['DELETE', 'GET'], told: [], result: refusal })
  })

  it('of a role or member that is gone needs no look', async () => {
    for (const refusal of [RESTJSONErrorCodes.UnknownRole, RESTJSONErrorCodes.UnknownMember]) {
      expect(await run('add-role', { refusal, roles: ['77'] })).to.deep.equal({ asked: ['PUT'], told: [], result: refusal })
    }
  })
})
