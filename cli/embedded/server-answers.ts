/**
 * Does a server answer? Asked on the wire with a few bytes, so that the command line needs no database client.
 *
 * Postgres: an SSLRequest is answered with one letter by any living server, before any password.
 * https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-SSL
 * Redis: AUTH and INFO as inline commands; the answer carries the server's pid, which tells it from a stranger that
 * happens to listen on the port. https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands
 */
import { connect } from 'node:net'

/** A server on the same machine answers within a millisecond; this long means it is stopped or overwhelmed. */
const answerTimeoutMs = 2_000

/** True when a Postgres listens and has a process left to answer with. */
export async function postgresAnswers(port: number): Promise<boolean> {
  const request = Buffer.alloc(8)
  request.writeInt32BE(8, 0)
  request.writeInt32BE(80_877_103, 4)
  const answer = await ask(port, request, (text) => text.length >= 1)
  return answer === 'N' || answer === 'S'
}

/** The pid of the Redis that listens and accepts the password; undefined when there is none. */
export async function redisPidThatAnswers(port: number, password: string): Promise<number | undefined> {
  const request = Buffer.from(`AUTH ${password}\r\nINFO server\r\n`)
  const answer = await ask(port, request, (text) => text.startsWith('-') || /^process_id:\d+\r$/m.test(text))
  const pid = answer === undefined ? undefined : /^process_id:(\d+)\r$/m.exec(answer)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** Sends bytes and collects the answer until it is enough; undefined when nobody answers in time. */
function ask(port: number, request: Buffer, isEnough: (text: string) => boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1' })
    const settle = (answer: string | undefined): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(answerTimeoutMs, () => settle(undefined))
    // Refused or reset: nobody is there, which is the answer.
    socket.on('error', () => settle(undefined))
    socket.on('close', () => settle(undefined))
    socket.on('connect', () => socket.write(request))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (isEnough(text)) settle(text)
    })
  })
}
