/**
 * Ports: the preferred one when it is free, else the next.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { findFreePort } from '../../../cli/embedded/free-port.ts'
import { codeOf } from '../../../kernel/errors.ts'

describe('free port', () => {
  it('0 gives any free port', async () => {
    expect(await findFreePort(0)).to.be.within(1024, 65_535)
  })

  it('a taken port is passed over', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    expect(await findFreePort(port)).to.be.greaterThan(port)
    taken.close()
    await once(taken, 'close')
  })

  it('no port above 65535 is asked for: the end of the range is named', async () => {
    const taken = createServer().listen(65_535, '127.0.0.1')
    await once(taken, 'listening')
    const error = await findFreePort(65_535).catch((thrown: unknown) => thrown)
    taken.close()
    expect(codeOf(error)).to.equal('port-exhausted')
  })
})
