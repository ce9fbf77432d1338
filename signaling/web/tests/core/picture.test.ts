import { expect, test } from 'vitest'
import { pictureTrouble } from '../../src/core/picture'
import { SNAPSHOT } from './scene'

const ROOM = SNAPSHOT.seats[1]!
const LEAD = SNAPSHOT.seats[0]!
const FLOWING = { seat: 'Sone', source: 'students', kind: 'video', flowing: true } as const
const SLOT = {
  mid: '0',
  kind: 'video',
  seat: 'Sone',
  source: 'students',
  track: 'Sone:students',
  trouble: null,
} as const

test('where nothing is missing, nothing is said', () => {
  expect(pictureTrouble(ROOM, FLOWING, SLOT)).toBeNull()
})

test.each(['courseware', 'board'] as const)('%s that nobody touches is no loss', (source) => {
  expect(pictureTrouble(LEAD, { ...FLOWING, source, flowing: false }, { ...SLOT, source })).toBeNull()
})

test.each([
  [{ ...LEAD, present: false }, null, null, 'picture.lead_absent'],
  [{ ...ROOM, present: false }, FLOWING, SLOT, 'picture.absent'],
  [LEAD, null, null, 'picture.lead_camera_off'],
  [ROOM, null, SLOT, 'picture.camera_off'],
  [ROOM, { ...FLOWING, flowing: false }, SLOT, 'picture.interrupted'],
  [ROOM, FLOWING, { ...SLOT, trouble: 'codec_not_supported' }, 'picture.codec'],
  [ROOM, FLOWING, { ...SLOT, trouble: 'copy_coming' }, 'picture.copy_coming'],
  [ROOM, FLOWING, { ...SLOT, trouble: 'something_new' }, 'picture.trouble'],
  [ROOM, FLOWING, null, 'picture.not_shown'],
] as const)('what is missing is named: case %#', (seat, source, slot, key) => {
  expect(pictureTrouble(seat, source, slot)).toBe(key)
})
