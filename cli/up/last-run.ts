/**
 * `.muster/last-run/`: what a run leaves for somebody who wants to recompute it.
 *
 * receipts/{record id}.json receipt files · keys.json the public keys of guilds and cluster · journal.jsonl every event ·
 * voice-log.jsonl the sandbox's own record of who joined and left when, written by nobody else · README.txt what is what.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportedJournalRow, RunExport } from '../../prisma/run-export.ts'

const readme = `What this folder holds, one run of Muster on its local Discord.

voice-log.jsonl   The sandbox's own record, independent of the bot: one JSON object a line, in order.
                  n number, at Unix milliseconds, kind join | move | leave | state …, guild, user,
                  channel (where the member is afterwards, null after a leave), from (where before).
                  A session is one stretch of one member in one channel.
receipts/         One receipt file a session: "signed" is the base64 of the exact signed bytes (JSON),
                  "signature" Ed25519 over them, "payload_hash" their SHA-256.
keys.json         Public keys: of each guild, and the cluster's, which states them.
journal.jsonl     Every event of the guilds, hash-chained: hash = SHA-256(previous hash, payload).

Check one receipt with openssl and jq alone:

  jq -r .signed FILE | base64 -d > signed.bin
  jq -r .signature FILE | base64 -d > signature.bin
  jq -r .public_key_pem FILE > key.pem
  openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed.bin -sigfile signature.bin
`

export interface LastRun {
  readonly run: RunExport
  readonly journal: readonly ExportedJournalRow[]
  readonly clusterPublicKey: string
  readonly voiceLines: readonly object[]
}

/** Replaces the folder of the run before. Returns its path. */
export async function writeLastRun(dataFolder: string, last: LastRun): Promise<string> {
  const folder = join(dataFolder, 'last-run')
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'receipts'), { recursive: true })
  const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  for (const receipt of last.run.receipts) {
    const text = `${JSON.stringify(receipt.file, null, 2)}\n`
    await writeFile(join(folder, 'receipts', `${receipt.recordId}.json`), text)
  }
  const keys = { cluster_public_key: last.clusterPublicKey, guild_keys: last.run.keys }
  await writeFile(join(folder, 'keys.json'), `${JSON.stringify(keys, null, 2)}\n`)
  await writeFile(join(folder, 'journal.jsonl'), lines(last.journal))
  await writeFile(join(folder, 'voice-log.jsonl'), lines(last.voiceLines))
  await writeFile(join(folder, 'README.txt'), readme)
  return folder
}
