import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { languageOf, sentence, TEXTS, type TextKey } from '../../src/core/text'

const keys = Object.keys(TEXTS.zh) as TextKey[]
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()

test('both languages have the same keys, and none is empty', () => {
  expect(Object.keys(TEXTS.en).sort()).toEqual([...keys].sort())
  for (const key of keys)
    expect([key, TEXTS.zh[key], TEXTS.en[key]].every((text) => text.trim() !== '')).toBe(true)
})

test('every sentence has the same places in both languages', () => {
  for (const key of keys) expect([key, ...places(TEXTS.en[key])]).toEqual([key, ...places(TEXTS.zh[key])])
})

test('no school is called weak or poor', () => {
  for (const text of Object.values(TEXTS).flatMap((texts) => Object.values(texts))) {
    expect(text).not.toMatch(/薄弱|贫困|落后|\bweak\b|\bpoor\b/i)
  }
})

test('every sentence is used', () => {
  const root = join(import.meta.dirname, '../../src')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => /\.(vue|ts)$/.test(file) && !/text_(zh|en)\.ts$/.test(file))
  const code = sources.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  // These are put together from a word of the messages, or from another key.
  const built =
    /^(mode|role|state|source|taking)\.|^over\.\w+_how$|^cue\.(slower|repeat|cannot_(hear|see))$|^control\.(ask|withdraw|release|(pause|resume)_lesson)$/
  expect(keys.filter((key) => !built.test(key) && !code.includes(`'${key}'`))).toEqual([])
})

test('places are filled, and unknown ones stay visible', () => {
  expect(sentence('zh', 'tile.queue', { place: 2 })).toBe('申请发言 · 第 2 位')
  expect(sentence('zh', 'tile.queue')).toContain('{place}')
})

test.each([
  ['?lang=en', null, 'en'],
  ['?lang=zh', 'en', 'zh'],
  ['', 'en', 'en'],
  ['', null, 'zh'],
  ['?lang=fr', null, 'zh'],
])('address %j and memory %j mean %s', (search, remembered, language) => {
  expect(languageOf(search, remembered)).toBe(language)
})
