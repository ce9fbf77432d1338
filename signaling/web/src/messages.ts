// Made by `python -m signaling.web.generate` from signaling/messages; change it there.

export type LessonId = string

export type SeatId = string

export type SessionId = string

export type TrackId = string

export type Mid = string

export type BootId = string

export type Mode = 'dedicated' | 'master_teacher' | 'famous_school'

export type Role = 'lead' | 'assistant' | 'room' | 'listener' | 'attendee' | 'reviewer' | 'patrol' | 'recorder' | 'operator'

export type Source = 'teacher' | 'students' | 'board' | 'courseware' | 'teacher_mic' | 'room_mic' | 'courseware_audio'

export type Kind = 'audio' | 'video'

export type Connection = 'publish' | 'subscribe'

export type Priority = 'courseware' | 'teacher' | 'floor_holder' | 'other_room'

export type FitCause = 'line' | 'pictures' | 'room' | 'begun' | 'kept'

export type LessonState = 'planned' | 'open' | 'live' | 'ended' | 'archived' | 'cancelled'

export type TakeState = 'waiting' | 'recording' | 'paused' | 'stopped' | 'failed'

export type SpaceLevel = 'enough' | 'short' | 'full'

export type Cue = 'slower' | 'repeat' | 'cannot_hear' | 'cannot_see'

export type RecordingPause = 'off' | 'asked' | 'held'

export const VERSIONS: readonly number[] = [4, 3, 2, 1]

export const VIDEO_SOURCES: readonly Source[] = ['teacher', 'students', 'board', 'courseware']

export const AUDIO_SOURCES: readonly Source[] = ['teacher_mic', 'room_mic', 'courseware_audio']

/** What a client that lost its WebSocket still holds. */
export interface Resume {
  readonly session: SessionId
  readonly last_seq: number
}

/** First message of every WebSocket. */
export interface Hello {
  readonly versions: readonly number[]
  readonly client: string
  readonly resume?: Resume | null
  readonly offer?: boolean
  readonly type: 'hello'
}

/** Takes the seat; whoever sat on it before is replaced. */
export interface Join {
  readonly id: string
  readonly offer?: boolean
  readonly type: 'join'
}

/** Which source a media section of the offer carries. */
export interface PublishedSource {
  readonly mid: Mid
  readonly source: Source
  readonly copy?: string | null
}

/** An offer for the publish connection; a later one adds or ends sources, restarts ICE, or starts it anew. */
export interface Publish {
  readonly id: string
  readonly sdp: string
  readonly sources: readonly PublishedSource[]
  readonly type: 'publish'
}

/** Asks for the subscriber connection; without numbers the role's slots are given. */
export interface Subscribe {
  readonly id: string
  readonly video_slots?: number | null
  readonly audio_slots?: number | null
  readonly restart?: boolean
  readonly type: 'subscribe'
}

/** Answers the offer of this number; an answer to an older one is refused. */
export interface SubscribeAnswer {
  readonly id: string
  readonly number: number
  readonly sdp: string
  readonly type: 'subscribe_answer'
}

/** Raises or lowers the hand. */
export interface Hand {
  readonly id: string
  readonly up: boolean
  readonly type: 'hand'
}

/** A room asks to be heard. */
export interface FloorRequest {
  readonly id: string
  readonly type: 'floor_request'
}

/** The lead gives the floor to a room; whoever held it loses it. */
export interface FloorGive {
  readonly id: string
  readonly seat: SeatId
  readonly type: 'floor_give'
}

/** The lead takes the floor back. */
export interface FloorTake {
  readonly id: string
  readonly type: 'floor_take'
}

/** A room gives the floor back, or withdraws its request. */
export interface FloorRelease {
  readonly id: string
  readonly type: 'floor_release'
}

/** A line to the other teachers of the lesson. */
export interface SendText {
  readonly id: string
  readonly body: string
  readonly type: 'send_text'
}

/** A line from an assistant to the lead, or from the lead to one assistant; nobody else reads it. */
export interface SendPrivate {
  readonly id: string
  readonly to: SeatId
  readonly body: string
  readonly type: 'send_private'
}

/** Asks something of the lead with one touch, in place of what was asked before; null takes it back. */
export interface SendCue {
  readonly id: string
  readonly cue: Cue | null
  readonly type: 'send_cue'
}

/** The lead has seen a seat's cue, which is over with that. */
export interface CueSeen {
  readonly id: string
  readonly seat: SeatId
  readonly type: 'cue_seen'
}

/** The lead has nothing recorded for a while, or lets the recording go on; the lesson goes on all the same. */
export interface PauseRecording {
  readonly id: string
  readonly paused: boolean
  readonly type: 'pause_recording'
}

