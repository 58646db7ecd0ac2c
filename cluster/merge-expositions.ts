/**
 * Several pages of Prometheus' text format as one: each family once, with the samples of all. Pure.
 *
 * The pages come from our own processes and their samples carry a `process` label, so none is there twice. What is not
 * understood is left out rather than passed on: one bad line makes Prometheus refuse the whole page.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

interface Family {
  help: string
  type: string
  readonly samples: string[]
}

const headPattern = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/
const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)( \d+)?$/

export function mergeExpositions(pages: readonly string[]): string {
  const families = new Map<string, Family>()
  for (const page of pages) addPage(families, page)
  return [...families].map(([name, family]) => textOf(name, family)).join('')
}

function addPage(families: Map<string, Family>, page: string): void {
  let current: { readonly name: string; readonly family: Family } | null = null
  for (const line of page.split('\n')) {
    const [, word, name = '', rest = ''] = headPattern.exec(line) ?? []
    if (word !== undefined) {
      const family = families.get(name) ?? { help: '', type: 'untyped', samples: [] }
      families.set(name, family)
      if (word === 'HELP') family.help = rest
      else family.type = rest
      current = { name, family }
      continue
    }
    const sample = samplePattern.exec(line)?.[1]
    // A histogram's samples have names of their own that begin with the family's.
    if (sample !== undefined && current !== null && sample.startsWith(current.name)) current.family.samples.push(line)
  }
}

function textOf(name: string, { help, type, samples }: Family): string {
  if (samples.length === 0) return ''
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('\n')}\n`
}
