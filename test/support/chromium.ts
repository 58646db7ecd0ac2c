/**
 * Debian's Chromium, driven by playwright-core. On a CI machine where this is root it is installed when missing; elsewhere
 * tests that need it are left out, visibly.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const executable = '/usr/bin/chromium'

/** No sandbox, because the kernel's does not work as root; no talk of its own with anybody. */
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

/** Installing from Debian's mirror. */
export const chromiumTimeoutMs = 300_000

/** Skips the test where there is no Chromium; throws where CI is set and it cannot be had. */
export function needsChromium(context: Mocha.Context): void {
  if (existsSync(executable)) return
  if (process.env['CI'] === undefined) context.skip()
  const isRoot = process.getuid?.() === 0
  const installed = isRoot && spawnSync('apt-get', ['install', '-y', 'chromium'], { stdio: 'ignore' }).status === 0
  if (!installed || !existsSync(executable)) throw new Error('missing on this machine: chromium (apt-get install -y chromium)')
}

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: executable, headless: true, args: flags })
}
