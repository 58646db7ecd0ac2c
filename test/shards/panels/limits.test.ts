/**
 * Panels with the longest words there may be, in every view, held against Discord's own description and its limits: what is
 * refused with 400 would never be shown.
 */
import { expect } from 'chai'
import type { Panel, PanelRole, PanelStyle } from '../../../actors/protocol/role-panel.ts'
import type { PanelAudit, PanelWithSeats } from '../../../actors/protocol/role-panels.ts'
import { guildId } from '../../../kernel/ids.ts'
import type { ComponentNode } from '../../../sandbox/rest/component-rules.ts'
import { checkMessageComponents } from '../../../sandbox/rest/component-rules.ts'
import { checkEmbeds } from '../../../sandbox/rest/embeds.ts'
import { createFormErrors } from '../../../sandbox/rest/form-errors.ts'
import type { SpecCheck } from '../../../sandbox/rest/spec-check.ts'
import { loadSpecCheck } from '../../../sandbox/rest/spec-check.ts'
import type { MessageAnswer } from '../../../shards/commands/slash-command.ts'
import { auditEmbed } from '../../../shards/effects/post-audit.ts'
import { answerOf, changeText } from '../../../shards/panels/change-answer.ts'
import { mainView } from '../../../shards/panels/edit-view.ts'
import { addView, colorView, dangerView, deleteView, entryView, modeView, pickView, postView, previewAnswer } from '../../../shards/panels/edit-views.ts'
import type { GuildFacts, RoleFacts } from '../../../shards/panels/guild-facts.ts'
import { memberMenus } from '../../../shards/panels/panel-components.ts'
import { panelMessage } from '../../../shards/panels/panel-message.ts'
import { english } from '../../../shards/texts/english.ts'
import { german } from '../../../shards/texts/german.ts'

const guild = guildId('9007199254740991000')
const id = (number: number) => String(9_007_199_254_740_000_000n + BigInt(number)) as never

const entry = (number: number): PanelRole => ({
  roleId: id(number), label: 'L'.repeat(80), emoji: '<a:abcdefghijklmnopqrstuvwxyz012345:9007199254740991000>', description: 'D'.repeat(100),
  temporaryMs: 364 * 86_400_000 + 23 * 3_600_000 + 59 * 60_000, seats: 1_000,
  required: Array.from({ length: 10 }, (_, index) => id(500 + index)), forbidden: Array.from({ length: 10 }, (_, index) => id(600 + index)),
  confirmed: '8', addedBy: id(1),
})

function panelOf(count: number, style: PanelStyle): PanelWithSeats {
  const panel: Panel = {
    panelId: 'zzzzzzzzzzzz', name: 'N'.repeat(100), description: 'd'.repeat(4_000), style, mode: 'limit', min: 100, max: 125, color: 0xffffff,
    roles: Array.from({ length: count }, (_, index) => entry(index)), revision: 9, target: id(7), post: { channelId: id(7), messageId: id(8) },
    shownRevision: 1, isShowing: true, failure: 'x'.repeat(200), createdBy: id(1),
  }
  return { ...panel, holders: Object.fromEntries(panel.roles.map(({ roleId }) => [roleId, Array.from({ length: 1_000 }, (_, index) => id(index))])) }
}

const role = (number: number): RoleFacts => ({ id: id(number), name: 'R'.repeat(100), position: number, managed: false, permissions: ~0n & 0xfffffffffffffn })
const facts: GuildFacts = {
  guildId: guild, ownerId: id(1), botPermissions: 8n, botHighest: role(200), role: () => role(1), channel: () => null,
  channels: () => Array.from({ length: 60 }, (_, index) => ({ id: id(index), name: 'c'.repeat(100), permissions: 0xfffffffffffffn })),
}

