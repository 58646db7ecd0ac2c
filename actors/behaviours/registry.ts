/**
 * Every feature of a guild's actor. A new feature is one folder beside this file and one line in the list below.
 */
import type { Behaviour } from '../protocol/behaviour.ts'
import type { Command, Reply } from '../protocol/command.ts'
import { codeAttendance } from './code-attendance/code-attendance.ts'
import { rolePanels } from './role-panels/role-panels.ts'
import { voiceAttendance } from './voice-attendance/voice-attendance.ts'

/** A behaviour as the runtime sees it: its own types are its own business. */
export type ErasedBehaviour = Behaviour<object, Command, JournaledEvent, Reply>

export interface JournaledEvent {
  readonly kind: string
}

/** The only cast: the runtime hands a feature nothing but what the same feature made. */
function erase<State, FeatureCommand, Event, FeatureReply>(
  behaviour: Behaviour<State, FeatureCommand, Event, FeatureReply>,
): ErasedBehaviour {
  return behaviour as unknown as ErasedBehaviour
}

export type BehaviourRegistry = ReadonlyMap<string, ErasedBehaviour>

export function createRegistry(behaviours: readonly ErasedBehaviour[]): BehaviourRegistry {
  return new Map(behaviours.map((behaviour) => [behaviour.feature, behaviour]))
}

export const features: readonly ErasedBehaviour[] = [
  erase(codeAttendance),
  erase(rolePanels),
  erase(voiceAttendance),
]
