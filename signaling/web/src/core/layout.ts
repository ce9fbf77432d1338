import type { Seat, SeatId, Source } from '../messages'
import { leadOf, sourceOf, slotOf, type LessonView } from './lesson'
import { pictureTrouble } from './picture'
import type { TextKey } from './text'

/** One picture on the page. */
export interface Tile {
  readonly key: string
  readonly seat: SeatId
  readonly classroom: string
  readonly source: Source
  /** The slot that it arrives in; null when nothing arrives. */
  readonly mid: string | null
  /** Why there is no picture; null when there should be one. */
  readonly trouble: TextKey | null
  readonly present: boolean
  readonly hand: boolean
  /** Whether this room holds the floor. */
  readonly heard: boolean
  /** Place in the floor queue, from 1; 0 when it has not asked. */
  readonly queue: number
}

/** What goes where: the stage is large, the side is small. */
export interface Layout {
  readonly stage: readonly Tile[]
  readonly side: readonly Tile[]
}

/** Arranges the pictures for the role of this page. */
export function layoutOf(view: LessonView): Layout {
  return view.self?.role === 'lead' ? leadLayout(view) : watchLayout(view)
}

/** Every room has a tile, in the order of the seats, whether it is there or not: none is forgotten. */
function leadLayout(view: LessonView): Layout {
  const rooms = view.seats.filter((seat) => seat.role === 'room')
  return { stage: rooms.map((room) => tileOf(view, room, 'students')), side: [] }
}

/** Courseware is what the back row must read; then the board; else the teacher's face. */
function watchLayout(view: LessonView): Layout {
  const lead = leadOf(view)
  if (lead === null) return { stage: [], side: [] }
  const shown: Source[] = (['courseware', 'board'] as const).filter((source) =>
    isBound(view, lead.seat, source),
  )
  const own = [...shown, 'teacher' as const].map((source) => tileOf(view, lead, source))
  return { stage: own.slice(0, 1), side: [...own.slice(1), ...otherRooms(view)] }
}

/** Other rooms' pictures that arrive, the one that holds the floor first. */
function otherRooms(view: LessonView): Tile[] {
  const rooms = view.seats.filter((seat) => seat.role === 'room' && seat.seat !== view.self?.seat)
  const shown = rooms.filter(
    (room) => isBound(view, room.seat, 'students') || view.floor.holder === room.seat,
  )
  const tiles = shown.map((room) => tileOf(view, room, 'students'))
  return tiles.sort((a, b) => Number(b.heard) - Number(a.heard))
}

function isBound(view: LessonView, seat: SeatId, source: Source): boolean {
  return slotOf(view, seat, source) !== null
}

function tileOf(view: LessonView, seat: Seat, source: Source): Tile {
  const slot = slotOf(view, seat.seat, source)
  return {
    key: `${seat.seat}:${source}`,
    seat: seat.seat,
    classroom: seat.classroom,
    source,
    mid: slot?.mid ?? null,
    trouble: pictureTrouble(seat, sourceOf(view, seat.seat, source), slot),
    present: seat.present,
    hand: seat.hand,
    heard: view.floor.holder === seat.seat,
    queue: view.floor.requests.indexOf(seat.seat) + 1,
  }
}

/** Columns that make `count` 16:9 tiles largest in a box; a pure sum, so that no tile overflows. */
export function columnsFor(count: number, width_px: number, height_px: number): number {
  let best = { columns: 1, tile_px: 0 }
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns)
    const tile_px = Math.min(width_px / columns, (height_px / rows) * (16 / 9))
    if (tile_px > best.tile_px) best = { columns, tile_px }
  }
  return best.columns
}
