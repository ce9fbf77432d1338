import { expect, test } from 'vitest'
import {
  arrivalTrouble,
  closeVerdict,
  deviceTrouble,
  mayPass,
  overReason,
  refusalTrouble,
} from '../../src/core/trouble'

test.each([
  ['NotAllowedError', 'device.denied'],
  ['NotFoundError', 'device.none'],
  ['NotReadableError', 'device.busy'],
  ['TypeError', 'device.failed'],
])('%s of a device is told as %s', (name, key) => {
  expect(deviceTrouble(new DOMException('', name))).toBe(key)
})

test('codes that nobody knows still get a sentence', () => {
  expect(refusalTrouble('never_heard_of')).toBe('refused.other')
  expect(overReason('never_heard_of')).toBe('over.other')
  expect(arrivalTrouble('never_heard_of')).toBe('arrival.server')
})

test('the close codes of the protocol lead where they should', () => {
  const codes = [4000, 4001, 4003, 4004, 4008, 4009, 4010, 1006]
  const retry = 'retry'
  expect(codes.map(closeVerdict)).toEqual([retry, 'no_seat', 'over', 'over', retry, retry, retry, retry])
})

test('only a fault of network or server may pass by itself', () => {
  expect([0, 503, 401, 404, 429].map(mayPass)).toEqual([true, true, false, false, false])
})
