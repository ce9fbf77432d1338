import { EN } from './text_en'
import { ZH } from './text_zh'

export type Language = 'zh' | 'en'
export type TextKey = keyof typeof ZH

export const TEXTS: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { zh: ZH, en: EN }

/** A sentence in a language, with `{name}` places filled. */
export function sentence(
  language: Language,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

/** The language asked for in the address, else the remembered one, else Chinese. */
export function languageOf(search: string, remembered: string | null): Language {
  const asked = new URLSearchParams(search).get('lang') ?? remembered
  return asked?.toLowerCase().startsWith('en') ? 'en' : 'zh'
}