/** Stops all pictures, sound and talk of the whole lesson at once. */
export interface PauseLesson {
  readonly id: string
  readonly type: 'pause_lesson'
}

/** Lets the lesson that was paused go on. */
export interface ResumeLesson {
  readonly id: string
  readonly type: 'resume_lesson'
}

/** Ends the lesson at once because it is out of control. */
export interface ShutDown {
  readonly id: string
  readonly type: 'shut_down'
}

/** The lead ends the lesson. */
export interface End {
  readonly id: string
  readonly type: 'end'
}

/** Gives the seat up; both connections close. */
export interface Leave {
  readonly id: string
  readonly type: 'leave'
}

export type ClientMessage =
  | Hello
  | Join
  | Publish
  | Subscribe
  | SubscribeAnswer
  | Hand
  | FloorRequest
  | FloorGive
  | FloorTake
  | FloorRelease
  | SendText
  | SendPrivate
  | SendCue
  | CueSeen
  | PauseRecording
  | PauseLesson
  | ResumeLesson
  | ShutDown
  | End
  | Leave

/** One place in the lesson, as everyone sees it. */
export interface Seat {
  readonly seat: SeatId
  readonly role: Role
  readonly classroom: string
  readonly present: boolean
  readonly hand: boolean
}

/** One published source. */
export interface SourceState {
  readonly seat: SeatId
  readonly source: Source
  readonly kind: Kind
  readonly flowing: boolean
}

/** Who may be heard beside the lead. */
export interface Floor {
  readonly holder: SeatId | null
  readonly requests: readonly SeatId[]
}

/** Everything that a page shows of a lesson. */
export interface Snapshot {
  readonly lesson: LessonId
  readonly title: string
  readonly mode: Mode
  readonly state: LessonState
  readonly taken: readonly Source[]
  readonly seats: readonly Seat[]
  readonly sources: readonly SourceState[]
  readonly floor: Floor
  readonly recording_pause: RecordingPause
}

/** STUN or TURN servers of our own, with what they want to be shown (RFC 8489, RFC 8656). */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username: string
  readonly credential: string
}

/** Answers `hello`. */
export interface Welcome {
  readonly version: number
  readonly session: SessionId
  readonly seat: SeatId
  readonly role: Role
  readonly classroom: string
  readonly resumed: boolean
  readonly seq: number
  readonly connections: readonly Connection[]
  readonly actions: readonly string[]
  readonly snapshot: Snapshot | null
  readonly ice_servers: readonly IceServer[]
  readonly type: 'welcome'
}

/** The message `reply_to` has taken effect. */
export interface Done {
  readonly reply_to: string
  readonly type: 'done'
}

/** The message `reply_to` changed nothing; `code` is stable, `sentence` is for people. */
export interface Refused {
  readonly reply_to: string | null
  readonly code: string
  readonly sentence: string
  readonly type: 'refused'
}

/** One slot of a subscriber offer. */
export interface SlotOffer {
  readonly mid: Mid
  readonly kind: Kind
}

/** An offer for the subscriber connection that was made at the door. */
export interface Offer {
  readonly number: number
  readonly sdp: string
  readonly slots: readonly SlotOffer[]
}

/** Brings the offer to a client that has not joined yet; `join` and `subscribe_answer` may then go together. */
export interface DoorOffer {
  readonly offer: Offer
  readonly type: 'door_offer'
}

/** Answers a `join` that wants an offer. */
export interface Joined {
  readonly reply_to: string
  readonly offer: Offer | null
  readonly type: 'joined'
}

/** The answer to a `publish` offer. */
export interface Published {
  readonly reply_to: string
  readonly sdp: string
  readonly type: 'published'
}

/** Answers `subscribe`; wants a `subscribe_answer` with the same number. */
export interface SubscribeOffer {
  readonly reply_to: string
  readonly number: number
  readonly sdp: string
  readonly slots: readonly SlotOffer[]
  readonly type: 'subscribe_offer'
}

/** What arrives in a slot. */
export interface SlotState {
  readonly mid: Mid
  readonly kind: Kind
  readonly seat: SeatId | null
  readonly source: Source | null
  readonly track: TrackId | null
  readonly trouble: string | null
}

/** Who is in which slot now. */
export interface Slots {
  readonly seq: number
  readonly slots: readonly SlotState[]
  readonly type: 'slots'
}

/** A seat was taken, left, or its hand moved. */
export interface SeatChanged {
  readonly seq: number
  readonly seat: Seat
  readonly type: 'seat_changed'
}

