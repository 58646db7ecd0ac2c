/**
 * People and the bot itself: accounts that exist whether or not they are in a guild.
 */
import type { APIDMChannel, APIUser } from 'discord-api-types/v10'
import { ChannelType } from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'
import { noFlags } from './core.ts'

export interface Users {
  get(userId: string): APIUser | undefined
  create(input: { username: string; globalName?: string | null; bot?: boolean; id?: string }): APIUser
  /** Changes the account; members of guilds show the new name from then on. */
  update(userId: string, patch: Partial<Pick<APIUser, 'username' | 'global_name' | 'avatar' | 'locale'>>): APIUser
  /** The bot's direct message channel with the user, opened when there is none. */
  openDm(userId: string): APIDMChannel
  /** Whether the user accepts direct messages from the bot (else 50007). */
  setDmsClosed(userId: string, closed: boolean): void
  areDmsClosed(userId: string): boolean
}

export function createUsers(core: WorldCore): Users {
  const { state, ids } = core
  return {
    get: (userId) => state.users.get(userId),
    create({ username, globalName = null, bot = false, id = ids.next() }) {
      const user: APIUser = {
        id,
        username,
        discriminator: bot ? '0001' : '0',
        global_name: globalName,
        avatar: null,
        public_flags: noFlags,
        ...(bot ? { bot: true } : {}),
      }
      state.users.set(id, user)
      core.hub.touch()
      return user
    },
    update(userId, patch) {
      const user = { ...core.user(userId), ...patch }
      state.users.set(userId, user)
      core.hub.touch()
      return user
    },
    openDm(userId) {
      const known = [...state.dms.values()].find((dm) => dm.recipients?.[0]?.id === userId)
      if (known !== undefined) return known
      const dm: APIDMChannel = {
        id: ids.next(),
        type: ChannelType.DM,
        name: null,
        last_message_id: null,
        flags: noFlags,
        recipients: [core.user(userId)],
      }
      state.dms.set(dm.id, dm)
      core.hub.touch()
      return dm
    },
    setDmsClosed(userId, closed) {
      if (closed) state.closedDms.add(userId)
      else state.closedDms.delete(userId)
      core.hub.touch()
    },
    areDmsClosed: (userId) => state.closedDms.has(userId),
  }
}
