/**
 * What a row's processes share: a database and a Redis prefix of their own, and the keys that sign.
 */
import { randomBytes } from 'node:crypto'
import { createSigner } from '../../actors/records/ed25519.ts'
import { createTestDatabase, testRedisPrefix, testServers } from '../support/servers.ts'
import { refuseWeakDurability } from './durability.ts'

export interface BenchHouse {
  /** What every process of the row is given. */
  readonly environment: Readonly<Record<string, string>>
  readonly databaseUrl: string
  close(): Promise<void>
}

/** Throws when the database's durability is weakened. */
export async function openBenchHouse(): Promise<BenchHouse> {
  const { redisUrl } = await testServers()
  const database = await createTestDatabase()
  await refuseWeakDurability(database.url)
  const seed = randomBytes(32)
  const environment = {
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    REDIS_PREFIX: testRedisPrefix(),
    DISCORD_TOKEN: 'unused',
    MUSTER_CLUSTER_KEY: seed.toString('base64'),
    MUSTER_CLUSTER_PUBLIC_KEYS: Buffer.from(createSigner(seed).publicKey).toString('base64'),
    MUSTER_KEK: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'error',
  }
  return { environment, databaseUrl: database.url, close: () => database.drop() }
}
