/** A description that says of its Opus, in all sections or those with these mids, that two channels are welcome. */
export function withStereo(sdp: string, mids: ReadonlySet<string> | null = null): string {
  const [head, ...sections] = sdp.split(/^(?=m=)/m)
  const isMeant = (section: string) => mids === null || mids.has(midOf(section))
  return [head, ...sections.map((section) => (isMeant(section) ? stereo(section) : section))].join('')
}

function midOf(section: string): string {
  return /^a=mid:(\S+)/m.exec(section)?.[1] ?? ''
}

// RFC 7587 §6.1: who says nothing of it is sent one channel, and Chromium decodes no more than it said.
function stereo(section: string): string {
  const type = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1]
  if (type === undefined) return section
  return section.replace(new RegExp(`^a=fmtp:${type} [^\\r\\n]*`, 'm'), (line) =>
    /[ ;]stereo=1/.test(line) ? line : `${line};stereo=1`,
  )
}
