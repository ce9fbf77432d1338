import { expect, test } from 'vitest'
import { preferred } from '../../src/core/codecs'

const H264_E0 = { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42e01f' }
const H264_BASE = { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42001f' }
const H264_MODE0 = { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=0;profile-level-id=42e01f' }
const H264_HIGH = { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=64001f' }
const VP8 = { mimeType: 'video/VP8' }
const AV1 = { mimeType: 'video/AV1' }
const RTX = { mimeType: 'video/rtx' }

test('constrained baseline first, then VP8, then repair, and nothing else', () => {
  const all = [VP8, RTX, AV1, H264_HIGH, H264_MODE0, H264_BASE, H264_E0]
  expect(preferred(all, null)).toEqual([H264_E0, H264_BASE, VP8, RTX])
})

test('a copy is in its codec only', () => {
  expect(preferred([H264_E0, VP8, RTX], 'vp8')).toEqual([VP8, RTX])
})

test('a browser without H.264 offers VP8', () => {
  expect(preferred([VP8, AV1], null)).toEqual([VP8])
})
