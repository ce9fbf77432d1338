import { expect, test } from 'vitest'
import { emptyOutbox, isOverdue, markSent, post, settle, unsend } from '../../src/core/outbox'

test('ids are never used twice, and one that is sent again keeps its id', () => {
  const [one, first] = post(emptyOutbox('p'), { type: 'floor_request' })
  const [two, second] = post(settle(one, first.id), { type: 'hand', up: true })
  expect([first.id, second.id]).toEqual(['p-1', 'p-2'])
  expect(unsend(markSent(two, 'p-2', 5)).pending).toEqual([{ request: second, sent_ms: null }])
})

test('only a request that was sent can be overdue', () => {
  const [posted] = post(emptyOutbox('p'), { type: 'join' })
  expect(isOverdue(posted, 99_000, 8000)).toBe(false)
  const sent = markSent(posted, 'p-1', 1000)
  expect(isOverdue(sent, 9000, 8000)).toBe(false)
  expect(isOverdue(sent, 9001, 8000)).toBe(true)
  expect(isOverdue(settle(sent, 'p-1'), 9001, 8000)).toBe(false)
})
