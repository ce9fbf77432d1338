import { ref, watchEffect } from 'vue'
import { languageOf } from '../core/text'
import { recall, remember } from '../net/memory'
import { LibraryError } from './api'
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

/** The lesson that the address names; null for the list. */
export const open = ref(opened())

function opened(): string | null {
  return /^\/lesson\/(\w+)$/.exec(location.pathname)?.[1] ?? null
}

export function go(id: string | null): void {
  history.pushState(null, '', id === null ? '/' : `/lesson/${id}`)
  open.value = id
  scrollTo(0, 0)
}

addEventListener('popstate', () => (open.value = opened()))
