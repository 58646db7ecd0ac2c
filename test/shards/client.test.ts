/** What of discord.js is passed over, and that the pinned version still has it where it is passed over. */
import { expect } from 'chai'
import { Client, Events } from 'discord.js'
import { createShardClient } from '../../shards/client.ts'

interface WithActions {
  readonly actions: { readonly InteractionCreate: { handle(data: unknown): void } }
}

const typed = {
  id: '1', application_id: '2', token: 't', version: 1, type: 2, guild_id: '3', channel: { id: '4', type: 0 }, locale: 'en-US', entitlements: [],
  app_permissions: '0', authorizing_integration_owners: {}, member: { user: { id: '5', username: 'ada' }, roles: [], permissions: '0' },
  data: { id: '6', name: 'here', type: 1, options: [] },
}

/** How many interactions the library tells of one that came over the gateway. */
function toldBy(client: Client): number {
  let told = 0
  client.on(Events.InteractionCreate, () => (told += 1))
  ;(client as unknown as WithActions).actions.InteractionCreate.handle(typed)
  return told
}

describe('the discord.js client of a shard process', () => {
  it('makes no object of an interaction; the plain library would', () => {
    const client = createShardClient({
      discordApi: 'http://127.0.0.1:9/api',
      shards: { SHARD_LIST: [0], TOTAL_SHARDS: 1 },
      restRequestsPerSecond: 24,
      hasMembersIntent: false,
      createIdentifyThrottle: () => ({ waitForIdentify: () => Promise.resolve() }),
      leaseCovers: () => true,
    })
    expect(toldBy(client)).to.equal(0)
    expect(toldBy(new Client({ intents: [] }))).to.equal(1)
  })
})
