import type { Seat, SeatId, Source } from '../messages'
import { leadOf, seatOf, slotOf, sourceOf, type LessonView } from './lesson'
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
  return { stage: rooms.map((room) => tileOf(view, room, shownOf(view, room))), side: [] }
}

/** What a room shows the lead: its pupils, or what it sends in their place. */
function shownOf(view: LessonView, room: Seat): Source {
  return arriving(view).find((slot) => slot.seat === room.seat)?.source ?? 'students'
}

/** What the back row must read fills the stage; else the teacher does. The rest stands beside. */
function watchLayout(view: LessonView): Layout {
  const lead = leadOf(view)
  const places = arriving(view)
  if (lead !== null) places.push({ seat: lead.seat, source: 'teacher' })
  const { holder } = view.floor
  if (holder !== null && holder !== view.self?.seat) places.push({ seat: holder, source: 'students' })
  const tiles = new Map<string, Tile>()
  for (const { seat, source } of places.sort((a, b) => rank(view, a) - rank(view, b))) {
    const owner = seatOf(view, seat)
    if (owner !== null) tiles.set(`${seat}:${source}`, tileOf(view, owner, source))
  }
  const all = [...tiles.values()]
  return { stage: all.slice(0, 1), side: all.slice(1) }
}

interface Place {
  readonly seat: SeatId
  readonly source: Source
}

/** The pictures that arrive here now. */
function arriving(view: LessonView): Place[] {
  return view.slots.flatMap(({ kind, seat, source }) => {
    return kind === 'video' && seat !== null && source !== null ? [{ seat, source }] : []
  })
}

const LEAD_FIRST: readonly Source[] = ['courseware', 'board', 'teacher']

function rank(view: LessonView, { seat, source }: Place): number {
  const isHolder = seat === view.floor.holder
  if (seat === leadOf(view)?.seat && LEAD_FIRST.includes(source)) return LEAD_FIRST.indexOf(source) * 2
  // What a room that speaks puts up comes after the lead's courseware and before its face.
  if (isHolder && source !== 'students') return 1
  return isHolder ? 10 : 11
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
    heard: view.stoppedBy === null && view.floor.holder === seat.seat,
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
