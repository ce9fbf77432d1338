import { expect, test } from 'vitest'
import { isSent } from '../../src/core/watched'

test.each([
  ['h', null, true],
  ['h', ['l', 'm'], false],
  ['l', ['l', 'm'], true],
  ['l', [], false],
  [undefined, null, true],
  [undefined, [], false],
  // Firefox names the one encoding by an empty rid; and what was said of layers holds for a camera that has none.
  ['', ['l'], true],
] as const)('layer %s of which %s are watched is sent: %s', (rid, watched, sent) => {
  expect(isSent(rid, watched)).toBe(sent)
})