describe('the longest panels', function () {
  this.timeout(30_000)
  let spec: SpecCheck
  before(async () => {
    spec = await loadSpecCheck()
  })

  function check(what: string, body: object): void {
    const { flags: _, ...message } = body as MessageAnswer
    const errors = createFormErrors([])
    checkMessageComponents((message.components ?? []) as unknown as ComponentNode[], false, errors)
    checkEmbeds((message.embeds ?? []) as never, errors)
    expect(() => errors.throwIfAny(), what).not.to.throw()
    expect(spec.checkBody('POST /channels/{channel_id}/messages', message), what).to.deep.equal([])
    expect(message.content?.length ?? 0, what).to.be.at.most(2_000)
  }

  it('a check that finds nothing would be none', () => {
    expect(() => check('too long', { content: 'x', components: [{ type: 1, components: [{ type: 2, style: 1, label: 'x'.repeat(81), custom_id: 'a' }] }] })).to.throw()
  })

  for (const [count, style] of [[25, 'buttons'], [25, 'menu'], [125, 'menu']] as const) {
    it(`${count} roles as ${style}: message, menus, answers and every view of the editor, in both languages`, () => {
      const panel = panelOf(count, style)
      const all = panel.roles.map(({ roleId }) => roleId)
      for (const [language, texts] of [['en', english], ['de', german]] as const) {
        const say = (what: string): string => `${language} ${what}`
        check(say('message'), panelMessage(texts, guild, panel))
        check(say('menus'), { content: 'x', components: memberMenus(texts, guild, { panel, held: all }) })
        check(say('unique menus'), { content: 'x', components: memberMenus(texts, guild, { panel: { ...panel, mode: 'unique' }, held: all }) })
        check(say('main'), mainView(texts, guild, panel, 'x'.repeat(500)))
        check(say('add'), addView(texts, guild, panel.panelId))
        check(say('danger'), dangerView(texts, guild, { panelId: panel.panelId, roles: Array.from({ length: 25 }, (_, index) => role(index)), note: 'x'.repeat(800) }))
        for (const what of ['edit', 'remove'] as const) for (const page of [0, 4, 99]) check(say(`${what} ${page}`), pickView(texts, guild, { panel, what, page }))
        check(say('entry'), entryView(texts, guild, { panel, entry: panel.roles[0]! }))
        check(say('mode'), modeView(texts, guild, panel))
        check(say('colour'), colorView(texts, guild, panel))
        for (const page of [0, 1, 2]) check(say('post'), postView(texts, guild, { panel, facts, page }))
        check(say('delete'), deleteView(texts, guild, panel))
        check(say('preview'), previewAnswer(texts, texts, guild, panel))
        const ticket = { interactionId: id(1), applicationId: id(2), token: 't', locale: 'de', how: 'menu', held: all } as const
        const reasons = Object.keys(texts.panels.obstacles) as (keyof typeof texts.panels.obstacles)[]
        const refused = all.slice(0, 25).map((roleId, index) => ({ roleId, reason: reasons[index % reasons.length]! }))
        const failed = all.slice(0, 25).map((roleId) => ({ roleId, reason: 'x'.repeat(200) }))
        check(say('answer'), answerOf(texts, guild, { answer: { ticket, panelId: panel.panelId, userId: id(3), added: all.slice(0, 25), removed: all, failed, refused }, panel }))
        expect(changeText(texts, { added: [], removed: [], failed: [], refused: [] })).to.equal(texts.panels.nothingToChange)
      }
    })
  }

  it('ten audit lines of 125 roles each fit one message, in both languages', () => {
    const roles = Array.from({ length: 125 }, (_, index) => id(index))
    for (const texts of [english, german]) {
      const line = (kind: PanelAudit['kind']): PanelAudit => ({ userId: id(1), panelName: 'N'.repeat(100), kind, added: roles, removed: roles, failed: roles, at: 1_800_000_000_000 })
      check('audit', { embeds: Array.from({ length: 10 }, (_, index) => auditEmbed(texts, line((['add', 'remove', 'sync', 'expiry'] as const)[index % 4]!))) })
    }
  })
})
