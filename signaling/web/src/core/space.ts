import type { LessonView } from './lesson'
import { sentence, type Language } from './text'

/** What who leads is told of the recorder's disk; null while there is enough. */
export function spaceWords(language: Language, view: LessonView): string | null {
  if (view.space === null || view.space.level === 'enough') return null
  if (view.space.level === 'full') return sentence(language, 'space.full')
  const minutes = view.space.lasts_min ?? 0
  return minutes < 1 ? sentence(language, 'space.now') : sentence(language, 'space.short', { minutes })
}
