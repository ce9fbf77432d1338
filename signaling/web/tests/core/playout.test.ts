import { expect, test } from 'vitest'
import { AT_EASE, heardIn, judge, type Judged } from '../../src/core/playout'

/** What is waited for, second by second, of a line that loses so many of 200 packets a second. */
function waits(seconds: readonly { round_trip_ms: number | null; missed: number; packets?: number }[]) {
  let judged: Judged | null = null
  let [received, missed] = [0, 0]
  return seconds.map((second, at) => {
    received += (second.packets ?? 200) - second.missed
    missed += second.missed
    judged = judge(judged, { round_trip_ms: second.round_trip_ms, checks: at, received, missed }, at * 1000)
    return judged.playout.wait_ms
  })
}

const calm = (count: number, round_trip_ms = 40) =>
  Array.from({ length: count }, () => ({ round_trip_ms, missed: 0 }))

test('a good line is left to the browser', () => {
  expect(waits(calm(5))).toEqual([null, null, null, null, null])
  expect(waits([...calm(1), { round_trip_ms: 40, missed: 3 }])[1]).toBe(null)
})

test('a lossy line waits for a repair and for the far copy', () => {
  const lossy = (round_trip_ms: number) => [...calm(1, round_trip_ms), { round_trip_ms, missed: 4 }]
  expect([20, 100, 250].map((ms) => waits(lossy(ms))[1])).toEqual([120, 180, 330])
})

test('a far line waits for a repair before anything is lost, and never longer than a second', () => {
  expect([300, 600, 2000].map((ms) => waits(calm(1, ms))[0])).toEqual([450, 750, 1000])
})

test('a line that loses more waits for more rounds of repair', () => {
  const lossy = (round_trip_ms: number, missed: number) => [
    ...calm(1, round_trip_ms),
    { round_trip_ms, missed },
  ]
  expect([4, 8, 16, 60].map((missed) => waits(lossy(100, missed))[1])).toEqual([180, 280, 380, 380])
  expect([4, 8, 16, 60].map((missed) => waits(lossy(20, missed))[1])).toEqual([120, 200, 300, 300])
})

test('it stops thirty seconds after the last time that was worth it', () => {
  const seconds = waits([...calm(1), { round_trip_ms: 40, missed: 5 }, ...calm(40)])
  expect(seconds.lastIndexOf(120)).toBe(30)
  expect(seconds.slice(31)).toEqual(Array.from({ length: 11 }, () => null))
})

test('small changes of the way change nothing, nor does one slow answer, and a longer way does', () => {
  const ways = [600, 640, 560, 900, 580, 700, 720]
  const waited = waits(ways.map((round_trip_ms) => ({ round_trip_ms, missed: 0 })))
  expect(waited).toEqual([750, 750, 750, 750, 750, 850, 850])
})

test('a first answer that looks quick is believed until two others differ', () => {
  const ways = [100, 600, 600]
  expect(waits(ways.map((round_trip_ms) => ({ round_trip_ms, missed: 0 })))).toEqual([null, null, 750])
})

test('one check counts once, however often it is looked at', () => {
  const look = (last: Judged | null, round_trip_ms: number, checks: number) =>
    judge(last, { round_trip_ms, checks, received: 0, missed: 0 }, 0)
  const looks = [look(null, 100, 1)]
  for (let at = 0; at < 5; at += 1) looks.push(look(looks.at(-1)!, 600, 2))
  expect(looks.at(-1)!.playout).toEqual(AT_EASE)
  expect(look(looks.at(-1)!, 600, 3).playout.line).toBe('far')
})

test('few packets are waited for until they say something', () => {
  const trickle = (missed: number) => ({ round_trip_ms: 40, missed, packets: 50 })
  expect(waits([trickle(0), trickle(1), trickle(0), trickle(0)])).toEqual([null, null, null, null])
  expect(waits([trickle(0), trickle(2), trickle(2), trickle(2)])).toEqual([null, null, null, 220])
})

test('the browser counts sound and pictures, each in its way', () => {
  const reports = [
    { type: 'inbound-rtp', packetsReceived: 100, packetsLost: 2, nackCount: 5 },
    {
      type: 'inbound-rtp',
      packetsReceived: 300,
      packetsLost: 1,
      nackCount: 40,
      retransmittedPacketsReceived: 7,
    },
    { type: 'candidate-pair', nominated: false, currentRoundTripTime: 0.1 },
    { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.6, responsesReceived: 4 },
    { type: 'codec' },
  ]
  expect(heardIn(reports)).toEqual({ round_trip_ms: 600, checks: 4, received: 400, missed: 15 })
  expect(heardIn([])).toEqual({ round_trip_ms: null, checks: 0, received: 0, missed: 0 })
})

test('before anything is known the browser decides', () => {
  expect(judge(null, heardIn([]), 0).playout).toEqual(AT_EASE)
})
