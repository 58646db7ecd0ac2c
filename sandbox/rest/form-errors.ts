/**
 * Collects what is wrong with a form, and where, for the answer 50035.
 *
 * Discord nests the complaints under the field names: `errors.embeds["0"].title._errors[0].code`. discord.js
 * flattens exactly that shape into its error message, so the shape is part of the contract.
 */
import { RESTJSONErrorCodes } from 'discord-api-types/v10'
import { Refusal } from './refusals.ts'
import type { FormErrorTree } from './refusals.ts'

export type FormPath = readonly (string | number)[]

/** Complaints kept of one form; a hostile form must not make an answer larger than itself. */
const complaintsMax = 100

export interface FormErrors {
  add(path: FormPath, code: string, message: string): void
  isEmpty(): boolean
  /** Throws 50035 when anything was added. */
  throwIfAny(): void
}

/** `prefix` goes before every path, for a form that lies inside another. */
export function createFormErrors(prefix: FormPath = []): FormErrors {
  const root: FormErrorTree = {}
  let count = 0
  return {
    add(path, code, message) {
      if (count >= complaintsMax) return
      count += 1
      const leaf = descend(root, [...prefix, ...path])
      leaf._errors = [...(leaf._errors ?? []), { code, message }]
    },
    isEmpty: () => count === 0,
    throwIfAny() {
      if (count > 0) throw invalidForm(root)
    },
  }
}

/** One complaint about one field. */
export function refuseField(path: FormPath, code: string, message: string): Refusal {
  const errors: FormErrorTree = {}
  descend(errors, path)._errors = [{ code, message }]
  return invalidForm(errors)
}

function invalidForm(errors: FormErrorTree): Refusal {
  return new Refusal(400, { message: 'Invalid Form Body', code: RESTJSONErrorCodes.InvalidFormBodyOrContentType, errors })
}

function descend(root: FormErrorTree, path: FormPath): FormErrorTree {
  let node = root
  for (const step of path) {
    const next = node[String(step)]
    if (next !== undefined && !Array.isArray(next)) {
      node = next
      continue
    }
    const made: FormErrorTree = {}
    node[String(step)] = made
    node = made
  }
  return node
}
