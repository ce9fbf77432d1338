import type { Role, Source } from '../messages'

/** What a role's camera, microphone and screen are called in the lesson. */
export interface Duties {
  readonly camera: Source | null
  readonly microphone: Source | null
  readonly screen: Source | null
  readonly screen_audio: Source | null
}

const WATCHER: Duties = { camera: null, microphone: null, screen: null, screen_audio: null }
const DUTIES: Partial<Record<Role, Duties>> = {
  lead: {
    camera: 'teacher',
    microphone: 'teacher_mic',
    screen: 'courseware',
    screen_audio: 'courseware_audio',
  },
  room: { camera: 'students', microphone: 'room_mic', screen: null, screen_audio: null },
}

/** The sources that a role publishes from this page. */
export function dutiesOf(role: Role): Duties {
  return DUTIES[role] ?? WATCHER
}

/** Whether the role needs no camera, no microphone and no permission. */
export function onlyWatches(role: Role): boolean {
  return dutiesOf(role) === WATCHER
}

/** How one source is encoded: enough for its purpose, no more than a village line carries. */
export interface Encoding {
  readonly width: number
  readonly height: number
  readonly frame_rate: number
  readonly bitrate_bps: number
  readonly hint: 'motion' | 'detail'
}

const CAMERA: Encoding = { width: 1280, height: 720, frame_rate: 25, bitrate_bps: 1_500_000, hint: 'motion' }
const ROOM: Encoding = { width: 640, height: 360, frame_rate: 15, bitrate_bps: 500_000, hint: 'motion' }
// Slides: sharp letters matter, movement does not.
const SCREEN: Encoding = {
  width: 1920,
  height: 1080,
  frame_rate: 15,
  bitrate_bps: 2_000_000,
  hint: 'detail',
}

/** One layer of simulcast, `scale` times smaller than the whole. */
export interface Layer {
  readonly rid: string
  readonly scale: number
  readonly frame_rate: number
  readonly bitrate_bps: number
}

// From small to rich, as browsers share out what their line carries; the names are PROTOCOL.md's.
const SMALL = { rid: 'l', frame_rate: 15, bitrate_bps: 150_000 }
const MIDDLE = { rid: 'm', scale: 2, frame_rate: 15, bitrate_bps: 400_000 }
// Chromium sends three layers from 960 × 540 on and two from 640 × 360, and would leave out the richest.
const THREE_FROM_LINES = 540
const TWO_FROM_LINES = 360

/** In which layers a source of so many lines is sent; none where simulcast is of no use: small letters are not read. */
export function layersOf(source: Source, lines: number): readonly Layer[] {
  const { bitrate_bps, frame_rate, hint } = encodingOf(source)
  if (hint === 'detail' || lines < TWO_FROM_LINES) return []
  const rich = { rid: 'h', scale: 1, frame_rate, bitrate_bps }
  const isThree = lines >= THREE_FROM_LINES && source !== 'students'
  return isThree ? [{ ...SMALL, scale: 4 }, MIDDLE, rich] : [{ ...SMALL, scale: 2 }, rich]
}

/** The encoding of a video source. */
export function encodingOf(source: Source): Encoding {
  if (source === 'courseware' || source === 'board') return SCREEN
  return source === 'students' ? ROOM : CAMERA
}
