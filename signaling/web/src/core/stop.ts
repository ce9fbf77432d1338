import { mayDo, type LessonView } from './lesson'
import type { TextKey } from './text'

/** What every screen says while the whole lesson is stopped. */
export function stopWords(view: LessonView): TextKey | null {
  if (view.stoppedBy === null) return null
  if (view.stoppedBy === 'operator') return 'stop.operator'
  return view.stoppedBy === 'assistant' ? 'stop.assistant' : 'stop.lead'
}

/** What the stop button of this page does now; null where there is none. */
export type StopAction = 'pause_lesson' | 'resume_lesson'

export function stopAction(view: LessonView): StopAction | null {
  if (view.stoppedBy === null) return mayDo(view, 'pause_lesson') ? 'pause_lesson' : null
  return view.stoppedBy !== 'operator' && mayDo(view, 'resume_lesson') ? 'resume_lesson' : null
}
