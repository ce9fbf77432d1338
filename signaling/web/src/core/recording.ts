import { AUDIO_SOURCES, VIDEO_SOURCES, type Source, type TakenSource, type TakeState } from '../messages'
import { seatOf, type LessonView } from './lesson'
import { sentence, type Language } from './text'

/** What is recorded of this room and for whom, in one line; `isRunning` only while frames are being written. */
export interface RecordingLine {
  readonly text: string
  readonly isRunning: boolean
  readonly isFailed: boolean
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

const ORDER: readonly TakeState[] = ['recording', 'failed', 'waiting', 'stopped']

/** What is being taken here, as the recorder says; before its first word, and for who sends nothing, the policy. */
export function recordingLine(language: Language, view: LessonView): RecordingLine | null {
  if (view.lesson === null) return null
  const policy = takenLine(language, view.lesson.taken)
  const sends = view.self?.actions.includes('publish') ?? false
  if (view.taking === null || !sends) return { text: policy, isRunning: false, isFailed: false }
  const { sources, enabled_by, basis } = view.taking
  const has = (state: TakeState) => sources.some((source) => source.state === state)
  const parts = ORDER.filter(has).map((state) => stateWords(language, view, state))
  if (parts.length === 0) parts.push(sentence(language, 'taking.nothing'))
  else if (enabled_by !== null)
    parts.push(sentence(language, 'taking.basis', { name: enabled_by, basis: basis ?? '' }))
  return {
    text: parts.join(language === 'zh' ? '；' : '; '),
    isRunning: has('recording'),
    isFailed: has('failed'),
  }
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
