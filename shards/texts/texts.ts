/**
 * What every language has: the keys of the English texts, with their arguments.
 */
import type { english } from './english.ts'

export type Texts = typeof english
