import { expect, test } from 'vitest'
import { connectionBanner, connectionWords } from '../../src/core/connection'

test.each([
  [false, 'broken', 'broken', 'connection.reconnecting'],
  [true, 'broken', 'connected', 'connection.media'],
  [true, 'connected', 'broken', 'connection.sending'],
  [true, 'connecting', 'idle', 'connection.connecting'],
  [true, 'connected', 'idle', 'connection.good'],
  [true, 'connected', 'connected', 'connection.good'],
] as const)('online %s, receiving %s, sending %s is told as %s', (online, receiving, sending, key) => {
  expect(connectionWords(online, receiving, sending)).toBe(key)
})

test.each([
  [false, 'connected', 'connected', 'banner.reconnecting'],
  [true, 'broken', 'broken', 'banner.media'],
  [true, 'connected', 'broken', 'banner.sending'],
  [true, 'connecting', 'idle', null],
  [true, 'connected', 'connected', null],
] as const)(
  'a banner says what is lost: online %s, receiving %s, sending %s',
  (online, receiving, sending, key) => {
    expect(connectionBanner(online, receiving, sending)).toBe(key)
  },
)
