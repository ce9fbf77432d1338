import { expect, test } from 'vitest'
import { codeOf, lessonOf, readInvitation } from '../../src/core/arrival'

test.each([
  ['/lesson/Labc123DEF4', 'Labc123DEF4'],
  ['/lesson/Labc123DEF4/', 'Labc123DEF4'],
  ['/lesson/', null],
  ['/lesson/L/../x', null],
  ['/', null],
])('the address %s names lesson %s', (path, lesson) => {
  expect(lessonOf(path)).toBe(lesson)
})

test.each([
  ['#code=abcd-1234', 'abcd-1234'],
  ['#code=%E4%BD%A0', null],
  ['#other=1', null],
  ['', null],
])('the fragment %s holds the code %s', (fragment, code) => {
  expect(codeOf(fragment)).toBe(code)
})

test.each([
  [' https://county.example/lesson/Labc#code=k3y_x-9 \n', { lesson: 'Labc', code: 'k3y_x-9' }],
  ['/lesson/Labc?lang=en#code=k3y_x-9', { lesson: null, code: 'k3y_x-9' }],
  ['#code=k3y_x-9', { lesson: null, code: 'k3y_x-9' }],
  ['k3y_x-9', { lesson: null, code: 'k3y_x-9' }],
  ['https://county.example/lesson/Labc', null],
  ['请进入课堂', null],
  ['', null],
])('pasted %j is read as %j', (pasted, invitation) => {
  expect(readInvitation(pasted)).toEqual(invitation)
})
