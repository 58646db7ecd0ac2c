/**
 * Families of metrics in one line each; a collector is called when somebody scrapes.
 */
import type { Registry } from 'prom-client'
import { Counter, Gauge, Histogram } from 'prom-client'

export function addCounter<Label extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
  collect?: (counter: Counter<Label>) => void,
): Counter<Label> {
  const counter: Counter<Label> = new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    ...(collect === undefined ? {} : { collect: () => collect(counter) }),
  })
  return counter
}

export function addGauge<Label extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  collect: (gauge: Gauge<Label>) => void,
): void {
  const gauge: Gauge<Label> = new Gauge({ name, help, labelNames: [...labelNames], registers: [registry], collect: () => collect(gauge) })
}

export function addHistogram(registry: Registry, name: string, help: string, buckets: readonly number[]): Histogram {
  return new Histogram({ name, help, buckets: [...buckets], registers: [registry] })
}
