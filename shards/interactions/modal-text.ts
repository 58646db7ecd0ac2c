/**
 * Reads what was typed into a submitted modal, whichever way its inputs were laid out.
 */
import type { APIModalSubmitInteraction } from 'discord-api-types/v10'

interface Filled {
  readonly custom_id?: unknown
  readonly value?: unknown
  readonly component?: Filled
  readonly components?: readonly Filled[]
}

export function modalText(interaction: APIModalSubmitInteraction, name: string): string {
  const found = findInput(interaction.data.components as readonly Filled[], name)
  return typeof found?.value === 'string' ? found.value : ''
}

function findInput(components: readonly Filled[], name: string): Filled | undefined {
  for (const filled of components) {
    if (filled.custom_id === name) return filled
    const inner = [...(filled.components ?? []), ...(filled.component === undefined ? [] : [filled.component])]
    const found = findInput(inner, name)
    if (found !== undefined) return found
  }
  return undefined
}
