import { expect, test } from 'vitest'
import { AUDIO_SOURCES, VIDEO_SOURCES } from '../../src/messages'
import { causeWord, say, WORDS, wordOf, type Word } from '../../src/library/words'

const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()

test('every sentence is in both languages, with the same places', () => {
  for (const [zh, en] of Object.values(WORDS)) {
    expect(zh.trim() !== '' && en.trim() !== '').toBe(true)
    expect(places(en)).toEqual(places(zh))
    expect(zh + en).not.toMatch(/薄弱|贫困|落后|\bweak\b|\bpoor\b/i)
  }
})

test('every source, chapter and cause has a word', () => {
  for (const source of [...VIDEO_SOURCES, ...AUDIO_SOURCES])
    expect(wordOf('source', source)).toBe(`source_${source}`)
  for (const what of ['begin', 'floor', 'lead', 'courseware', 'courseware_end'])
    expect(wordOf('chapter', what)).toBe(`chapter_${what}`)
  expect(causeWord('recorder_restarted')).toBe('cause_restarted')
  expect(causeWord('stalled')).toBe('cause_other')
})

test('places are filled', () => {
  expect(say('zh', 'chapter_floor' satisfies Word, { who: '东村' })).toBe('东村 发言')
})
