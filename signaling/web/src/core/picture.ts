import type { Seat, SlotState, Source, SourceState } from '../messages'
import type { TextKey } from './text'

const SLOT_TROUBLE: Readonly<Record<string, TextKey>> = {
  codec_not_supported: 'picture.codec',
  copy_coming: 'picture.copy_coming',
  copy_silent: 'picture.copy_silent',
}

/** A screen that nobody touches sends next to nothing; a camera is never still. */
export function isOftenStill(source: Source): boolean {
  return source === 'courseware' || source === 'board'
}

/** Why a tile has no picture, in words; null when a picture should be there. */
export function pictureTrouble(
  seat: Seat,
  source: SourceState | null,
  slot: SlotState | null,
): TextKey | null {
  if (!seat.present) return seat.role === 'lead' ? 'picture.lead_absent' : 'picture.absent'
  if (slot?.trouble) return SLOT_TROUBLE[slot.trouble] ?? 'picture.trouble'
  if (source === null) return seat.role === 'lead' ? 'picture.lead_camera_off' : 'picture.camera_off'
  if (!source.flowing && !isOftenStill(source.source)) return 'picture.interrupted'
  return slot === null ? 'picture.not_shown' : null
}