/** A source began, flows, or stalls. */
export interface SourceChanged {
  readonly seq: number
  readonly source: SourceState
  readonly type: 'source_changed'
}

/** A source is no longer published. */
export interface SourceEnded {
  readonly seq: number
  readonly seat: SeatId
  readonly source: Source
  readonly type: 'source_ended'
}

/** The floor or its queue has changed. */
export interface FloorChanged {
  readonly seq: number
  readonly floor: Floor
  readonly type: 'floor_changed'
}

/** A line from a teacher of the lesson. */
export interface Text {
  readonly seq: number
  readonly sender: SeatId
  readonly at_ms: number
  readonly body: string
  readonly type: 'text'
}

/** A line between the lead and one assistant, told to these two alone. */
export interface Private {
  readonly seq: number
  readonly sender: SeatId
  readonly to: SeatId
  readonly at_ms: number
  readonly body: string
  readonly type: 'private'
}

/** What a seat asks of the lead now. */
export interface SeatCue {
  readonly seat: SeatId
  readonly cue: Cue
}

/** All that seats ask of the lead now; a seat hears of its own alone. */
export interface Cues {
  readonly seq: number
  readonly cues: readonly SeatCue[]
  readonly type: 'cues'
}

/** The loudest level of each audible source in the last second: 0 loud, 127 silent (RFC 6464). Not numbered. */
export interface Levels {
  readonly levels: readonly (readonly [TrackId, number])[]
  readonly type: 'levels'
}

/** Asks for one more copy of a source in this codec, or (`wanted` false) for its end. */
export interface Republish {
  readonly seq: number
  readonly source: Source
  readonly codec: string
  readonly wanted: boolean
  readonly type: 'republish'
}

/** These connections are lost at the node; negotiate them anew. */
export interface Rejoin {
  readonly seq: number
  readonly connections: readonly Connection[]
  readonly type: 'rejoin'
}

/** Which layers of a picture of this seat anybody uses: no others need be sent. */
export interface Watched {
  readonly seq: number
  readonly source: Source
  readonly layers: readonly string[] | null
  readonly type: 'watched'
}

/** What the recorder does with one source. */
export interface TakenSource {
  readonly seat: SeatId
  readonly source: Source
  readonly state: TakeState
  readonly sentence: string | null
}

/** What is being taken of this seat (of all seats for lead and assistants), who enabled it, and on what basis. */
export interface Taking {
  readonly seq: number
  readonly sources: readonly TakenSource[]
  readonly enabled_by: string | null
  readonly basis: string | null
  readonly type: 'taking'
}

/** A picture that is less than it might be, as its viewer's line carries no more. */
export interface ReducedSource {
  readonly seat: SeatId
  readonly source: Source
  readonly lines: number | null
  readonly paused: boolean
}

/** What the line to a seat carries, and what is less for it there. */
export interface SeatLine {
  readonly seat: SeatId
  readonly level: number
  readonly bit_rate: number
  readonly reduced: readonly ReducedSource[]
}

/** All lines that do not carry everything, of those that this seat may know of; sound goes on in any case. */
export interface Lines {
  readonly seq: number
  readonly lines: readonly SeatLine[]
  readonly type: 'lines'
}

/** How it is with the recorder's disk, for who leads this lesson. */
export interface Space {
  readonly seq: number
  readonly level: SpaceLevel
  readonly lasts_min: number | null
  readonly type: 'space'
}

/** The lead has the recording paused, the recorder holds the pause, or the recording goes on. */
export interface RecordingChanged {
  readonly seq: number
  readonly pause: RecordingPause
  readonly type: 'recording_changed'
}

/** The whole lesson is paused, or goes on; not the recording's pause. */
export interface Pause {
  readonly seq: number
  readonly paused: boolean
  readonly by: string
  readonly type: 'pause'
}

/** The lesson has gone to another state. */
export interface LessonChanged {
  readonly seq: number
  readonly state: LessonState
  readonly type: 'lesson_changed'
}

/** Last message before signaling closes the WebSocket. */
export interface Bye {
  readonly code: string
  readonly sentence: string
  readonly retry: boolean
  readonly type: 'bye'
}

export type ServerMessage =
  | Welcome
  | Done
  | Refused
  | DoorOffer
  | Joined
  | Published
  | SubscribeOffer
  | Slots
  | SeatChanged
  | SourceChanged
  | SourceEnded
  | FloorChanged
  | Text
  | Private
  | Cues
  | Levels
  | Republish
  | Rejoin
  | Watched
  | Taking
  | Lines
  | Space
  | RecordingChanged
  | Pause
  | LessonChanged
  | Bye
