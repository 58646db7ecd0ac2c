/**
 * The baseline of the verify row: an Express application with one JSON route and nothing else, in a process of its own.
 * The body is given: as many bytes as the verdict it stands beside.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'

const app = express()
const body = JSON.parse(process.env['BENCH_BODY'] ?? '{}') as object
app.get('/bare', (_request, response) => void response.json(body))
const server = createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.({ kind: 'ready', port: (server.address() as AddressInfo).port })
process.once('disconnect', () => process.exit(0))
