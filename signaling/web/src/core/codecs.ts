/** The parts of a codec capability that the order depends on. */
export interface Codec {
  readonly mimeType: string
  readonly sdpFmtpLine?: string | undefined
}

function isName(codec: Codec, name: string): boolean {
  return codec.mimeType.toLowerCase() === `video/${name}`
}

// RFC 6184 §8.1: 42 with constraint_set1 (e0) is constrained baseline, 4200 is what older browsers write for it.
function isLessonH264(codec: Codec): boolean {
  const line = codec.sdpFmtpLine ?? ''
  return isName(codec, 'h264') && /packetization-mode=1/.test(line) && /profile-level-id=42[e0]0/i.test(line)
}

/** The lesson's codec first, then VP8, then repair; with `copy` only that codec and repair. */
export function preferred<C extends Codec>(available: readonly C[], copy: string | null): C[] {
  const repair = available.filter((codec) => isName(codec, 'rtx'))
  if (copy !== null) return [...available.filter((codec) => isName(codec, copy)), ...repair]
  const h264 = available.filter(isLessonH264)
  const e0First = [...h264].sort((a, b) => rank(a) - rank(b))
  return [...e0First, ...available.filter((codec) => isName(codec, 'vp8')), ...repair]
}

function rank(codec: Codec): number {
  return /profile-level-id=42e0/i.test(codec.sdpFmtpLine ?? '') ? 0 : 1
}
