/**
 * Something changed: whoever waits for a condition looks again. The one way of this room to wait for its processes.
 */
export class Bell {
  readonly #looks = new Set<() => void>()

  ring(): void {
    for (const look of this.#looks) look()
  }

  /** Resolves as soon as the condition holds; rejects with the signal's reason when that aborts first. */
  until(check: () => boolean, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    if (check()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#looks.delete(look)
        signal?.removeEventListener('abort', onAbort)
      }
      const look = (): void => {
        if (!check()) return
        end()
        resolve()
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
