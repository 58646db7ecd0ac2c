/**
 * The few things of a browser that the page's script uses, as types. The house is compiled without the DOM's own, which
 * would put a second set of globals beside Node's.
 */
export interface PageElement {
  textContent: string
  readonly dataset: Record<string, string | undefined>
  hidden: boolean
  querySelector(selector: string): PageElement | null
  setAttribute(name: string, value: string): void
  classList: { add(...names: string[]): void; remove(...names: string[]): void }
}

export interface PageDocument {
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

/** `crypto.subtle` is missing on pages that did not come over https (or from this machine). */
export interface PageWindow {
  readonly document: PageDocument
  readonly crypto: { readonly subtle?: { digest(name: string, bytes: Uint8Array): Promise<ArrayBuffer> } }
  readonly location: { readonly protocol: string }
  fetch(address: string): Promise<{ readonly ok: boolean; json(): Promise<unknown> }>
}
