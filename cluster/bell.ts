/**
 * Something changed: whoever waits for a condition looks again. The one way of this room to wait for its processes.
 */
export class Bell {
  readonly #looks = new Set<() => void>()

  ring(): void {
    for (const look of this.#looks) look()
  }

  /** Resolves as soon as the condition holds; rejects when it throws, or with the signal's reason when that aborts first. */
  until(check: () => boolean, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    return new Promise((resolve, reject) => {
      if (check()) {
        resolve()
        return
      }
      const end = (): void => {
        this.#looks.delete(look)
        signal?.removeEventListener('abort', onAbort)
      }
      const look = (): void => {
        try {
          if (!check()) return
          resolve()
        } catch (thrown) {
          reject(thrown as Error)
        }
        end()
      }
      const onAbort = (): void => {
        end()
        reject(signal?.reason as Error)
      }
      this.#looks.add(look)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
