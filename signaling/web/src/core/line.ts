import type { ReducedSource, SeatLine } from '../messages'
import { seatOf, type LessonView } from './lesson'
import { sentence, type Language } from './text'

/** What the lines here do not carry, in one line without blame; null while they carry everything. */
export function lineWords(language: Language, view: LessonView): string | null {
  const own = (line: SeatLine) => line.seat === view.self?.seat
  const lines = [...view.lines.filter(own), ...view.lines.filter((line) => !own(line))]
  const words = lines.filter((line) => line.reduced.length > 0).map((line) => seatWords(language, view, line))
  return words.length === 0 ? null : words.join(language === 'zh' ? '。' : '. ')
}

function seatWords(language: Language, view: LessonView, line: SeatLine): string {
  const classroom = seatOf(view, line.seat)?.classroom ?? ''
  const list = line.reduced
    .map((reduced) => pictureWords(language, view, reduced))
    .join(sentence(language, 'separator'))
  const key = line.seat === view.self?.seat ? 'line.own' : 'line.of_room'
  return sentence(language, key, { classroom, rate: rateWords(line.bit_rate), list })
}

function pictureWords(language: Language, view: LessonView, reduced: ReducedSource): string {
  const source = sentence(language, `source.${reduced.source}`)
  const whose = seatOf(view, reduced.seat)
  const isLeads = whose?.role === 'lead'
  const picture = isLeads
    ? source
    : sentence(language, 'taking.of_room', { classroom: whose?.classroom ?? '', source })
  if (reduced.paused) return sentence(language, 'line.paused', { picture })
  if (reduced.lines === null) return sentence(language, 'line.smaller', { picture })
  return sentence(language, 'line.reduced', { picture, lines: reduced.lines })
}

/** Two digits are as much as an estimate knows. */
export function rateWords(bit_rate: number): string {
  const kbits = Number((bit_rate / 1000).toPrecision(2))
  return kbits < 1000 ? `${kbits} kbit/s` : `${kbits / 1000} Mbit/s`
}
