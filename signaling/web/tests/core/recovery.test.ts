import { expect, test } from 'vitest'
import { isWorthRestarting, remedyFor } from '../../src/core/recovery'

const STATES: RTCPeerConnectionState[] = [
  'new',
  'connecting',
  'connected',
  'disconnected',
  'failed',
  'closed',
]

test('a silent connection looks for other paths before it is given up', () => {
  const first = remedyFor('disconnected', false)
  const second = remedyFor('disconnected', true)
  expect([first?.act, second?.act]).toEqual(['restart', 'rebuild'])
  expect(first!.after_ms).toBe(2000)
})

test('what is well, new or over needs no remedy', () => {
  for (const state of STATES.filter((state) => state !== 'disconnected')) {
    expect([remedyFor(state, false), remedyFor(state, true)]).toEqual([null, null])
  }
})

test('another network restarts only what had a path', () => {
  expect(STATES.filter(isWorthRestarting)).toEqual(['connected', 'disconnected'])
})
