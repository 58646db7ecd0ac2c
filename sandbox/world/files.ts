/**
 * Bytes of attachments and images, served under /attachments/ and /cdn/. Not saved with the world.
 *
 * Bounded by total size: the oldest file is forgotten first, and reading it answers 404, as Discord's CDN does for
 * links that expired.
 */

export interface StoredFile {
  filename: string
  contentType: string
  bytes: Uint8Array
}

export interface Files {
  put(key: string, file: StoredFile): void
  get(key: string): StoredFile | undefined
}

/** Enough for the pictures of a long test run, little enough for a small machine. */
const bytesTotalMax = 64 * 1024 * 1024

export function createFiles(): Files {
  const files = new Map<string, StoredFile>()
  let bytesTotal = 0
  const forget = (key: string): void => {
    bytesTotal -= files.get(key)?.bytes.byteLength ?? 0
    files.delete(key)
  }
  return {
    put(key, file) {
      forget(key)
      files.set(key, file)
      bytesTotal += file.bytes.byteLength
      for (const oldest of files.keys()) {
        if (bytesTotal <= bytesTotalMax || oldest === key) break
        forget(oldest)
      }
    },
    get: (key) => files.get(key),
  }
}
