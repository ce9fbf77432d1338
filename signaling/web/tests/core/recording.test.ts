import { expect, test } from 'vitest'
import { mayPause, recordingLine, takenLine } from '../../src/core/recording'
import {
  AUDIO_SOURCES,
  VIDEO_SOURCES,
  type RecordingPause,
  type Role,
  type TakenSource,
} from '../../src/messages'
import { seen, SNAPSHOT, welcome } from './scene'

const students: TakenSource = { seat: 'Sone', source: 'students', state: 'recording', sentence: null }

function line(role: Role, sources: readonly TakenSource[] | null, named = true): string {
  const actions = role === 'attendee' ? [] : ['publish']
  const words = { enabled_by: named ? '王老师' : null, basis: named ? '家长同意书' : null }
  const told = sources === null ? [] : [{ type: 'taking', seq: 11, sources, ...words } as const]
  return recordingLine('zh', seen([welcome(role, { actions }), ...told]))!.text
}

test('the policy names what may be taken and what may not', () => {
  const taken = ['teacher', 'board', 'courseware', 'teacher_mic', 'courseware_audio'] as const
  expect(takenLine('zh', taken)).toBe(
    '录制规定：可以录教师画面、板书、课件、教师声音、课件声音；不录学生画面、学生声音',
  )
  expect(takenLine('en', [])).toBe('Recording rules: this lesson is not recorded')
  expect(takenLine('en', [...VIDEO_SOURCES, ...AUDIO_SOURCES])).not.toContain('never')
})

test('a room reads what is recorded of it, who enabled it, and on what basis', () => {
  const mic: TakenSource = { ...students, source: 'room_mic', state: 'waiting' }
  expect(line('room', [students, mic])).toBe(
    '正在录制：学生画面；等待录制：学生声音；批准人：王老师；依据：家长同意书',
  )
})

test('a room of which nothing is taken reads just that', () => {
  expect(line('room', [])).toBe('现在没有录制这里的画面和声音')
})

test('the lead reads of every room by its name', () => {
  const own: TakenSource = { ...students, seat: 'Slead', source: 'teacher' }
  expect(line('lead', [own, students], false)).toBe('正在录制：教师画面、河口小学学生画面')
})

test('before the recorder has spoken, and to who only watches, the policy stands', () => {
  expect(line('room', null)).toContain('录制规定')
  expect(line('attendee', [])).toContain('录制规定')
})

test('a pause is said to be one only once it is held, and then on every screen', () => {
  const told = (states: readonly TakenSource['state'][], pause: RecordingPause, role: Role = 'room') => {
    const sources = states.map((state) => ({ ...students, state }))
    const taking = { type: 'taking', seq: 11, sources, enabled_by: null, basis: null } as const
    const seat = welcome(role, { actions: role === 'room' ? ['publish'] : [] })
    return recordingLine('zh', seen([seat, taking, { type: 'recording_changed', seq: 12, pause }]))!
  }
  expect(told(['recording'], 'asked')).toEqual({
    text: '正在暂停录制…；正在录制：学生画面',
    isRunning: true,
    isFailed: false,
    isPaused: false,
  })
  expect(told(['paused', 'waiting'], 'held')).toEqual({
    text: '录制已暂停：学生画面',
    isRunning: false,
    isFailed: false,
    isPaused: true,
  })
  expect(told(['paused'], 'off').text).toBe('正在恢复录制…；录制已暂停：学生画面')
  expect(told(['failed'], 'asked').text).toBe('正在暂停录制…；录制没有成功：学生画面')
  expect(told([], 'held').text).toBe('录制已暂停；现在没有录制这里的画面和声音')
  // An assistant hears of all sources, and reads the policy like everyone who sends nothing.
  for (const one of [told([], 'held', 'attendee'), told(['paused'], 'held', 'assistant')])
    expect(one.text).toMatch(/^录制已暂停；录制规定/)
})

test('whoever may pause has a button while there is a recording, or a pause to end', () => {
  const taking = { type: 'taking', seq: 11, sources: [students], enabled_by: null, basis: null } as const
  const lead = welcome('lead', { actions: ['pause_recording'] })
  expect(mayPause(seen([lead]))).toBe(false)
  expect(mayPause(seen([lead, { ...taking, sources: [] }]))).toBe(false)
  expect(mayPause(seen([lead, taking]))).toBe(true)
  expect(mayPause(seen([welcome('room'), taking]))).toBe(false)
  const snapshot = { ...SNAPSHOT, recording_pause: 'asked' } as const
  expect(mayPause(seen([welcome('lead', { actions: ['pause_recording'], snapshot })]))).toBe(true)
})

test('"recording" is shown only for what the recorder says it writes', () => {
  const running = (state: TakenSource['state']) => {
    const message = {
      type: 'taking',
      seq: 11,
      sources: [{ ...students, state }],
      enabled_by: null,
      basis: null,
    } as const
    return recordingLine('en', seen([welcome('room', { actions: ['publish'] }), message]))!.isRunning
  }
  expect((['waiting', 'recording', 'stopped', 'failed'] as const).map(running)).toEqual([
    false,
    true,
    false,
    false,
  ])
})
