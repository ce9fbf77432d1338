import { computed, ref, watchEffect } from 'vue'
import { languageOf, sentence, type Language, type TextKey } from '../core/text'
import { recall, remember } from '../net/memory'

export const language = ref<Language>(languageOf(location.search, recall('language')))

watchEffect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
})

/** A sentence in the chosen language. */
export function t(key: TextKey, values?: Readonly<Record<string, string | number>>): string {
  return sentence(language.value, key, values)
}

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh'
  remember('language', language.value)
}

/** The same page at an address where the browser gives camera and screen. */
export const secureAddress = computed(() => `https://${location.host}${location.pathname}`)
