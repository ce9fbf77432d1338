import {
  AUDIO_SOURCES,
  VIDEO_SOURCES,
  type RecordingPause,
  type Source,
  type TakenSource,
  type TakeState,
} from '../messages'
import { mayDo, seatOf, type LessonView } from './lesson'
import { sentence, type Language, type TextKey } from './text'

/** What is recorded of this room and for whom, in one line; `isRunning` only while frames are being written. */
export interface RecordingLine {
  readonly text: string
  readonly isRunning: boolean
  readonly isFailed: boolean
  readonly isPaused: boolean
}

/** The visible line that says what the recording policy lets be taken, and what it spares. */
export function takenLine(language: Language, taken: readonly Source[]): string {
  const all = [...VIDEO_SOURCES, ...AUDIO_SOURCES]
  const named = (sources: readonly Source[]) =>
    sources.map((source) => sentence(language, `source.${source}`)).join(sentence(language, 'separator'))
  const values = {
    taken: named(all.filter((source) => taken.includes(source))),
    spared: named(all.filter((source) => !taken.includes(source))),
  }
  if (taken.length === 0) return sentence(language, 'taken.none')
  return sentence(language, values.spared === '' ? 'taken.all' : 'taken.some', values)
}

const ORDER: readonly TakeState[] = ['recording', 'paused', 'failed', 'waiting', 'stopped']

/** What is being taken here, as the recorder says; before its first word, and for who sends nothing, the policy. */
export function recordingLine(language: Language, view: LessonView): RecordingLine | null {
  if (view.lesson === null) return null
  const taking = mayDo(view, 'publish') ? view.taking : null
  const has = (state: TakeState) => taking?.sources.some((source) => source.state === state) ?? false
  // Nothing waits to be recorded while nothing is to be.
  const isHeld = view.lesson.recording_pause === 'held'
  const pause = pauseKey(view.lesson.recording_pause, has('paused'))
  const parts = pause === null ? [] : [sentence(language, pause)]
  if (taking === null) parts.push(takenLine(language, view.lesson.taken))
  else
    parts.push(
      ...statesWords(
        language,
        view,
        ORDER.filter(has).filter((state) => !isHeld || state !== 'waiting'),
      ),
    )
  return {
    text: parts.join(language === 'zh' ? '；' : '; '),
    isRunning: has('recording'),
    isFailed: has('failed'),
    isPaused: isHeld,
  }
}

/** Whether this page's person may have the recording paused, and there is one. */
export function mayPause(view: LessonView): boolean {
  const isTaken = (view.taking?.sources.length ?? 0) > 0
  return mayDo(view, 'pause_recording') && (isTaken || isPauseWanted(view))
}

/** Whether the lead wants nothing recorded now, be it so already or not. */
export function isPauseWanted(view: LessonView): boolean {
  return view.lesson !== null && view.lesson.recording_pause !== 'off'
}

/** What is to be said beside the states of sources: the recorder hears of a pause, and of its end, a moment later. */
function pauseKey(pause: RecordingPause, hasPaused: boolean): TextKey | null {
  if (pause === 'asked') return 'taking.pausing'
  if (pause === 'held') return hasPaused ? null : 'taking.held'
  return hasPaused ? 'taking.resuming' : null
}

function statesWords(language: Language, view: LessonView, states: readonly TakeState[]): string[] {
  if (states.length === 0) return [sentence(language, 'taking.nothing')]
  const words = states.map((state) => stateWords(language, view, state))
  const { enabled_by, basis } = view.taking ?? { enabled_by: null, basis: null }
  if (enabled_by === null) return words
  return [...words, sentence(language, 'taking.basis', { name: enabled_by, basis: basis ?? '' })]
}

function stateWords(language: Language, view: LessonView, state: TakeState): string {
  const sources = view.taking?.sources.filter((source) => source.state === state) ?? []
  const list = sources
    .map((source) => sourceWords(language, view, source))
    .join(sentence(language, 'separator'))
  return sentence(language, `taking.${state}`, { list })
}

function sourceWords(language: Language, view: LessonView, { seat, source }: TakenSource): string {
  const words = sentence(language, `source.${source}`)
  if (seat === view.self?.seat) return words
  const classroom = seatOf(view, seat)?.classroom ?? ''
  return sentence(language, 'taking.of_room', { classroom, source: words })
}
