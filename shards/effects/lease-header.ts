/**
 * Marks a request that may only reach the socket while the lease covers this process.
 *
 * discord.js queues requests for seconds behind rate limits; by the time one leaves, the slot may be somebody else's. The
 * mark is looked at, and taken off, where the request meets the socket (client.ts).
 */
export const leaseHeader = 'x-muster-needs-lease'

export const needsLease: Readonly<Record<string, string>> = { [leaseHeader]: '1' }
