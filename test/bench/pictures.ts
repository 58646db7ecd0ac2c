/**
 * Draws samples of every picture, measures each format, and writes what docs/voice-attendance.md shows:
 * `node --import tsx test/bench/pictures.ts`. Each sample is shown on Discord's dark and on its light ground.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Canvas } from '@napi-rs/canvas'
import { createCanvas } from '@napi-rs/canvas'
import { drawPicture } from '../../shards/render/draw-picture.ts'
import type { Picture } from '../../shards/render/picture.ts'
import { formatDuration } from '../../shards/texts/duration.ts'
import { english } from '../../shards/texts/english.ts'
import { median } from './quantile.ts'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const rounds = 25
/** Discord's grounds behind a message. */
const grounds = ['#313338', '#ffffff']
const edge = 20

const bar = (label: string, value: number, isOwn = false) => ({ label, value, valueText: formatDuration(english, value), isOwn })

const samples: Readonly<Record<string, Picture>> = {
  member: {
    kind: 'member',
    title: english.userStatsTitle('Grace'),
    subtitle: english.chartPeriod(7),
    accountsTitle: english.chartAccounts,
    accounts: [bar(english.chartCounted, 20_012, true), bar(english.pauses.self_mute, 3_000), bar(english.pauses.alone, 1_200), bar(english.pauses.unobserved, 40)],
    ranksTitle: english.chartRanks,
    ranks: Array.from({ length: 8 }, (_, index) => bar(`#${index + 1}`, 39_200 - index * 4_797, index === 4)),
  },
  channels: {
    kind: 'bars',
    title: english.chartChannels,
    subtitle: english.chartPeriod(7),
    bars: ['Lecture hall', 'Library', 'Study group with a long name', 'Café', 'Workshop'].map((label, index) => bar(label, 51_300 - index * 9_130, index === 1)),
  },
  activity: {
    kind: 'heatmap',
    title: english.heatmapTitle,
    subtitle: english.heatmapSince('November 2, 2026', 'Europe/Berlin'),
    less: english.heatmapLess,
    more: english.heatmapMore,
    rows: english.weekdays.map((label, day) => ({
      label,
      values: Array.from({ length: 24 }, (_, hour) => (hour < 7 ? 0 : Math.sin(((hour - 6) / 18) * Math.PI) ** 3 * (day > 4 ? 2 : 1) * (0.5 + ((hour * 7 + day * 13) % 10) / 10))),
    })),
  },
}

function onBothGrounds(card: Canvas): Canvas {
  const height = card.height + 2 * edge
  const sheet = createCanvas(card.width + 2 * edge, height * grounds.length)
  const context = sheet.getContext('2d')
  for (const [index, ground] of grounds.entries()) {
    context.fillStyle = ground
    context.fillRect(0, index * height, sheet.width, height)
    context.drawImage(card, edge, index * height + edge)
  }
  return sheet
}

async function measure(encode: () => Promise<Buffer>): Promise<string> {
  const times: number[] = []
  let bytes = 0
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now()
    bytes = (await encode()).byteLength
    times.push(performance.now() - before)
  }
  return `${median(times).toFixed(1)} ms, ${Math.round(bytes / 1024)} KiB`
}

await mkdir(folder, { recursive: true })
process.stdout.write(`${cpus().length} cores, Node ${process.version}, median of ${rounds}\n`)
for (const [name, picture] of Object.entries(samples)) {
  const card = drawPicture(picture)
  const png = await measure(() => card.encode('png'))
  const webp = await measure(() => card.encode('webp', 90))
  const jpeg = await measure(() => card.encode('jpeg', 90))
  process.stdout.write(`${name}: PNG ${png} · WebP ${webp} · JPEG ${jpeg}\n`)
  await writeFile(`${folder}${name}.png`, await onBothGrounds(card).encode('png'))
}
