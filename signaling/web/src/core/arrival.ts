/** What a join link or a pasted code says. */
export interface Invitation {
  /** Null when only a code was given: the answer to the code names the lesson. */
  readonly lesson: string | null
  readonly code: string
}

const LESSON_PATH = /^\/lesson\/([A-Za-z0-9]{1,64})\/?$/
const CODE = /^[A-Za-z0-9_.~-]{4,256}$/

/** The lesson that an address names. */
export function lessonOf(path: string): string | null {
  return LESSON_PATH.exec(path)?.[1] ?? null
}

/** The code in a fragment such as `#code=…`. */
export function codeOf(fragment: string): string | null {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get('code')?.trim() ?? ''
  return CODE.test(code) ? code : null
}

/** Reads what a person pasted: a whole join link, the end of one, or a bare code. */
export function readInvitation(pasted: string): Invitation | null {
  const text = pasted.trim()
  const hash = text.indexOf('#')
  if (hash < 0) return CODE.test(text) ? { lesson: null, code: text } : null
  const code = codeOf(text.slice(hash))
  const path = text.slice(0, hash).replace(/^[a-z]+:\/\/[^/]*/i, '')
  return code === null ? null : { lesson: lessonOf(path), code }
}
