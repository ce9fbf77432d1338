import { expect, test } from 'vitest'
import { sendOnly, type Sender } from '../../src/net/sleep'

/** A sender as a browser has it: parameters are good for one change. */
function sender(...rids: (string | undefined)[]) {
  let encodings = rids.map((rid) => ({ active: true, ...(rid === undefined ? {} : { rid }) }))
  const changes: boolean[][] = []
  const made: Sender = {
    getParameters: () => ({ encodings: structuredClone(encodings) }) as RTCRtpSendParameters,
    setParameters: async (parameters) => {
      encodings = structuredClone(parameters.encodings) as typeof encodings
      changes.push(encodings.map((encoding) => encoding.active))
    },
  }
  return { made, changes }
}

test('what nobody watches sleeps, and wakes when somebody does', async () => {
  const { made, changes } = sender('l', 'm', 'h')
  await sendOnly(made, ['l', 'm'])
  await sendOnly(made, [])
  await sendOnly(made, null)
  expect(changes).toEqual([
    [true, true, false],
    [false, false, false],
    [true, true, true],
  ])
})

test('a sender that does so already is left alone', async () => {
  const { made, changes } = sender('l', 'h')
  await sendOnly(made, ['l', 'h'])
  await sendOnly(made, null)
  expect(changes).toEqual([])
})

test('a picture in one sleeps as a whole', async () => {
  const { made, changes } = sender(undefined)
  await sendOnly(made, [])
  await sendOnly(made, ['l'])
  expect(changes).toEqual([[false], [true]])
})
