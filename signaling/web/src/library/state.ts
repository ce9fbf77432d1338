import { ref, watchEffect } from 'vue'
import { languageOf } from '../core/text'
import { recall, remember } from '../net/memory'
import { LibraryError, type Viewer } from './api'
import { say, type Word } from './words'

export const language = ref(languageOf(location.search, recall('language')))

watchEffect(() => (document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'))

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh'
  remember('language', language.value)
}

/** A sentence in the chosen language. */
export function t(word: Word, values?: Readonly<Record<string, string | number>>): string {
  return say(language.value, word, values)
}

/** What to tell a person when a request failed. */
export function troubleOf(error: unknown): Word {
  const status = error instanceof LibraryError ? error.status : 0
  return status === 401 ? 'no_entry' : status === 404 ? 'gone' : status === 403 ? 'code_used' : 'offline'
}

/** Who has entered; null before, and for nobody. */
export const viewer = ref<Viewer | null>(null)

/** The library has an address of its own, or is a part of signaling's where schools reach one port only. */
const BASE = /^\/library(?=\/|$)/.exec(location.pathname)?.[0] ?? ''

const shown = () => location.pathname.slice(BASE.length) || '/'

/** The page that is shown: `/`, `/work` or `/lesson/{id}`. */
export const place = ref(shown())

/** The address of a page. */
export function at(path: string): string {
  return BASE + path
}

/** The lesson that an address names; null for every other page. */
export function lessonAt(path: string): string | null {
  return /^\/lesson\/(\w+)$/.exec(path)?.[1] ?? null
}

export function go(path: string): void {
  history.pushState(null, '', at(path))
  place.value = path
  scrollTo(0, 0)
}

addEventListener('popstate', () => (place.value = shown()))
