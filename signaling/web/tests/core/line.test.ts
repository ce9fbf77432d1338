import { expect, test } from 'vitest'
import { lineWords, rateWords } from '../../src/core/line'
import type { ReducedSource, Role, SeatLine } from '../../src/messages'
import { seen, welcome } from './scene'

const teacher: ReducedSource = { seat: 'Slead', source: 'teacher', lines: 360, paused: false }
const pupils: ReducedSource = { seat: 'Stwo', source: 'students', lines: null, paused: true }
const line: SeatLine = { seat: 'Sone', level: 2, bit_rate: 903_211, reduced: [teacher, pupils] }

function words(role: Role, lines: readonly SeatLine[], language: 'zh' | 'en' = 'zh'): string | null {
  return lineWords(language, seen([welcome(role), { type: 'lines', seq: 11, lines }]))
}

test('a room reads what its line carries and what is less for it', () => {
  expect(words('room', [line])).toBe('线路约 900 kbit/s，声音照常：教师画面 360p、山前小学学生画面暂停')
  expect(words('room', [line], 'en')).toBe(
    'Line about 900 kbit/s, sound as usual: teacher’s picture at 360p, 山前小学: pupils’ picture paused',
  )
})

test('the lead reads of its own line first, then of each room by its name', () => {
  const own = { ...line, seat: 'Slead', bit_rate: 1_449_000, reduced: [{ ...pupils, paused: false }] }
  expect(words('lead', [line, own])).toBe(
    '线路约 1.4 Mbit/s，声音照常：山前小学学生画面较小。' +
      '河口小学线路约 900 kbit/s，声音照常：教师画面 360p、山前小学学生画面暂停',
  )
})

test('nothing is said while every line carries everything', () => {
  expect(words('room', [])).toBeNull()
  expect(words('room', [{ ...line, reduced: [] }])).toBeNull()
  expect(lineWords('zh', seen([welcome('room')]))).toBeNull()
})

test('a page that comes anew forgets what was told before', () => {
  const told = seen([welcome('room'), { type: 'lines', seq: 11, lines: [line] }])
  expect(seen([welcome('room', { seq: 12 })], 0, told).lines).toEqual([])
})

test('a rate has two digits', () => {
  expect([149_600, 87_400, 2_480_000, 995_000].map(rateWords)).toEqual([
    '150 kbit/s',
    '87 kbit/s',
    '2.5 Mbit/s',
    '1 Mbit/s',
  ])
})
