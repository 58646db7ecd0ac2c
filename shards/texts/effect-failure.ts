/**
 * Why an effect failed, in the reader's language. What is journaled is English; a sentence of ours has its counterpart in
 * every language, and what others said (a receiver's status, a socket's error) stays as it was said.
 */
import { english } from './english.ts'
import type { Texts } from './texts.ts'

type Failure = keyof Texts['effectFailures']

const failures = Object.entries(english.effectFailures) as readonly (readonly [Failure, string])[]

export function sayFailure(texts: Texts, told: string): string {
  const known = failures.find(([, sentence]) => sentence === told)
  return known === undefined ? told : texts.effectFailures[known[0]]
}
