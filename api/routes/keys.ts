/**
 * `GET /keys`: the cluster's public keys, from configuration. `GET /keys/{guild}`: the guild's, with their statements.
 *
 * With `/jwks` behind either, the same as a JWK set and nothing else (RFC 7517). Only keys whose statement verifies are listed; a row without one does not exist.
 */
import { Router } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { allowShortCaching } from '../headers.ts'
import { presentClusterJwks, presentClusterKeys, presentGuildJwks, presentGuildKeys } from '../presenter.ts'
import { readGuildId } from '../request-fields.ts'

const jwkSetType = 'application/jwk-set+json; charset=utf-8'

export function keyRoutes(deps: { readonly records: RecordReader; readonly trusted: TrustedClusterKeys }): Router {
  const router = Router()
  router.get('/keys', (_request, response) => {
    allowShortCaching(response)
    response.json(presentClusterKeys(deps.trusted))
  })
  router.get('/keys/jwks', (_request, response) => {
    allowShortCaching(response)
    response.type(jwkSetType).json(presentClusterJwks(deps.trusted))
  })
  router.get(['/keys/:guildId', '/keys/:guildId/jwks'], async (request, response) => {
    const guildId = readGuildId(request.params['guildId'])
    if (guildId === null) return answerError(response, 400, 'not-a-guild-id', 'the id of a guild is a Discord id')
    const keys = await deps.records.listKeys(guildId)
    if (keys.length === 0) return answerError(response, 404, 'unknown-guild', 'this guild has no signing keys')
    allowShortCaching(response)
    if (request.path.endsWith('/jwks')) response.type(jwkSetType).json(presentGuildJwks(deps.trusted, keys))
    else response.json(presentGuildKeys(deps.trusted, guildId, keys))
  })
  router.all(['/keys', '/keys/jwks', '/keys/:guildId', '/keys/:guildId/jwks'], answerOtherMethods)
  return router
}
