/**
 * Starts a worker thread from a file of this house, whether we run as TypeScript or as built JavaScript.
 *
 * The loader that reads TypeScript is not passed on to threads by Node 20, so a thread of a `.ts` file registers it
 * itself before it imports the file.
 */
import { Worker } from 'node:worker_threads'

/** `file` is the URL of the module without its extension; `from` the caller's import.meta.url, whose extension it has. */
export function startThread(file: URL, from: string, workerData: unknown): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`${file.href}.js`), { workerData })
  // Resolved here: evaluated text resolves names from the working folder, which may be anywhere.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const bootstrap = `import(${loader}).then(({ register }) => { register(); return import(${JSON.stringify(`${file.href}.ts`)}) })`
  return new Worker(bootstrap, { eval: true, workerData })
}
