import { expect, test } from 'vitest'
import { floorAction, roomWords } from '../../src/core/floor'
import type { ServerMessage } from '../../src/messages'
import { seen, SNAPSHOT, welcome } from './scene'

const room = (holder: string | null, requests: string[], hand = false) => {
  const seat: ServerMessage = { type: 'seat_changed', seq: 11, seat: { ...SNAPSHOT.seats[1]!, hand } }
  return seen([welcome('room'), seat, { type: 'floor_changed', seq: 12, floor: { holder, requests } }])
}

test('a room without the floor is told that nobody hears it', () => {
  expect(roomWords(room(null, []), true, true)).toMatchObject({ key: 'room.silent', tone: 'quiet' })
  expect(floorAction(room(null, []))).toBe('ask')
})

test('a room that waits is told its place', () => {
  expect(roomWords(room('Stwo', ['Sx', 'Sone']), true, true)).toMatchObject({ key: 'room.queued', place: 2 })
  expect(floorAction(room('Stwo', ['Sx', 'Sone']))).toBe('withdraw')
})

test('a room that speaks is told so, unless its microphone is off', () => {
  expect(roomWords(room('Sone', []), true, true).key).toBe('room.you_speak')
  expect(roomWords(room('Sone', []), true, false)).toMatchObject({
    key: 'room.microphone_off',
    tone: 'warning',
  })
  expect(floorAction(room('Sone', []))).toBe('release')
})

test('a hand that is up is confirmed while nobody speaks', () => {
  expect(roomWords(room(null, [], true), true, true).key).toBe('room.hand_up')
  expect(roomWords(room('Stwo', [], true), true, true).key).toBe('room.other_speaks')
})

test('a room that is cut off is told that its turn is kept', () => {
  expect(roomWords(room('Sone', []), false, true)).toMatchObject({ key: 'room.offline', tone: 'warning' })
})

test('who sends nothing is told that it only watches', () => {
  expect(roomWords(seen([welcome('attendee')]), true, null).key).toBe('watch.note')
})
