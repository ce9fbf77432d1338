/** What the receiving connection has counted so far. */
export interface Heard {
  /** To the node and back; null while nothing is known. */
  readonly round_trip_ms: number | null
  /** How many checks have measured it. */
  readonly checks: number
  readonly received: number
  /** Packets that never came, and those that were asked for again. */
  readonly missed: number
}

/** What kind of line this is: what it takes for a lost packet to be here before it is played. */
export type LineClass = 'good' | 'lossy' | 'far'

/** How long sound and pictures wait for what is lost; null leaves it to the browser. */
export interface Playout {
  readonly line: LineClass
  readonly wait_ms: number | null
}

export interface Judged {
  readonly playout: Playout
  /** What its share of losses was last reckoned from, and that share. */
  readonly before: Heard
  readonly lost: number
  /** The last measured round trips, and after how many checks. */
  readonly trips_ms: readonly number[]
  readonly checks: number
  /** When the line was last worse than what is waited for would need; ms of any steady clock. */
  readonly worse_ms: number
}

export const AT_EASE: Playout = { line: 'good', wait_ms: null }

/** A repair over a longer way comes later than any browser waits by itself. */
const FAR_MS = 300
/**
 * From which share of what should have come a lossy line is waited for one round of repair, two, or three: of repairs and
 * requests as many are lost. Below it a repair now and then is not worth making everybody wait.
 */
const ROUNDS = [0.02, 0.04, 0.08] as const
/** Browsers that send nothing do not know how far the node is, and ask again after this. */
const NEXT_ROUND_MS = 100
/** Fewer packets say nothing of their share. */
const FEWEST = 150
/** A copy lies 80 ms behind its packet; a repair is asked for as soon as the next one is there. */
const SHORTEST_MS = 120
/** Beside the round trip: until the loss is seen, a second repair 50 ms later, and what a browser needs to decode. */
const BESIDE_MS = 80
const FAR_BESIDE_MS = 150
/** A lesson is still a conversation, and a picture from glass to glass takes at most 1.5 s. */
const LONGEST_MS = 1000
/** Lines are bad now and then: who stops waiting at once hears each beginning of it. */
const LASTS_MS = 30_000
/**
 * Of how many the middle counts: a check that waited for a busy browser is too long, and one that was sent again before
 * its answer came is too short.
 */
const TRIPS = 3
/** Smaller changes are only heard as a change of pace. */
const STEP_MS = 60

/** Judges the line by what was counted since it was last judged. */
export function judge(last: Judged | null, heard: Heard, now_ms: number): Judged {
  const seen = { ...trips(last, heard), ...losses(last, heard) }
  const known = last?.playout ?? AT_EASE
  const wanted = playout(middle(seen.trips_ms), seen.lost)
  const more_ms = (wanted.wait_ms ?? 0) - (known.wait_ms ?? 0)
  const is_worse = more_ms > (known.wait_ms === null ? 0 : STEP_MS)
  const worse_ms = is_worse || last === null || more_ms >= -STEP_MS ? now_ms : last.worse_ms
  const changes = is_worse || now_ms - worse_ms >= LASTS_MS
  return { ...seen, playout: changes ? wanted : known, worse_ms: changes ? now_ms : worse_ms }
}

function trips(last: Judged | null, heard: Heard): Pick<Judged, 'trips_ms' | 'checks'> {
  const known = last?.trips_ms ?? []
  const is_new = heard.round_trip_ms !== null && heard.checks !== last?.checks
  return {
    trips_ms: is_new ? [...known, heard.round_trip_ms].slice(-TRIPS) : known,
    checks: heard.checks,
  }
}

function losses(last: Judged | null, heard: Heard): Pick<Judged, 'before' | 'lost'> {
  if (last === null) return { before: heard, lost: 0 }
  const missed = Math.max(0, heard.missed - last.before.missed)
  const expected = heard.received - last.before.received + missed
  if (expected < FEWEST) return { before: last.before, lost: last.lost }
  return { before: heard, lost: missed / expected }
}

/** The lower one of two. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

function playout(round_trip_ms: number, lost: number): Playout {
  if (round_trip_ms >= FAR_MS) return { line: 'far', wait_ms: waitFor(round_trip_ms + FAR_BESIDE_MS) }
  const rounds = ROUNDS.filter((share) => lost >= share).length
  if (rounds === 0) return AT_EASE
  const further_ms = (rounds - 1) * Math.max(round_trip_ms, NEXT_ROUND_MS)
  return { line: 'lossy', wait_ms: waitFor(round_trip_ms + further_ms + BESIDE_MS) }
}

function waitFor(ms: number): number {
  return Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms)))
}

/** The parts of the browser's statistics that are read; others have other types. */
interface Stat {
  readonly type?: string
  readonly [name: string]: unknown
}

/** Adds up the reports of a receiving connection. */
export function heardIn(reports: readonly unknown[]): Heard {
  const stats = reports as readonly Stat[]
  const number = (value: unknown) => (typeof value === 'number' ? value : 0)
  const inbound = stats.filter((stat) => stat.type === 'inbound-rtp')
  const sum = (count: (stat: Stat) => number) => inbound.reduce((total, stat) => total + count(stat), 0)
  const pair = stats.find((stat) => stat.type === 'candidate-pair' && stat['nominated'] === true)
  const trip = pair?.['currentRoundTripTime']
  return {
    round_trip_ms: typeof trip === 'number' ? trip * 1000 : null,
    checks: number(pair?.['responsesReceived']),
    received: sum((stat) => number(stat['packetsReceived'])),
    // What came when it was asked for again is not lost for the browser; sound has no other count of it than of asking.
    missed: sum(
      (stat) =>
        number(stat['packetsLost']) + number(stat['retransmittedPacketsReceived'] ?? stat['nackCount']),
    ),
  }
}
