import { expect, test } from 'vitest'
import { withStereo } from '../../src/core/stereo'

const section = (mid: string, fmtp: string) =>
  `m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=mid:${mid}\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n` +
  `a=rtpmap:111 opus/48000/2\r\na=fmtp:111 ${fmtp}\r\n`
const HEAD = 'v=0\r\ns=-\r\n'
const VIDEO = 'm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:v0\r\na=fmtp:102 packetization-mode=1\r\n'

test('every Opus is welcome in two channels, and nothing else changes', () => {
  const sdp = HEAD + section('a0', 'minptime=10;useinbandfec=1') + VIDEO + section('a1', 'minptime=10')
  const stereo =
    HEAD +
    section('a0', 'minptime=10;useinbandfec=1;stereo=1') +
    VIDEO +
    section('a1', 'minptime=10;stereo=1')
  expect(withStereo(sdp)).toBe(stereo)
})

test('only the named sections change', () => {
  const sdp = HEAD + section('0', 'minptime=10') + section('1', 'minptime=10')
  expect(withStereo(sdp, new Set(['1']))).toBe(
    HEAD + section('0', 'minptime=10') + section('1', 'minptime=10;stereo=1'),
  )
  expect(withStereo(sdp, new Set())).toBe(sdp)
})

test('what says it already, or has no Opus, stays', () => {
  const firefox = HEAD + section('a0', 'maxplaybackrate=48000;stereo=1;useinbandfec=1')
  expect(withStereo(firefox)).toBe(firefox)
  expect(withStereo(HEAD + VIDEO)).toBe(HEAD + VIDEO)
  const only_sends = HEAD + section('a0', 'sprop-stereo=1')
  expect(withStereo(only_sends)).toBe(HEAD + section('a0', 'sprop-stereo=1;stereo=1'))
})
