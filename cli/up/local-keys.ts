/**
 * The keys of an installation that configured none: made once, kept in the data folder, readable by its owner only.
 *
 * Whoever loses this file can no longer sign for its guilds; whoever has it can. It is therefore said where it is.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { encodeBase64 } from '../../actors/records/base64.ts'
import { parseClusterSigner } from '../../actors/records/cluster-key.ts'
import { AppError, coerceError } from '../../kernel/errors.ts'
import { readFileIfThere, writeWhole } from '../embedded/data-folder.ts'

const fileSchema = z.object({ clusterKey: z.string().min(1), kek: z.string().min(1) })

export interface LocalKeys {
  /** Base64 of the 32-byte seed of the cluster's key. */
  readonly clusterKey: string
  /** Base64 of the 32-byte public key. */
  readonly clusterPublicKey: string
  /** Base64 of the 32-byte key-encryption key. */
  readonly kek: string
  /** Where they lie, when they were made here. */
  readonly file: string | null
  readonly isNew: boolean
}

/** Configured keys as they are, else those of the data folder, made now if there are none. */
export async function openLocalKeys(
  folder: string,
  configured: { readonly clusterKey: string | undefined; readonly kek: string | undefined },
): Promise<LocalKeys> {
  if (configured.clusterKey !== undefined && configured.kek !== undefined) {
    return complete({ clusterKey: configured.clusterKey, kek: configured.kek }, { file: null, isNew: false })
  }
  if (configured.clusterKey !== undefined || configured.kek !== undefined) {
    const missing = configured.clusterKey === undefined ? 'MUSTER_CLUSTER_KEY' : 'MUSTER_KEK'
    throw new AppError('configuration-invalid', `${missing} is not set: set both keys, or neither to have them made`)
  }
  const file = join(folder, 'keys.json')
  const stored = await readFileIfThere(file)
  if (stored !== undefined) return complete(parseKeyFile(file, stored), { file, isNew: false })
  const made = { clusterKey: randomBytes(32).toString('base64'), kek: randomBytes(32).toString('base64') }
  await writeWhole(file, `${JSON.stringify(made, null, 2)}\n`)
  return complete(made, { file, isNew: true })
}

function parseKeyFile(file: string, text: string): { clusterKey: string; kek: string } {
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (thrown) {
    // The text is secret: neither it nor what a parser says of it may be shown.
    coerceError(thrown)
    throw new AppError('configuration-invalid', `${file} is damaged. Put back a copy of it; without it older keys stay locked.`)
  }
}

function complete(
  keys: { readonly clusterKey: string; readonly kek: string },
  from: { readonly file: string | null; readonly isNew: boolean },
): LocalKeys {
  const { signer } = parseClusterSigner({ name: 'MUSTER_CLUSTER_KEY', text: keys.clusterKey })
  return { ...keys, ...from, clusterPublicKey: encodeBase64(signer.publicKey) }
}
