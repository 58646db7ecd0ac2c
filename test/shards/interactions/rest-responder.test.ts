/** What Discord says to an acknowledgement, and what is made of it. */
import { DiscordAPIError } from 'discord.js'
import type { REST } from 'discord.js'
import type { APIInteraction } from 'discord-api-types/v10'
import { InteractionResponseType, InteractionType, MessageFlags } from 'discord-api-types/v10'
import { expect } from 'chai'
import { snowflakeAt } from '../../../kernel/ids.ts'
import { createRestResponder } from '../../../shards/interactions/rest-responder.ts'

const interaction = { id: '1', token: 'token' } as APIInteraction
const refusal = (code: number, status = 400): DiscordAPIError =>
  new DiscordAPIError({ code, message: 'refused' }, code, status, 'POST', 'https://discord.test', { body: undefined, files: undefined })
const responderThatHears = (error: Error) => createRestResponder({ post: () => Promise.reject(error) } as unknown as REST)

describe('rest responder', () => {
  it('a deferral that took effect although its answer was lost counts: the edit can follow', async () => {
    const responder = responderThatHears(refusal(40060))
    expect(await responder.respond(interaction, InteractionResponseType.DeferredChannelMessageWithSource)).to.equal('acknowledged before')
    expect(await responder.respond(interaction, InteractionResponseType.DeferredMessageUpdate)).to.equal('acknowledged before')
  })

  it('any other answer that was given already, and any other refusal, is told', async () => {
    const isThrown = async (code: number, type: InteractionResponseType): Promise<boolean> =>
      await responderThatHears(refusal(code))
        .respond(interaction, type)
        .then(() => false, (thrown: DiscordAPIError) => thrown.code === code)
    expect(await isThrown(40060, InteractionResponseType.ChannelMessageWithSource)).to.equal(true)
    expect(await isThrown(10062, InteractionResponseType.DeferredChannelMessageWithSource)).to.equal(true)
  })
})

describe('rest responder: is it answered already', () => {
  const askedAtMs = Date.UTC(2026, 2, 1)
  const isAnswered = async (type: InteractionType, original: unknown): Promise<boolean> => {
    const get = (): Promise<unknown> => (original instanceof Error ? Promise.reject(original) : Promise.resolve(original))
    const one = { id: snowflakeAt(askedAtMs), token: 'token', application_id: '2', type } as APIInteraction
    return await createRestResponder({ get } as unknown as REST).isAnswered(one)
  }

  it('a command is once its message has stopped loading', async () => {
    expect(await isAnswered(InteractionType.ApplicationCommand, { flags: MessageFlags.Loading | MessageFlags.Ephemeral })).to.equal(false)
    expect(await isAnswered(InteractionType.ApplicationCommand, { flags: MessageFlags.Ephemeral })).to.equal(true)
  })

  it('a click is once its message was edited after it', async () => {
    const at = (offsetMs: number): object => ({ edited_timestamp: new Date(askedAtMs + offsetMs).toISOString() })
    expect(await isAnswered(InteractionType.MessageComponent, { edited_timestamp: null })).to.equal(false)
    expect(await isAnswered(InteractionType.MessageComponent, at(-1_000))).to.equal(false)
    expect(await isAnswered(InteractionType.MessageComponent, at(200))).to.equal(true)
  })

  it('what has no message is, and what Discord does not know how to say is told', async () => {
    expect(await isAnswered(InteractionType.ApplicationCommand, refusal(10008, 404))).to.equal(true)
    const thrown = await isAnswered(InteractionType.ApplicationCommand, refusal(0, 500)).then(() => null, (error: unknown) => error)
    expect(thrown).to.be.instanceOf(DiscordAPIError)
  })
})
