import { AUDIO_SOURCES, VIDEO_SOURCES, type Source } from '../messages'
import { sentence, type Language } from './text'

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
