/** What Discord says to an acknowledgement, and what is made of it. */
import { DiscordAPIError } from 'discord.js'
import type { REST } from 'discord.js'
import type { APIInteraction } from 'discord-api-types/v10'
import { InteractionResponseType } from 'discord-api-types/v10'
import { expect } from 'chai'
import { createRestResponder } from '../../../shards/interactions/rest-responder.ts'

const interaction = { id: '1', token: 'token' } as APIInteraction
const refusal = (code: number): DiscordAPIError =>
  new DiscordAPIError({ code, message: 'refused' }, code, 400, 'POST', 'https://discord.test', { body: undefined, files: undefined })
const responderThatHears = (error: Error) => createRestResponder({ post: () => Promise.reject(error) } as unknown as REST)

describe('rest responder', () => {
  it('a deferral that took effect although its answer was lost counts: the edit can follow', async () => {
    const responder = responderThatHears(refusal(40060))
    await responder.respond(interaction, InteractionResponseType.DeferredChannelMessageWithSource)
    await responder.respond(interaction, InteractionResponseType.DeferredMessageUpdate)
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
