/**
 * What the nemesis and its processes say to each other over IPC.
 */
import type { Incarnation } from '../../kernel/ids.ts'

export type ToOwner =
  /** As the manager tells it: the process was seen to exit. */
  | { readonly kind: 'process-dead'; readonly incarnation: Incarnation }
  /** Read guilds of this series, until `rest`. */
  | { readonly kind: 'read'; readonly series: number }
  | { readonly kind: 'rest' }

export type FromOwner =
  /** Its lease stands. */
  | { readonly kind: 'started'; readonly incarnation: Incarnation }
  /** So many journal rows were refused because another fence is above ours. */
  | { readonly kind: 'fenced'; readonly rows: number }
  /** So many slots of a doubted commit turned out to be somebody else's. */
  | { readonly kind: 'lost-in-doubt'; readonly slots: number }
  /** A commit whose outcome nobody knew. */
  | { readonly kind: 'unknown' }

export type ToClient =
  /** Ask, over the guilds of this series, until `rest`. */
  | { readonly kind: 'load'; readonly series: number }
  /** Ask nothing new; what is open is asked until it is answered. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'end' }

export type FromClient =
  | { readonly kind: 'ready' }
  /** Nothing is open, and every record is in its file. */
  | { readonly kind: 'calm' }
