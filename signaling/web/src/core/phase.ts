/** Where a page stands on its way into and out of a lesson. */
export type Phase =
  'arriving' | 'connecting' | 'looking' | 'joining' | 'joined' | 'rejoining' | 'over' | 'no_seat'

/** What can happen to a page. */
export type Step =
  'seat_found' | 'seat_missing' | 'welcomed' | 'enter' | 'seated' | 'refused' | 'lost' | 'ended' | 'again'

/** A step that the table does not know; the phase stays as it was. */
export class IllegalStep extends Error {
  constructor(phase: Phase, step: Step) {
    super(`no step "${step}" from "${phase}"`)
  }
}

export const STEPS: Readonly<Record<Phase, Partial<Record<Step, Phase>>>> = {
  arriving: { seat_found: 'connecting', seat_missing: 'no_seat' },
  connecting: {
    welcomed: 'looking',
    enter: 'joining',
    lost: 'connecting',
    ended: 'over',
    seat_missing: 'no_seat',
  },
  looking: { enter: 'joining', lost: 'connecting', ended: 'over', seat_missing: 'no_seat' },
  joining: {
    welcomed: 'joining',
    seated: 'joined',
    refused: 'looking',
    lost: 'joining',
    ended: 'over',
    seat_missing: 'no_seat',
  },
  joined: { lost: 'rejoining', ended: 'over', seat_missing: 'no_seat' },
  rejoining: {
    welcomed: 'rejoining',
    seated: 'joined',
    refused: 'looking',
    lost: 'rejoining',
    ended: 'over',
    seat_missing: 'no_seat',
  },
  over: { lost: 'over', ended: 'over', again: 'arriving' },
  no_seat: { lost: 'no_seat', again: 'arriving' },
}

/** The phase after a step. */
export function after(phase: Phase, step: Step): Phase {
  const next = STEPS[phase][step]
  if (next === undefined) throw new IllegalStep(phase, step)
  return next
}

/** Whether the page shows the lesson rather than a screen before or after it. */
export function isInside(phase: Phase): boolean {
  return phase === 'joined' || phase === 'rejoining'
}
