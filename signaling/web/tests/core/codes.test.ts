import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pictureTrouble } from '../../src/core/picture'
import { arrivalTrouble, overReason, refusalTrouble } from '../../src/core/trouble'
import { SNAPSHOT } from './scene'

const PROTOCOL = readFileSync(join(import.meta.dirname, '../../../PROTOCOL.md'), 'utf8')

/** The words in code quotes between two marks of the protocol. */
function codes(begin: string, end: string): string[] {
  const from = PROTOCOL.indexOf(begin) + begin.length
  const found = PROTOCOL.slice(from, PROTOCOL.indexOf(end, from)).match(/`([a-z_]+)`/g) ?? []
  return found.map((word) => word.slice(1, -1))
}

// Only the operator's calls are refused with these, and the operator has no page yet.
const OPERATORS = new RegExp(
  `^(${[
    'lesson_live|stopped_by_operator|lesson_open|mode_not_yet|role_not_yet|policy_without_basis|no_library',
    'wrong_(title|school|teacher|classrooms?|lifetime|days|reason)',
    'unknown_(classroom|planned|feed|person|of)|county_changed|(import|change)_refused',
  ].join('|')})$`,
)

test('every code of the WebSocket has a sentence of its own', () => {
  const all = codes('### Codes', 'Close codes')
  expect(all.length).toBeGreaterThan(15)
  expect(all.filter((code) => refusalTrouble(code) === 'refused.other')).toEqual([])
})

test('every goodbye that cannot be retried says why', () => {
  for (const code of ['ended', 'shut_down', 'replaced', 'version'])
    expect(overReason(code)).not.toBe('over.other')
})

test('every code of HTTP that a seat can meet has a sentence of its own', () => {
  const all = codes('Codes of errors:', '\n\n').filter((code) => !OPERATORS.test(code))
  expect(all).toContain('code_not_valid')
  // Faults of ours are told alike: there is nothing else that a teacher could do.
  const ours = ['our_fault', 'pages_missing', 'unknown_address']
  expect(all.filter((code) => arrivalTrouble(code) === 'arrival.server')).toEqual(
    all.filter((code) => ours.includes(code)),
  )
})

test('every trouble of a slot has a sentence of its own', () => {
  const all = codes('`trouble` in a slot', '`republish')
  expect(all).toContain('codec_not_supported')
  const slot = { mid: 'v0', kind: 'video', seat: 'Sone', source: 'students', track: null } as const
  const told = (trouble: string) => pictureTrouble(SNAPSHOT.seats[1]!, null, { ...slot, trouble })
  expect(all.filter((code) => told(code) === 'picture.trouble')).toEqual([])
})
