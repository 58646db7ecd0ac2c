/**
 * Headers of every answer, and how long an answer may be believed.
 */
import type { NextFunction, Request, Response } from 'express'

const headers = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'interest-cohort=()',
  // Anyone may check a record from a page of their own; nothing here depends on who asks.
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  // Unless a route knows better: an error or a health answer is of this moment.
  'Cache-Control': 'no-store',
} as const

const names = Object.keys(headers) as (keyof typeof headers)[]

export function setHeaders(request: Request, response: Response, next: NextFunction): void {
  for (const name of names) response.setHeader(name, headers[name])
  if (request.secure) response.setHeader('Strict-Transport-Security', 'max-age=31536000')
  next()
}

/** A verdict can change (amendment, erasure, tampering), so it is believed for a minute and then asked for again. */
export const shortCaching = 'public, max-age=60, must-revalidate'

export function allowShortCaching(response: Response): void {
  response.setHeader('Cache-Control', shortCaching)
}
