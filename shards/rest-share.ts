/**
 * Shares Discord's global limit of REST requests out over the processes of a token. Pure.
 *
 * 50 requests a second for one token, whoever sends them; each process gets its part, and two of a process count are
 * left for the manager and for tools. Interaction endpoints are exempt and have a client of their own.
 * https://docs.discord.com/developers/topics/rate-limits#global-rate-limit
 */
const globalPerSecond = 50
/** The manager asks `/gateway/bot`; an operator's tool now and then something else. */
const reservedPerSecond = 2

export function restShare(processCount: number): number {
  return Math.max(1, Math.floor((globalPerSecond - reservedPerSecond) / processCount))
}
