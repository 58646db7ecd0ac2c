/**
 * Queries of Prometheus, parsed by Prometheus' own grammar, held against a page of metrics as a process serves it.
 */
import { parser } from '@prometheus-io/lezer-promql'

export interface Selector {
  readonly metric: string
  /** Labels that it matches on. */
  readonly labels: readonly string[]
}

export interface ParsedQuery {
  readonly selectors: readonly Selector[]
  /** Labels that results are grouped by, or matched on. */
  readonly groupings: readonly string[]
  /** Pieces that the grammar does not know. */
  readonly errors: readonly string[]
}

export function parseQuery(query: string): ParsedQuery {
  const selectors: { metric: string; labels: string[] }[] = []
  const groupings: string[] = []
  const errors: string[] = []
  let isGrouping = false
  parser.parse(query).iterate({
    enter(node) {
      const text = query.slice(node.from, node.to)
      if (node.type.isError) errors.push(text === '' ? `something is missing at ${node.from}` : text)
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] })
      if (node.name === 'GroupingLabels') isGrouping = true
      const last = selectors.at(-1)
      if (node.name === 'Identifier' && last !== undefined) last.metric = text
      if (node.name !== 'LabelName') return
      if (isGrouping) groupings.push(text)
      else last?.labels.push(text)
    },
    leave(node) {
      if (node.name === 'GroupingLabels') isGrouping = false
    },
  })
  return { selectors, groupings, errors }
}

/** Labels of every metric of a page, by the name of its samples. */
export function readPage(page: string): ReadonlyMap<string, ReadonlySet<string>> {
  const metrics = new Map<string, Set<string>>()
  for (const line of page.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? []
    if (name === undefined) continue
    const known = metrics.get(name) ?? new Set<string>()
    for (const [, label = ''] of labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) known.add(label)
    metrics.set(name, known)
  }
  return metrics
}

/** Made by Prometheus at every scrape: of no page, and with these labels. */
const scraped: readonly (readonly [string, ReadonlySet<string>])[] = [['up', new Set(['job', 'instance'])]]

/** Why the query could not answer from this page; null: everything that it asks for is there. */
export function findQueryProblem(query: string, page: ReadonlyMap<string, ReadonlySet<string>>): string | null {
  const { selectors, groupings, errors } = parseQuery(query)
  if (errors.length > 0) return `not understood: ${errors.join(', ')}`
  if (selectors.length === 0) return 'asks for no metric'
  const metrics = new Map([...page, ...scraped])
  const known = new Set<string>()
  for (const { metric, labels } of selectors) {
    const own = metrics.get(metric)
    if (own === undefined) return `${metric} is not there`
    for (const label of labels) if (!own.has(label)) return `${metric} has no label ${label}`
    for (const label of own) known.add(label)
  }
  const stranger = groupings.find((label) => !known.has(label))
  return stranger === undefined ? null : `groups by ${stranger}, which none of its metrics has`
}
