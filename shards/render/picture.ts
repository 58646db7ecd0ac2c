/**
 * What can be drawn: plain data, with every word already in the language of the person who asked.
 */

/** One bar; `isOwn` is drawn in the accent. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly valueText: string
  readonly isOwn: boolean
}

export interface BarsPicture {
  readonly kind: 'bars'
  readonly title: string
  readonly subtitle: string
  readonly bars: readonly Bar[]
}

/** Where a member's time went, beside the ranks around them. */
export interface MemberPicture {
  readonly kind: 'member'
  readonly title: string
  readonly subtitle: string
  readonly accountsTitle: string
  readonly accounts: readonly Bar[]
  readonly ranksTitle: string
  readonly ranks: readonly Bar[]
}

export interface HeatmapPicture {
  readonly kind: 'heatmap'
  readonly title: string
  readonly subtitle: string
  /** Seven rows, in the order in which they are drawn, of 24 hours each. */
  readonly rows: readonly { readonly label: string; readonly values: readonly number[] }[]
  readonly less: string
  readonly more: string
}

export type Picture = BarsPicture | MemberPicture | HeatmapPicture
