import { expect, test } from 'vitest'
import { receive, type LessonView } from '../../src/core/lesson'
import { spaceWords } from '../../src/core/space'
import type { SpaceLevel } from '../../src/messages'
import { seen, welcome } from './scene'

function told(level: SpaceLevel, lasts_min: number | null = null): LessonView {
  return receive(seen([welcome('lead')]), { type: 'space', seq: 20, level, lasts_min }, 0)
}

test('who leads reads how long the disk lasts, in minutes, and that the lesson goes on', () => {
  expect(spaceWords('zh', told('short', 12))).toContain('大约还能录 12 分钟')
  expect(spaceWords('en', told('short', 12))).toContain('about 12 more minutes')
  expect(spaceWords('zh', told('short', 0))).toContain('不到一分钟')
  for (const level of ['short', 'full'] as const)
    expect(spaceWords('zh', told(level, 3))).toContain('课照常上')
})

test('a lesson that is not recorded for want of room says so', () => {
  expect(spaceWords('zh', told('full'))).toContain('这节课现在没有录')
  expect(spaceWords('en', told('full'))).toContain('not being recorded now')
})

test('while there is enough, and before any word, nothing is said', () => {
  expect(spaceWords('zh', told('enough'))).toBeNull()
  expect(spaceWords('zh', seen([welcome('lead')]))).toBeNull()
  const short = told('short', 5)
  expect(
    spaceWords('zh', receive(short, { type: 'space', seq: 21, level: 'enough', lasts_min: null }, 0)),
  ).toBeNull()
})
