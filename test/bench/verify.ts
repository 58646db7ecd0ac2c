/**
 * Row: verdicts over HTTP. A closed record from memory beside a bare Express JSON route of the same size, computed afresh
 * from Postgres each time, and receipt files by POST; 32 connections, the load in this process, each server in its own.
 */
import pg from 'pg'
import { encodeBase64 } from '../../actors/records/base64.ts'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { createTestCluster, insertChain, sealChain } from '../support/records.ts'
import { createTestDatabase, testServers } from '../support/servers.ts'
import { startBenchProcess } from './bench-process.ts'
import type { BenchProcess } from './bench-process.ts'
import type { BenchRow, Line, RowResult } from './bench-row.ts'
import { getRequest, measureHttp, postRequest } from './http-load.ts'
import { latencyOf } from './quantile.ts'

const connections = 32
const recordCount = 500
const clock = createSystemClock()

export const verifyRow: BenchRow = {
  name: 'verify',
  what: 'verdicts over HTTP on 32 connections: cached, computed afresh, and on receipt files',
  async run({ quick }) {
    const [seconds, warmUpSeconds] = quick ? [1, 1] : [5, 8]
    const cluster = createTestCluster('bench')
    const chain = sealChain(cluster, recordCount)
    const database = await createTestDatabase()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await insertChain(client, chain)
    await client.query('ANALYZE')
    await client.end()
    const { redisUrl } = await testServers()
    const environment = {
      NODE_ENV: 'production', DATABASE_URL: database.url, REDIS_URL: redisUrl, API_PORT: '0', LOG_LEVEL: 'error',
      MUSTER_CLUSTER_PUBLIC_KEYS: [...cluster.trusted.values()].map(encodeBase64).join(','),
      // The limit is at work and never reached.
      API_REQUESTS_PER_MINUTE: '1000000',
    }
    try {
      return await measureAll({ seconds, warmUpSeconds, chain, environment })
    } finally {
      await database.drop()
    }
  },
}

interface Plan {
  readonly seconds: number
  /** Until then the optimising compiler takes as much of the processor as a third of the answers. */
  readonly warmUpSeconds: number
  readonly chain: ReturnType<typeof sealChain>
  readonly environment: Readonly<Record<string, string>>
}

async function measureAll({ seconds, warmUpSeconds, chain, environment }: Plan): Promise<RowResult> {
  const paths = chain.sealed.map(({ receiptRow }) => `/verify/session/${receiptRow.recordId}`)
  const rounds = async (port: number, requests: readonly Buffer[]): Promise<Line & { perSecond: number; p99Ms: number }> => {
    let next = 0
    const load = { port, connections, statusExpected: 200, nextRequest: () => requests[next++ % requests.length] ?? Buffer.alloc(0) }
    await measureHttp(clock, { ...load, seconds: warmUpSeconds })
    const measured = await measureHttp(clock, { ...load, seconds })
    const latency = latencyOf(measured.latencies)
    const perSecond = measured.events / measured.seconds
    return { name: '', value: perSecond, unit: 'answers/s', latency, perSecond, p99Ms: latency.p99Ms }
  }
  const cachedApi = await startApi(environment, '10000')
  const body = await (await fetch(`http://127.0.0.1:${cachedApi.port}${paths[7] ?? ''}`)).text()
  const bare = await startBare(body)
  // Side by side in one run: what the machine does to one it does to the other.
  const bareLine = await rounds(bare.port, [getRequest('/bare')])
  const cachedLine = await rounds(cachedApi.port, [getRequest(paths[7] ?? '')])
  const files = chain.sealed.slice(0, 64).map(({ receiptRow: { signed, signature, keyId }, key }) =>
    postRequest('/verify', JSON.stringify(receiptFile({ signed, signature, keyId, publicKey: key.signer.publicKey }))))
  const postLine = await rounds(cachedApi.port, files)
  await cachedApi.process.stop()
  await bare.process.stop()
  const freshApi = await startApi(environment, '0')
  const freshLine = await rounds(freshApi.port, paths.map(getRequest))
  await freshApi.process.stop()
  return {
    lines: [
      { ...bareLine, name: 'bare Express JSON route, same size' },
      { ...cachedLine, name: 'a closed record, cached' },
      { ...freshLine, name: `a closed record of ${recordCount}, computed afresh` },
      { ...postLine, name: 'POST /verify' },
    ].map(({ name, value, unit, latency }) => ({ name, value, unit, ...(latency === undefined ? {} : { latency }) })),
    targets: [
      {
        name: 'cached, of a bare Express JSON route', figure: cachedLine.perSecond / bareLine.perSecond, unit: '×', atLeast: 0.7,
        baseline: { name: 'bare, answers/s', figure: bareLine.perSecond },
      },
      { name: 'computed afresh', figure: freshLine.perSecond, unit: 'answers/s', atLeast: 3_000 },
      { name: 'computed afresh, p99', figure: freshLine.p99Ms, unit: 'ms', atMost: 10 },
      { name: 'cached, p99', figure: cachedLine.p99Ms, unit: 'ms', atMost: 10 },
      { name: 'POST /verify', figure: postLine.perSecond, unit: 'answers/s', atLeast: 5_000 },
    ],
  }
}

async function startApi(environment: Readonly<Record<string, string>>, memoryMs: string) {
  return await started(startBenchProcess('../../api/main.ts', { ...environment, API_VERDICT_MEMORY_MS: memoryMs }))
}

async function startBare(body: string) {
  return await started(startBenchProcess('bare-express.ts', { NODE_ENV: 'production', BENCH_BODY: body }))
}

async function started(process: BenchProcess): Promise<{ readonly process: BenchProcess; readonly port: number }> {
  const { port } = await process.next<{ kind: 'ready'; port: number }>('ready')
  return { process, port }
}
