/** Telling a person what became of a role change, whoever holds their interaction; and looking at a role after a change of owner. */
import { expect } from 'chai'
import { DiscordAPIError } from 'discord.js'
import type { REST } from 'discord.js'
import { InteractionResponseType, RESTJSONErrorCodes } from 'discord-api-types/v10'
import type { ChangeAnswer } from '../../../actors/protocol/role-panels.ts'
import type { EffectAttempt } from '../../../actors/runtime/outbox.ts'
import { guildId, opId, snowflakeAt } from '../../../kernel/ids.ts'
import { answerInteraction } from '../../../shards/effects/answer-interaction.ts'
import { confirmRole } from '../../../shards/effects/confirm-role.ts'

const guild = guildId('1142857142857142857')
const now = Date.UTC(2026, 0, 1)
const { signal } = new AbortController()

interface Asked {
  readonly method: string
  readonly route: string
  readonly body?: { readonly type?: number; readonly content?: string; readonly flags?: number; readonly data?: { readonly content?: string } }
}

/** `refuses`: Discord's code for edits. */
function fakeRest(refuses: number | null = null, member: { readonly roles: readonly string[] } = { roles: [] }) {
  const asked: Asked[] = []
  const ask = (method: string) => (route: string, options: { body?: Asked['body'] } = {}) => {
    asked.push({ method, route, ...(options.body === undefined ? {} : { body: options.body }) })
    if (method === 'PATCH' && refuses !== null) return Promise.reject(new DiscordAPIError({ code: refuses, message: 'refused' }, refuses, 404, method, route, { body: undefined, files: undefined }))
    return Promise.resolve(member)
  }
  return { asked, rest: { get: ask('GET'), put: ask('PUT'), delete: ask('DELETE'), patch: ask('PATCH'), post: ask('POST') } as unknown as REST }
}

function attemptOf(payload: object, kind: EffectAttempt['kind'] = 'answer-interaction'): EffectAttempt {
  return { feature: 'role-panels', kind, target: 'x', payload: payload as EffectAttempt['payload'], guildId: guild, opId: opId('outbox:1:2:0'), attempt: 1, createdAt: now, trace: 'x' as never }
}

const change = (ageMs: number): ChangeAnswer => ({
  ticket: { interactionId: snowflakeAt(now - ageMs), applicationId: '9', token: 'tok', locale: 'de', how: 'button', held: [] },
  panelId: 'p', userId: '5' as never, added: ['77' as never], removed: [], failed: [], refused: [],
})

describe('the answer to a role change', () => {
  const run = async (refuses: number | null, ageMs: number, held = false) => {
    const { asked, rest } = fakeRest(refuses)
    const delivered: unknown[] = []
    const deps = {
      interactionRest: rest,
      now: () => now,
      deliver: (_: string, answer: unknown) => (held ? (delivered.push(answer), Promise.resolve()) : null),
      readPanel: () => Promise.resolve(null),
    }
    const result = await answerInteraction(deps, attemptOf(change(ageMs)), signal).catch((error: Error) => error.message)
    return { asked, delivered, result }
  }

  it('held in this process: its holder answers, and nothing is sent beside', async () => {
    const { asked, delivered, result } = await run(null, 10_000, true)
    expect(result).to.deep.equal({ kind: 'done', answer: { how: 'held' } })
    expect(asked).to.deep.equal([])
    expect(delivered).to.have.length(1)
  })

  it('deferred by a process that is gone: its deferral is edited, in the person’s language, flags not sent again', async () => {
    const { asked, result } = await run(null, 10_000)
    expect(result).to.deep.equal({ kind: 'done', answer: { how: 'edited' } })
    expect(asked.map(({ method, route }) => [method, route])).to.deep.equal([['PATCH', '/webhooks/9/tok/messages/%40original']])
    expect(asked[0]?.body).to.deep.include({ content: 'Bekommen: <@&77>' })
    expect(asked[0]?.body).not.to.have.property('flags')
  })

  it('not acknowledged yet: tried again while its holder may live, then answered first, then too late', async () => {
    expect((await run(RESTJSONErrorCodes.UnknownWebhook, 500)).result).to.equal('the interaction is not acknowledged yet')
    const first = await run(RESTJSONErrorCodes.UnknownWebhook, 2_300)
    expect(first.result).to.deep.equal({ kind: 'done', answer: { how: 'first' } })
    expect(first.asked[1]).to.deep.include({ method: 'POST' })
    expect(first.asked[1]?.body?.type).to.equal(InteractionResponseType.ChannelMessageWithSource)
    expect((await run(RESTJSONErrorCodes.UnknownWebhook, 3_500)).result).to.deep.include({ kind: 'impossible' })
  })

  it('a token that has ended is nobody’s any more; anything else is tried again', async () => {
    expect((await run(RESTJSONErrorCodes.InvalidWebhookToken, 16 * 60_000)).result).to.deep.include({ kind: 'impossible' })
    expect((await run(50_035, 10_000)).result).to.equal('refused')
  })
})

describe('a role after a change of owner', () => {
  it('is changed only where it is not what was intended', async () => {
    for (const [wanted, roles, expected] of [['add', ['77'], ['GET']], ['add', [], ['GET', 'PUT']], ['remove', ['77'], ['GET', 'DELETE']], ['remove', [], ['GET']]] as const) {
      const { asked, rest } = fakeRest(null, { roles })
      await confirmRole({ rest }, attemptOf({ userId: '5', roleId: '77', wanted }, 'confirm-role'), signal)
      expect(asked.map(({ method }) => method), `${wanted} ${roles.join()}`).to.deep.equal(expected)
    }
  })
})
