/**
 * A wire between a client and a server that a test may hold or cut: answers that are lost, servers that are silent.
 */
import { createConnection, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { mustEnd } from './leaks.ts'

export interface TcpProxy {
  readonly port: number
  /** From now on nothing comes back: what is sent still arrives. */
  holdAnswers(): void
  /** Cuts every connection; with `refuse` also the ones to come. */
  cut(options?: { readonly refuse: boolean }): void
  /** Heals everything for connections made from now on. */
  heal(): void
  close(): Promise<void>
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const wires = new Set<{ readonly near: Socket; readonly far: Socket }>()
  let isHolding = false
  let isRefusing = false

  const server = createServer((near) => {
    if (isRefusing) {
      near.destroy()
      return
    }
    const far = createConnection(target)
    const wire = { near, far }
    wires.add(wire)
    const end = (): void => {
      wires.delete(wire)
      near.destroy()
      far.destroy()
    }
    near.pipe(far)
    far.on('data', (bytes: Buffer) => {
      if (!isHolding) near.write(bytes)
    })
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  mustEnd('tcp proxy', () => server.listening)

  return {
    port: (server.address() as AddressInfo).port,
    holdAnswers: () => {
      isHolding = true
    },
    cut: ({ refuse } = { refuse: false }) => {
      isRefusing = refuse
      for (const { near } of wires) near.destroy()
    },
    heal: () => {
      isHolding = false
      isRefusing = false
    },
    close: () =>
      new Promise((resolve) => {
        for (const { near } of wires) near.destroy()
        server.close(() => resolve())
      }),
  }
}
