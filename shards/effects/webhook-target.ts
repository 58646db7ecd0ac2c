/**
 * Where a webhook may go: public addresses over https. What is checked is the address that is then connected to, so a name
 * that answers one thing to the check and another to the connection gains nothing.
 *
 * Refused is everything that is not globally reachable: loopback, private networks, link-local (where clouds keep their
 * credentials), carrier networks, documentation, multicast, and IPv6 outside 2000::/3 with its tunnels that carry any IPv4
 * address. https://www.iana.org/assignments/iana-ipv4-special-registry
 * The allow-list of the configuration names exceptions, empty by default; they may also use http.
 */
import { BlockList, isIP } from 'node:net'

export interface WebhookTarget {
  readonly url: URL
  readonly isAllowListed: boolean
}

/** `host` or `host:port`, lower case; from configuration. */
export type WebhookAllowList = readonly string[]

const v4Special = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12],
  ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15],
  ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const
/** Within 2000::/3: Teredo and ORCHID, documentation, 6to4. */
const v6Special = [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]] as const
const urlLengthMax = 500

/** null: not a place for webhooks, whatever its address is. */
export function parseWebhookUrl(text: string, allowed: WebhookAllowList): WebhookTarget | null {
  if (text.length > urlLengthMax || !URL.canParse(text)) return null
  const url = new URL(text)
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port
  const isAllowListed = allowed.includes(url.hostname) || allowed.includes(`${url.hostname}:${port}`)
  if (url.username !== '' || url.password !== '') return null
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowListed)) return null
  const address = bareAddress(url.hostname)
  if (isIP(address) !== 0 && !isAllowListed && !isPublicAddress(address)) return null
  return { url, isAllowListed }
}

/** IPv6 addresses stand in brackets in a URL. */
export function bareAddress(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special().check(address, 'ipv4')
    case 6:
      return global6().check(address, 'ipv6') && !special().check(address, 'ipv6')
    default:
      return false
  }
}

function special(): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of v4Special) list.addSubnet(network, prefix, 'ipv4')
  for (const [network, prefix] of v6Special) list.addSubnet(network, prefix, 'ipv6')
  return list
}

function global6(): BlockList {
  const list = new BlockList()
  list.addSubnet('2000::', 3, 'ipv6')
  return list
}
