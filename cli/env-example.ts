/**
 * The text of `.env.example`, made of the settings themselves. Pure; `npm run env:example` writes it.
 */
import { settingSections } from '../kernel/settings.ts'
import type { SettingSection } from '../kernel/settings.ts'
import type { NamedSetting } from './every-setting.ts'

const width = 120

const head = `Muster reads these from the environment, or from a file named .env beside this one (not when NODE_ENV=production). \
Everything is optional for \`npm start\`: what is not set runs embedded under .muster/, and without a token a Discord on \
this machine is brought along. Each line shows the default, or an example where there is none; take away the # to set it. \
Made by \`npm run env:example\`: change the settings in the code, not this file.`

export function envExample(settings: readonly NamedSetting[]): string {
  const sections = Object.keys(settingSections) as SettingSection[]
  const parts = sections.map((section) => {
    const own = settings.filter((setting) => setting.section === section).map(entryOf)
    return [rule(settingSections[section]), ...own].join('\n\n')
  })
  return `${[comment(head), ...parts].join('\n\n')}\n`
}

function entryOf(setting: NamedSetting): string {
  const shown = setting.example ?? setting.byDefault ?? ''
  const alias = setting.alias === undefined ? [] : [comment(`The same under another name.`), `#${setting.alias}=`]
  const lines = [comment(setting.about), `#${setting.name}=${shown}`]
  return alias.length === 0 ? lines.join('\n') : [...lines, '', ...alias].join('\n')
}

function rule(title: string): string {
  const line = `# --- ${title} `
  return line + '-'.repeat(Math.max(0, width - line.length))
}

/** Wrapped at words; a word is never cut. */
function comment(text: string): string {
  const lines: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > width) {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...lines, line].join('\n')
}
