/**
 * The paging buttons of `/leaderboard`: another page in place of the one that was clicked.
 */
import type { ClickContext, ComponentHandler } from '../interactions/component-handler.ts'
import { answerBoard, boardFeature } from '../voice/board-message.ts'

/** A number of a custom id, which comes from outside: anything odd is the first page, or the running period. */
const numberOf = (text: string | undefined): number => (/^\d{1,10}$/.test(text ?? '') ? Number(text) : 0)

export const leaderboardComponents: ComponentHandler = {
  feature: boardFeature,
  permission: null,
  replacesMessage: true,
  click(context: ClickContext) {
    const [index, page] = context.args
    return answerBoard(context, { index: numberOf(index) === 0 ? null : numberOf(index), page: Math.max(1, numberOf(page)) })
  },
}
