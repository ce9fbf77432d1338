import type {
  Bye,
  Connection,
  Floor,
  Mid,
  Private,
  Role,
  Seat,
  SeatCue,
  SeatId,
  SeatLine,
  ServerMessage,
  SlotState,
  Snapshot,
  Source,
  SourceState,
  Space,
  Taking,
  Text,
  TrackId,
  Welcome,
} from '../messages'

/** How many lines of text a page keeps. */
export const TEXT_LINES = 200

/** Who this page is. */
export interface Self {
  readonly session: string
  readonly seat: SeatId
  readonly role: Role
  readonly classroom: string
  readonly actions: readonly string[]
}

/** One level and when it was told. */
export interface Level {
  readonly level: number
  readonly at_ms: number
}

/** All that a page knows of its lesson. */
export interface LessonView {
  /** The highest `seq` received: what a resume starts from. */
  readonly seq: number
  readonly self: Self | null
  readonly lesson: Omit<Snapshot, 'seats' | 'sources' | 'floor'> | null
  readonly seats: readonly Seat[]
  readonly sources: readonly SourceState[]
  readonly floor: Floor
  readonly slots: readonly SlotState[]
  /** What teachers wrote, to all or to one alone. */
  readonly texts: readonly (Text | Private)[]
  /** What is asked of the lead now; a room knows its own alone. */
  readonly cues: readonly SeatCue[]
  readonly levels: ReadonlyMap<TrackId, Level>
  /** The node's connections of this seat, as the last welcome named them. */
  readonly connections: readonly Connection[]
  /** The lines that do not carry everything, of those that this seat may know of. */
  readonly lines: readonly SeatLine[]
  /** What is being taken, as last told; null before the recorder's first word. */
  readonly taking: Taking | null
  /** How it is with the recorder's disk, as last told: only to who leads, and only when it matters. */
  readonly space: Space | null
  /** Who has stopped the whole lesson for now (not the recording alone); null while it goes on. */
  readonly stoppedBy: string | null
  readonly bye: Bye | null
}

export const NOTHING: LessonView = {
  seq: 0,
  self: null,
  lesson: null,
  seats: [],
  sources: [],
  floor: { holder: null, requests: [] },
  slots: [],
  texts: [],
  cues: [],
  levels: new Map(),
  connections: [],
  lines: [],
  taking: null,
  space: null,
  stoppedBy: null,
  bye: null,
}

/** Whether a message says something new: a resume may repeat what has arrived. */
export function isNews(view: LessonView, message: ServerMessage): boolean {
  return !('seq' in message) || message.type === 'welcome' || message.seq > view.seq
}

/** The view after a message. */
export function receive(view: LessonView, message: ServerMessage, now_ms: number): LessonView {
  if (!isNews(view, message)) return view
  if (message.type === 'welcome') return welcome(view, message)
  const next = change(view, message, now_ms)
  return 'seq' in message ? { ...next, seq: message.seq } : next
}

function welcome(view: LessonView, message: Welcome): LessonView {
  const { session, seat, role, classroom, actions, connections, seq } = message
  const known = { ...view, self: { session, seat, role, classroom, actions }, connections, bye: null }
  // What was missed follows with its own numbers, so the old number stays until it arrives.
  if (message.resumed || message.snapshot === null) return known
  const { seats, sources, floor, ...lesson } = message.snapshot
  const slots = connections.includes('subscribe') ? view.slots : []
  return {
    ...known,
    lesson,
    seats,
    sources,
    floor,
    slots,
    lines: [],
    cues: [],
    space: null,
    stoppedBy: null,
    seq,
  }
}

function change(view: LessonView, message: ServerMessage, now_ms: number): LessonView {
  switch (message.type) {
    case 'slots':
      return { ...view, slots: message.slots }
    case 'seat_changed':
      return { ...view, seats: placed(view.seats, message.seat, (seat) => seat.seat === message.seat.seat) }
    case 'source_changed':
      return {
        ...view,
        sources: placed(view.sources, message.source, (source) => isSame(source, message.source)),
      }
    case 'source_ended':
      return { ...view, sources: view.sources.filter((source) => !isSame(source, message)) }
    case 'floor_changed':
      return { ...view, floor: message.floor }
    case 'text':
    case 'private':
      return { ...view, texts: [...view.texts, message].slice(-TEXT_LINES) }
    case 'cues':
      return { ...view, cues: message.cues }
    case 'levels':
      return {
        ...view,
        levels: new Map(message.levels.map(([track, level]) => [track, { level, at_ms: now_ms }])),
      }
    case 'lesson_changed':
      return view.lesson === null ? view : { ...view, lesson: { ...view.lesson, state: message.state } }
    case 'recording_changed':
      return view.lesson === null
        ? view
        : { ...view, lesson: { ...view.lesson, recording_pause: message.pause } }
    case 'pause':
      return { ...view, stoppedBy: message.paused ? message.by : null }
    case 'lines':
      return { ...view, lines: message.lines }
    case 'space':
      return { ...view, space: message }
    case 'taking':
      return { ...view, taking: message }
    case 'bye':
      return { ...view, bye: message }
    default:
      return view
  }
}

function isSame(one: { seat: SeatId; source: Source }, other: { seat: SeatId; source: Source }): boolean {
  return one.seat === other.seat && one.source === other.source
}

function placed<T>(items: readonly T[], item: T, isIt: (other: T) => boolean): readonly T[] {
  return items.some(isIt) ? items.map((other) => (isIt(other) ? item : other)) : [...items, item]
}

/** Whether this page's role may send a message of this type. */
export function mayDo(view: LessonView, action: string): boolean {
  return view.self?.actions.includes(action) ?? false
}

export function seatOf(view: LessonView, seat: SeatId | null): Seat | null {
  return view.seats.find((other) => other.seat === seat) ?? null
}

export function leadOf(view: LessonView): Seat | null {
  return view.seats.find((seat) => seat.role === 'lead') ?? null
}

export function sourceOf(view: LessonView, seat: SeatId, source: Source): SourceState | null {
  return view.sources.find((other) => isSame(other, { seat, source })) ?? null
}

/** The slot in which a source arrives here. */
export function slotOf(view: LessonView, seat: SeatId, source: Source): SlotState | null {
  return view.slots.find((slot) => slot.seat === seat && slot.source === source) ?? null
}

/** The track of an audio slot that plays now, by mid. */
export function audioMids(view: LessonView): readonly Mid[] {
  return view.slots.filter((slot) => slot.kind === 'audio' && slot.seat !== null).map((slot) => slot.mid)
}
