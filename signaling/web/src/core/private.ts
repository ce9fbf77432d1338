import type { Cue, Seat } from '../messages'
import { leadOf, mayDo, seatOf, type LessonView } from './lesson'

export const CUES: readonly Cue[] = ['slower', 'repeat', 'cannot_hear', 'cannot_see']

/** To whom this page may write alone: an assistant to the lead, the lead to each assistant who is there. */
export function partners(view: LessonView): readonly Seat[] {
  if (!mayDo(view, 'send_private')) return []
  const others = view.self?.role === 'lead' ? view.seats.filter(isAssistant) : [leadOf(view)]
  return others.filter((seat): seat is Seat => seat !== null && seat.present)
}

function isAssistant(seat: Seat): boolean {
  return seat.role === 'assistant'
}

/** What this page itself asks of the lead, who has not seen it yet. */
export function ownCue(view: LessonView): Cue | null {
  return view.cues.find((each) => each.seat === view.self?.seat)?.cue ?? null
}

/** One line of what is asked of the lead. */
export interface Asked {
  readonly seat: string
  readonly classroom: string
  readonly cue: Cue
}

/** What the lead's page shows of it. */
export function askedOfLead(view: LessonView): readonly Asked[] {
  if (!mayDo(view, 'cue_seen')) return []
  return view.cues.map(({ seat, cue }) => ({ seat, cue, classroom: seatOf(view, seat)?.classroom ?? '' }))
}
