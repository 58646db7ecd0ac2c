/**
 * Every operation the sandbox serves and its body and answers, in the words of Discord's OpenAPI description.
 *
 * The right-hand sides are the types of `discord-api-spec`'s `Paths`, verbatim: a test reads that file and compares,
 * so that an update of the description shows here. spec-check.ts turns the words into schemas. A body written inline
 * in the description has a name here in angle brackets and its schema in inline-schemas.ts.
 */

export interface Operation {
  readonly body?: string
  /** Status → type; a status that is not listed may not be answered, 204 has no body. */
  readonly answers: Readonly<Record<number, string>>
}

const commands = 'ApplicationCommandResponse[] | null'
const command = 'ApplicationCommandResponse'
const channel = 'GuildChannelResponse | PrivateChannelResponse | PrivateGroupChannelResponse | ThreadResponse'
const nothing: Operation = { answers: { 204: 'unknown' } }
const only = (type: string): Operation => ({ answers: { 200: type } })

export const operations = {
  'GET /gateway': only('GatewayResponse'),
  'GET /gateway/bot': only('GatewayBotResponse'),
  'GET /users/@me': only('UserPIIResponse'),
  'PATCH /users/@me': { body: 'BotAccountPatchRequest', answers: { 200: 'UserPIIResponse' } },
  'GET /users/{user_id}': only('UserResponse'),
  'POST /users/@me/channels': {
    body: 'CreatePrivateChannelRequest',
    answers: { 200: 'PrivateChannelResponse | PrivateGroupChannelResponse' },
  },
  'GET /applications/@me': only('PrivateApplicationResponse'),
  'GET /oauth2/applications/@me': only('PrivateApplicationResponse'),

  'GET /applications/{application_id}/commands': only(commands),
  'PUT /applications/{application_id}/commands': {
    body: 'ApplicationCommandUpdateRequest[] | null',
    answers: { 200: commands },
  },
  'POST /applications/{application_id}/commands': {
    body: 'ApplicationCommandCreateRequest',
    answers: { 200: command, 201: command },
  },
  'GET /applications/{application_id}/commands/{command_id}': only(command),
  'PATCH /applications/{application_id}/commands/{command_id}': {
    body: 'ApplicationCommandPatchRequestPartial',
    answers: { 200: command },
  },
  'DELETE /applications/{application_id}/commands/{command_id}': nothing,
  'GET /applications/{application_id}/guilds/{guild_id}/commands': only(commands),
  'PUT /applications/{application_id}/guilds/{guild_id}/commands': {
    body: 'ApplicationCommandUpdateRequest[] | null',
    answers: { 200: commands },
  },
  'POST /applications/{application_id}/guilds/{guild_id}/commands': {
    body: 'ApplicationCommandCreateRequest',
    answers: { 200: command, 201: command },
  },
  'GET /applications/{application_id}/guilds/{guild_id}/commands/{command_id}': only(command),
  'PATCH /applications/{application_id}/guilds/{guild_id}/commands/{command_id}': {
    body: 'ApplicationCommandPatchRequestPartial',
    answers: { 200: command },
  },
  'DELETE /applications/{application_id}/guilds/{guild_id}/commands/{command_id}': nothing,

  'POST /interactions/{interaction_id}/{interaction_token}/callback': {
    body:
      'ApplicationCommandAutocompleteCallbackRequest | CreateMessageInteractionCallbackRequest' +
      ' | LaunchActivityInteractionCallbackRequest | ModalInteractionCallbackRequest | PongInteractionCallbackRequest' +
      ' | SocialLayerSKUPurchaseEligibilityInteractionCallbackRequest | UpdateMessageInteractionCallbackRequest',
    answers: { 200: 'InteractionCallbackResponse', 204: 'unknown' },
  },
  'POST /webhooks/{webhook_id}/{webhook_token}': {
    body: 'IncomingWebhookRequestPartial | IncomingWebhookUpdateRequestPartial',
    answers: { 200: 'MessageResponse', 204: 'unknown' },
  },
  'GET /webhooks/{webhook_id}/{webhook_token}/messages/@original': only('MessageResponse'),
  'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original': {
    body: 'IncomingWebhookUpdateRequestPartial',
    answers: { 200: 'MessageResponse' },
  },
  'DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original': nothing,
  'GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': only('MessageResponse'),
  'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': {
    body: 'IncomingWebhookUpdateRequestPartial',
    answers: { 200: 'MessageResponse' },
  },
  'DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': nothing,

  'GET /channels/{channel_id}': only(channel),
  'PATCH /channels/{channel_id}': {
    body: 'UpdateDMRequestPartial | UpdateGroupDMRequestPartial | UpdateGuildChannelRequestPartial | UpdateThreadRequestPartial',
    answers: { 200: channel },
  },
  'DELETE /channels/{channel_id}': only(channel),
  'PUT /channels/{channel_id}/permissions/{overwrite_id}': { body: '<channel-permission>', answers: { 204: 'unknown' } },
  'DELETE /channels/{channel_id}/permissions/{overwrite_id}': nothing,
  'POST /channels/{channel_id}/typing': { answers: { 200: 'TypingIndicatorResponse', 204: 'unknown' } },

  'GET /channels/{channel_id}/messages': only('MessageResponse[] | null'),
  'POST /channels/{channel_id}/messages': { body: 'MessageCreateRequest', answers: { 200: 'MessageResponse' } },
  'POST /channels/{channel_id}/messages/bulk-delete': { body: '<bulk-delete>', answers: { 204: 'unknown' } },
  'GET /channels/{channel_id}/messages/{message_id}': only('MessageResponse'),
  'PATCH /channels/{channel_id}/messages/{message_id}': {
    body: 'MessageEditRequestPartial',
    answers: { 200: 'MessageResponse' },
  },
  'DELETE /channels/{channel_id}/messages/{message_id}': nothing,
  'GET /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}': only('UserResponse[]'),
  'PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me': nothing,
  'DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me': nothing,
  'DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/{user_id}': nothing,
  'GET /channels/{channel_id}/messages/pins': only('PinnedMessagesResponse'),
  'PUT /channels/{channel_id}/messages/pins/{message_id}': nothing,
  'DELETE /channels/{channel_id}/messages/pins/{message_id}': nothing,
  'GET /channels/{channel_id}/pins': only('MessageResponse[] | null'),
  'PUT /channels/{channel_id}/pins/{message_id}': nothing,
  'DELETE /channels/{channel_id}/pins/{message_id}': nothing,

  'GET /guilds/{guild_id}': only('GuildWithCountsResponse'),
  'GET /guilds/{guild_id}/channels': only(`(${channel})[] | null`),
  'POST /guilds/{guild_id}/channels': { body: 'CreateGuildChannelRequest', answers: { 201: 'GuildChannelResponse' } },
  'GET /guilds/{guild_id}/roles': only('GuildRoleResponse[]'),
  'POST /guilds/{guild_id}/roles': { body: 'CreateRoleRequest', answers: { 200: 'GuildRoleResponse' } },
  'PATCH /guilds/{guild_id}/roles': { body: 'UpdateRolePositionsRequest[]', answers: { 200: 'GuildRoleResponse[]' } },
  'GET /guilds/{guild_id}/roles/{role_id}': only('GuildRoleResponse'),
  'PATCH /guilds/{guild_id}/roles/{role_id}': {
    body: 'UpdateRoleRequestPartial',
    answers: { 200: 'GuildRoleResponse' },
  },
  'DELETE /guilds/{guild_id}/roles/{role_id}': nothing,

  'GET /guilds/{guild_id}/members': only('GuildMemberResponse[]'),
  'GET /guilds/{guild_id}/members/search': only('GuildMemberResponse[]'),
  'GET /guilds/{guild_id}/members/{user_id}': only('GuildMemberResponse'),
  'PATCH /guilds/{guild_id}/members/@me': { body: '<own-member-edit>', answers: { 200: 'PrivateGuildMemberResponse' } },
  'PATCH /guilds/{guild_id}/members/{user_id}': {
    body: '<member-edit>',
    answers: { 200: 'GuildMemberResponse', 204: 'unknown' },
  },
  'DELETE /guilds/{guild_id}/members/{user_id}': nothing,
  'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}': nothing,
  'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}': nothing,
  'GET /guilds/{guild_id}/voice-states/@me': only('VoiceStateResponse'),
  'GET /guilds/{guild_id}/voice-states/{user_id}': only('VoiceStateResponse'),

  'GET /guilds/{guild_id}/bans': only('GuildBanResponse[] | null'),
  'GET /guilds/{guild_id}/bans/{user_id}': only('GuildBanResponse'),
  'PUT /guilds/{guild_id}/bans/{user_id}': { body: 'BanUserFromGuildRequest', answers: { 204: 'unknown' } },
  'DELETE /guilds/{guild_id}/bans/{user_id}': { body: 'UnbanUserFromGuildRequest', answers: { 204: 'unknown' } },
  'POST /guilds/{guild_id}/bulk-ban': { body: 'BulkBanUsersRequest', answers: { 200: 'BulkBanUsersResponse' } },
  'GET /guilds/{guild_id}/audit-logs': only('GuildAuditLogResponse'),
} as const satisfies Record<string, Operation>

/** `METHOD /pattern` of everything served. */
export type OperationName = keyof typeof operations
