import { expect, test } from 'vitest'
import { after, IllegalStep, isInside, STEPS, type Phase, type Step } from '../../src/core/phase'

const walk = (from: Phase, ...steps: Step[]): Phase => steps.reduce(after, from)

test('a teacher comes in with a link and one button', () => {
  expect(walk('arriving', 'seat_found', 'welcomed', 'enter', 'seated')).toBe('joined')
})

test('the button may be pressed before the connection stands', () => {
  expect(walk('arriving', 'seat_found', 'enter', 'lost', 'welcomed', 'seated')).toBe('joined')
})

test('a lost connection shows the lesson until the seat is back', () => {
  const away = walk('joined', 'lost', 'lost', 'welcomed')
  expect(isInside(away)).toBe(true)
  expect(walk(away, 'seated')).toBe('joined')
})

test('a closed door leads back to the start screen', () => {
  expect(walk('joining', 'refused')).toBe('looking')
})

test('an ended lesson stays over however the WebSocket closes', () => {
  expect(walk('joined', 'ended', 'lost')).toBe('over')
})

test('every phase can be left and reached', () => {
  const reached = new Set<Phase>(['arriving'])
  for (let round = 0; round < 10; round += 1) {
    for (const phase of [...reached]) Object.values(STEPS[phase]).forEach((next) => reached.add(next))
  }
  expect([...reached].sort()).toEqual((Object.keys(STEPS) as Phase[]).sort())
})

test('an illegal step raises', () => {
  expect(() => after('over', 'seated')).toThrow(IllegalStep)
  expect(() => after('joined', 'enter')).toThrow('no step "enter" from "joined"')
})
