#!/usr/bin/env node
/**
 * `muster` as a command, from any folder: the built program where there is one (`npm run build`), else the source through
 * its loader, in a process of its own, because the processes it starts are started as it was.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(built)) {
  await import(built.href)
} else {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal tells both of ctrl-c; who ends this one alone means the other.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('exit', (exitCode, signal) => {
    process.exitCode = exitCode ?? (signal === 'SIGINT' ? 130 : 143)
  })
}
