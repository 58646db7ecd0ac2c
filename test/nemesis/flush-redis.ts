/**
 * FLUSHALL on a connection of its own: leases, directory and every inbox are gone, and the server lives on.
 */
import { Redis } from 'ioredis'

export async function flushRedis(url: string): Promise<void> {
  const redis = new Redis(url)
  try {
    await redis.flushall()
  } finally {
    redis.disconnect()
  }
}
