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

/** The encoding of a video source. */
export function encodingOf(source: Source): Encoding {
  if (source === 'courseware' || source === 'board') return SCREEN
  return source === 'students' ? ROOM : CAMERA
}
