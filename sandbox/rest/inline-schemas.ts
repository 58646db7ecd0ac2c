/**
 * The request bodies that Discord's description writes inline, so that `discord-api-spec` exports no schema for them.
 *
 * Same builder (zod mini) and same bounds as the description; unknown keys are ignored as everywhere.
 */
import * as z from 'zod/mini'

export const inlineNames = ['<channel-permission>', '<bulk-delete>', '<own-member-edit>', '<member-edit>'] as const

export type InlineName = (typeof inlineNames)[number]

export function createInlineSchemas(): Record<InlineName, z.ZodMiniType> {
  const snowflake = z.string().check(z.regex(/^(0|[1-9][0-9]*)$/))
  return {
    '<channel-permission>': z.object({
      type: z.nullish(z.literal([0, 1])),
      allow: z.nullish(z.number()),
      deny: z.nullish(z.number()),
    }),
    // The description bounds the count too; Discord answers its own code for that (50016), the route sees to it.
    '<bulk-delete>': z.object({ messages: z.array(snowflake) }),
    '<own-member-edit>': z.object({
      nick: z.nullish(z.string().check(z.maxLength(32))),
      avatar: z.nullish(z.string()),
      bio: z.nullish(z.string().check(z.maxLength(190))),
      banner: z.nullish(z.string()),
    }),
    '<member-edit>': z.object({
      nick: z.nullish(z.string().check(z.maxLength(32))),
      roles: z.nullish(z.array(z.nullable(snowflake))),
      mute: z.nullish(z.boolean()),
      deaf: z.nullish(z.boolean()),
      channel_id: z.nullish(snowflake),
      communication_disabled_until: z.nullish(z.string().check(z.iso.datetime())),
      flags: z.nullish(z.number()),
    }),
  }
}
