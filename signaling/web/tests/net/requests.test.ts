import { expect, test } from 'vitest'
import { RefusedError, Requests } from '../../src/net/requests'
import type { Request } from '../../src/core/outbox'

function line(): { sent: Request[]; requests: Requests; up: (isUp: boolean) => void } {
  const sent: Request[] = []
  let isUp = true
  const requests = new Requests((request) => {
    if (isUp) sent.push(request)
    return isUp
  })
  return { sent, requests, up: (now) => (isUp = now) }
}

test('a reply reaches the one who asked', async () => {
  const { sent, requests } = line()
  const reply = requests.ask({ type: 'hand', up: true })
  const done = { type: 'done', reply_to: sent[0]!.id } as const
  requests.receive(done)
  expect(await reply).toBe(done)
})

test('a refusal is thrown with its code', async () => {
  const { sent, requests } = line()
  const reply = requests.ask({ type: 'floor_request' })
  requests.receive({ type: 'refused', reply_to: sent[0]!.id, code: 'already_asked', sentence: 'wait' })
  await expect(reply).rejects.toMatchObject({ code: 'already_asked', message: 'wait' })
})

test('what was asked while the line was down goes out after a resume', async () => {
  const { sent, requests, up } = line()
  up(false)
  void requests.ask({ type: 'hand', up: true })
  expect(sent).toEqual([])
  up(true)
  requests.resend()
  expect(sent).toMatchObject([{ type: 'hand', up: true }])
})

test('what had no reply goes out again with the same id, and what had one does not', () => {
  const { sent, requests } = line()
  void requests.ask({ type: 'floor_request' })
  void requests.ask({ type: 'hand', up: true })
  requests.receive({ type: 'done', reply_to: sent[0]!.id })
  requests.lost()
  requests.resend()
  expect(sent.map((request) => request.id)).toEqual([sent[0]!.id, sent[1]!.id, sent[1]!.id])
})

test('a forgotten session ends all that was asked, and a late reply harms nobody', async () => {
  const { sent, requests } = line()
  const reply = requests.ask({ type: 'send_text', body: '你好' })
  requests.forget()
  await expect(reply).rejects.toEqual(new RefusedError('forgotten', 'the session is gone'))
  requests.receive({ type: 'done', reply_to: sent[0]!.id })
  requests.resend()
  expect(sent).toHaveLength(1)
})

test('only what was sent and had no reply is overdue', () => {
  const { requests, up } = line()
  const late_ms = performance.now() + 60_000
  up(false)
  void requests.ask({ type: 'floor_request' })
  expect(requests.isOverdue(late_ms)).toBe(false)
  up(true)
  requests.resend()
  expect(requests.isOverdue(late_ms)).toBe(true)
})

test('two pages never use the same ids', () => {
  const [one, other] = [line(), line()]
  void one.requests.ask({ type: 'join' })
  void other.requests.ask({ type: 'join' })
  expect(one.sent[0]!.id).not.toBe(other.sent[0]!.id)
})
