import { isSent, type Watched } from '../core/watched'

/** As much of an RTCRtpSender as this needs. */
export type Sender = Pick<RTCRtpSender, 'getParameters' | 'setParameters'>

/** Puts to sleep what nobody uses of a picture, and wakes the rest; the description stays as it is. */
export async function sendOnly(sender: Sender, watched: Watched): Promise<void> {
  const parameters = sender.getParameters()
  const changed = parameters.encodings.filter(({ rid, active = true }) => active !== isSent(rid, watched))
  if (changed.length === 0) return
  for (const encoding of changed) encoding.active = isSent(encoding.rid, watched)
  await sender.setParameters(parameters)
}
