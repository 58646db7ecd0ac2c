/**
 * The keys of this installation: there, of the right form, and those that the database was written under.
 *
 * Nothing of a key is told but its id, which names it and proves nothing.
 */
import { clusterKeyIdOf, parseClusterSigner, parseKeyEncryptionKeys, parseTrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Finding } from './finding.ts'
import { note, ok, problem } from './finding.ts'

export interface ConfiguredKeys {
  readonly clusterKey: string | undefined
  readonly kek: string | undefined
  readonly publicKeys: string | undefined
  /** Name of the file that holds those made here; null: there is none. */
  readonly file: string | null
}

export interface StoredKeyIds {
  readonly kekIds: readonly string[]
  readonly clusterKeyIds: readonly string[]
}

/** `stored`: null when the database could not be asked. */
export function judgeKeys(configured: ConfiguredKeys, stored: StoredKeyIds | null): readonly Finding[] {
  const { clusterKey, kek, publicKeys, file } = configured
  if (clusterKey === undefined && kek === undefined) return [judgeNone(file, stored)]
  if (clusterKey === undefined || kek === undefined) {
    const missing = kek === undefined ? 'MUSTER_KEK' : 'MUSTER_CLUSTER_KEY'
    return [problem('keys', `${missing} is not set, and the other key is`, lostKeyFix(missing))]
  }
  return [judgeKek(kek, stored), judgeClusterKey(clusterKey, publicKeys, stored)]
}

function judgeNone(file: string | null, stored: StoredKeyIds | null): Finding {
  const isUsed = stored !== null && stored.kekIds.length + stored.clusterKeyIds.length > 0
  if (isUsed) return problem('keys', 'the database holds guild keys, and neither MUSTER_CLUSTER_KEY nor MUSTER_KEK is set here', lostKeyFix('both'))
  if (file !== null) return note('keys', `those in ${file} are used by \`muster up\`: back that file up`)
  return note('keys', 'none yet: `muster up` makes them; processes started otherwise need MUSTER_CLUSTER_KEY and MUSTER_KEK')
}

function lostKeyFix(which: string): string {
  return `Set ${which === 'both' ? 'both' : which} from where you keep your secrets (or from keys.json of the installation that made them). Only for a new installation: \`openssl rand -base64 32\`.`
}

function judgeKek(text: string, stored: StoredKeyIds | null): Finding {
  try {
    const ids = parseKeyEncryptionKeys({ name: 'MUSTER_KEK', text }).map(({ kekId }) => kekId)
    const unknown = (stored?.kekIds ?? []).filter((id) => !ids.includes(id))
    if (unknown.length > 0) {
      const fix = 'Put the key that wrapped them behind the first in MUSTER_KEK, separated by a comma, then run `muster keys rewrap`.'
      return problem('keys', `guild keys are stored under the key-encryption key ${unknown.join(', ')}, which is not in MUSTER_KEK: those guilds cannot sign`, fix)
    }
    const old = (stored?.kekIds ?? []).filter((id) => id !== ids[0])
    if (old.length > 0) return note('keys', 'some guild keys are still under an older key-encryption key: `muster keys rewrap` moves them')
    return ok('keys', `MUSTER_KEK opens the guild keys (${ids[0]})`)
  } catch (thrown) {
    return problem('keys', coerceError(thrown).message, 'MUSTER_KEK is 32 bytes in base64, as `openssl rand -base64 32` makes them; several are separated by commas.')
  }
}

function judgeClusterKey(text: string, publicKeys: string | undefined, stored: StoredKeyIds | null): Finding {
  try {
    const { clusterKeyId, signer } = parseClusterSigner({ name: 'MUSTER_CLUSTER_KEY', text })
    const trusted = publicKeys === undefined ? [clusterKeyId] : [...parseTrustedClusterKeys({ name: 'MUSTER_CLUSTER_PUBLIC_KEYS', text: publicKeys }).keys()]
    if (!trusted.includes(clusterKeyIdOf(signer.publicKey))) {
      const own = Buffer.from(signer.publicKey).toString('base64')
      return problem('cluster key', 'its public half is not in MUSTER_CLUSTER_PUBLIC_KEYS: nobody would believe what it signs', `Add ${own} to MUSTER_CLUSTER_PUBLIC_KEYS everywhere, the API included.`)
    }
    const unknown = (stored?.clusterKeyIds ?? []).filter((id) => !trusted.includes(id))
    if (unknown.length > 0) {
      return problem('cluster key', `guild keys are stated by the cluster key ${unknown.join(', ')}, which is not believed here`, 'Add its public half to MUSTER_CLUSTER_PUBLIC_KEYS, separated by a comma.')
    }
    return ok('cluster key', `${clusterKeyId} signs, and is believed`)
  } catch (thrown) {
    return problem('cluster key', coerceError(thrown).message, 'Both are base64: the key of 32 bytes from `openssl rand -base64 32`, and public halves as /keys shows them.')
  }
}
