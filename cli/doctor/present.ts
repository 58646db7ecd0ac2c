/**
 * Findings as a person reads them: worst last, so that they stand above the prompt, each with what to do. Pure.
 */
import type { Painter } from '../terminal.ts'
import { terminalWidth, wrap } from '../terminal.ts'
import type { Finding, FindingLevel } from './finding.ts'

const levels = ['ok', 'note', 'warning', 'problem'] as const
const paintOf = { ok: 'green', note: 'dim', warning: 'yellow', problem: 'red' } as const
const levelWidth = 9
const checkWidth = 22
const textWidth = terminalWidth - levelWidth - checkWidth

export function presentFindings(findings: readonly Finding[], paint: Painter): string {
  const ordered = findings.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level))
  const lines = ordered.flatMap(({ level, check, says, fix }) => {
    const texts = [...wrap(says, textWidth), ...(fix === null ? [] : wrap(`→ ${fix}`, textWidth))]
    return texts.map((text, index) => {
      const head = index === 0 ? `${paint(paintOf[level], level.padEnd(levelWidth))}${check.padEnd(checkWidth)}` : ' '.repeat(levelWidth + checkWidth)
      return `${head}${text}`
    })
  })
  return `${lines.join('\n')}\n\n${summary(findings)}\n`
}

export const countLevel = (findings: readonly Finding[], level: FindingLevel): number => findings.filter((one) => one.level === level).length

function summary(findings: readonly Finding[]): string {
  const [problems, warnings] = [countLevel(findings, 'problem'), countLevel(findings, 'warning')]
  if (problems + warnings === 0) return 'Nothing is wrong.'
  const told = [plural(problems, 'problem'), plural(warnings, 'warning')].filter((part) => part !== '')
  return `${told.join(' and ')}.`
}

const plural = (count: number, word: string): string => (count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`)
