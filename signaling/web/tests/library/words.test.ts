import { expect, test } from 'vitest'
import { AUDIO_SOURCES, VIDEO_SOURCES } from '../../src/messages'
import {
  causeWord,
  failureWord,
  say,
  shutWord,
  WORDS,
  wordOf,
  type Language,
  type Word,
} from '../../src/library/words'

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
  const pause = { from: '3:05', until: '4:00' }
  const told = (language: Language) =>
    say(language, 'missing_line', {
      ...pause,
      what: say(language, wordOf('source', 'teacher')),
      cause: say(language, causeWord('paused')),
    })
  expect(told('zh')).toBe('3:05–4:00 教师画面：录制暂停')
  expect(told('en')).toBe('3:05–4:00 teacher’s picture: recording paused')
  expect(causeWord('stalled')).toBe('cause_other')
})

test('places are filled', () => {
  expect(say('zh', 'chapter_floor' satisfies Word, { who: '东村' })).toBe('东村 发言')
})

test('every job, decision and role has a word', () => {
  for (const kind of ['track', 'combined', 'pictures', 'entry', 'store', 'check', 'thin', 'remove', 'expire'])
    expect(wordOf('job', kind)).toBe(`job_${kind}`)
  for (const act of ['play', 'look', 'object', 'settle', 'hold', 'release'])
    expect(wordOf('act', act)).toBe(`act_${act}`)
  for (const role of ['lead', 'assistant', 'room', 'listener', 'attendee', 'reviewer', 'patrol', 'operator'])
    expect(wordOf('role', role)).toBe(`role_${role}`)
})

test('a failure is said in words, whatever the worker wrote', () => {
  expect(failureWord('[Errno 28] No space left on device')).toBe('why_disk_full')
  expect(failureWord('a segment cannot be read: Invalid data found')).toBe('why_unreadable')
  expect(failureWord('manifest: the signature is wrong; it was changed, or the key is another one')).toBe(
    'why_changed',
  )
  expect(failureWord('takes/L1/K1/derived/film.mp4.sealed/00001-ab is missing in the store')).toBe(
    'why_damaged',
  )
  expect(failureWord('lesson key of L1: wrapped by master key ab, and cd is configured')).toBe('why_master')
  expect(failureWord('5 attempts ended without a word, the last of w4')).toBe('why_killed')
  expect(failureWord('something new')).toBe('why_other')
})

test('whoever may not play is told why', () => {
  expect(['objection', 'pupils', 'role', ''].map(shutWord)).toEqual([
    'why_objection',
    'why_pupils',
    'why_role',
    'not_playable',
  ])
})
