/**
 * The manager's two stores in memory: generations, and what operators ask. Held to the contract of the real ones.
 */
import type { Clock } from '../../../kernel/clock.ts'
import type { ManagerRequestStore, StoredRequest } from '../../../prisma/manager-request-store.ts'
import type { StoredTopology, TopologyStore } from '../../../prisma/topology-store.ts'

export function createMemoryTopologyStore(): TopologyStore {
  let rows: StoredTopology[] = []
  const newestFirst = (): StoredTopology[] => rows.toSorted((a, b) => b.generation - a.generation)
  const isAt = (generation: number, phase: string): boolean => rows.some((row) => row.generation === generation && row.phase === phase)
  return {
    listTopologies: async (limit) => newestFirst().slice(0, limit),
    newestTopology: async () => newestFirst()[0] ?? null,
    currentTopology: async () => newestFirst().find(({ phase }) => phase === 'current') ?? null,
    async insertTopology(topology) {
      if (rows.some(({ generation }) => generation === topology.generation)) return false
      rows.push({ ...topology })
      return true
    },
    async movePhase({ generation, from, to }) {
      if (!isAt(generation, from)) return false
      rows = rows.map((row) => (row.generation === generation ? { ...row, phase: to } : row))
      return true
    },
    async makeCurrent({ generation, from, retireOthers }) {
      if (!isAt(generation, from)) return false
      rows = rows.map((row) => {
        if (row.generation === generation) return { ...row, phase: 'current' }
        return retireOthers && row.generation < generation && row.phase === 'current' ? { ...row, phase: 'retired' } : row
      })
      return true
    },
  }
}

export function createMemoryManagerRequestStore(clock: Clock): ManagerRequestStore {
  const rows = new Map<string, StoredRequest & { readonly isOpen: boolean; readonly changedAtMs: number }>()
  const change = (id: string, isAllowed: (row: StoredRequest & { readonly isOpen: boolean }) => boolean, to: Partial<StoredRequest> & { isOpen?: boolean }): boolean => {
    const row = rows.get(id)
    if (row === undefined || !isAllowed(row)) return false
    rows.set(id, { ...row, ...to, changedAtMs: clock.monotonicMs() })
    return true
  }
  const read = (id: string): StoredRequest | null => {
    const row = rows.get(id)
    if (row === undefined) return null
    const { isOpen: _isOpen, changedAtMs, ...request } = row
    return { ...request, silentMs: clock.monotonicMs() - changedAtMs }
  }
  const open = (): StoredRequest | null => {
    const found = [...rows.values()].find(({ isOpen }) => isOpen)
    return found === undefined ? null : read(found.id)
  }
  return {
    async insertRequest({ id, wish }) {
      const present = open()
      if (present !== null) return { open: present }
      const times = { createdAt: new Date(clock.wallMs()), silentMs: 0, changedAtMs: clock.monotonicMs() }
      rows.set(id, { id, wish, state: 'asked', abortAsked: false, manager: null, progress: null, sentence: null, isOpen: true, ...times })
      return 'inserted'
    },
    readRequest: async (id) => read(id),
    openRequest: async () => open(),
    takeRequest: async ({ id, manager }) => change(id, ({ state }) => state === 'asked', { state: 'running', manager }),
    withdrawRequest: async (id) => change(id, ({ state }) => state === 'asked', { state: 'withdrawn', isOpen: false }),
    askAbort: async (id) => change(id, ({ isOpen }) => isOpen, { abortAsked: true }),
    async writeProgress({ id, progress }) {
      change(id, ({ isOpen }) => isOpen, { progress })
    },
    endRequest: async ({ id, state, sentence, progress }) =>
      change(id, ({ isOpen }) => isOpen, { state, sentence, isOpen: false, ...(progress === null ? {} : { progress }) }),
  }
}
