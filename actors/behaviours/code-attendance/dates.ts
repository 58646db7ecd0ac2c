/**
 * Days and wall clock of a guild's time zone. luxon as in voice attendance's calendar, for the same reason: asked only
 * while deciding, and what it answered is journaled or written, so that newer time zone data changes no past record.
 */
import { DateTime, IANAZone } from 'luxon'

export const isTimeZone = (name: string): boolean => name.length <= 64 && IANAZone.isValidZone(name)

/** `YYYY-MM-DD`. */
export const dateOf = (at: number, timeZone: string): string => DateTime.fromMillis(at, { zone: timeZone }).toFormat('yyyy-MM-dd')

/** `YYYY-MM-DD HH:MM:SS`. */
export const localTimeOf = (at: number, timeZone: string): string => DateTime.fromMillis(at, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm:ss')

/** True for a day of the calendar as `YYYY-MM-DD`. */
export function isDateId(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'UTC' }).isValid
}

/** The session of a record that belongs to no class: one a day. */
export const manualSession = (dateId: string): string => `manual_${dateId.replaceAll('-', '')}`
