/**
 * Addresses: decoding, and which of several fitting patterns wins.
 */
import { expect } from 'chai'
import { createRouter } from '../../sandbox/rest/router.ts'

const routes = [
  { method: 'GET', pattern: '/users/{user_id}' },
  { method: 'GET', pattern: '/users/@me' },
  { method: 'DELETE', pattern: '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}' },
  { method: 'PUT', pattern: '/messages/{message_id}/reactions/{emoji_name}/@me' },
]

describe('sandbox/rest: router', () => {
  const router = createRouter(routes)
  const params = (method: string, path: string): unknown => {
    const outcome = router.find(method, path)
    return outcome.kind === 'matched' ? [outcome.match.pattern, outcome.match.params] : outcome.kind
  }

  it('a literal segment wins over a parameter, encoded or not', () => {
    expect(params('GET', '/users/@me')).to.deep.equal(['/users/@me', {}])
    expect(params('GET', '/users/%40me')).to.deep.equal(['/users/@me', {}])
    expect(params('GET', '/users/1')).to.deep.equal(['/users/{user_id}', { user_id: '1' }])
  })
  it('each segment is decoded by itself: an encoded slash separates nothing', () => {
    expect(params('DELETE', '/webhooks/1/a%2Fb/messages/2')).to.deep.equal([
      '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}',
      { webhook_id: '1', webhook_token: 'a/b', message_id: '2' },
    ])
    expect(params('PUT', '/messages/1/reactions/%F0%9F%91%8D/%40me')).to.deep.equal([
      '/messages/{message_id}/reactions/{emoji_name}/@me',
      { message_id: '1', emoji_name: '👍' },
    ])
  })
  it('tells a wrong method from an unknown address; a broken escape and an empty id are unknown', () => {
    expect(params('POST', '/users/1')).to.equal('wrong-method')
    expect(params('GET', '/nowhere')).to.equal('unknown')
    expect(params('GET', '/users/%zz')).to.equal('unknown')
    expect(params('GET', '/users/')).to.equal('unknown')
  })
})
