/**
 * Colours and letters of every picture.
 *
 * A picture stands on Discord's dark grey for one person and on white for the next, and nobody tells which. So it brings
 * its own ground: an opaque dark card with round corners, on which every text has a contrast of at least 7:1 and every
 * mark of at least 3:1 (WCAG 2.2, 1.4.6 and 1.4.11); only the corners are transparent.
 */
export const palette = {
  card: '#1f2128',
  edge: '#3f4350',
  text: '#f2f3f5',
  faintText: '#c4c9d4',
  track: '#30333d',
  bar: '#7d8cff',
  own: '#ffb454',
  emptyCell: '#2b2e38',
  /** From little to much; each step lighter, so that it reads without colours too. */
  heat: ['#4a6fa5', '#3f86b5', '#37a5a0', '#6ccf8e', '#f2e062'],
} as const

/** Families that systems have; the last one is whatever there is. */
export const fontStack = '"gg sans", "Noto Sans", "DejaVu Sans", "Liberation Sans", Arial, sans-serif'

export const cardRadius = 18
