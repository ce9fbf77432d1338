/** Every sentence of the library's page, in both languages. */
export const WORDS = {
  name: ['课堂实录', 'Recorded lessons'],
  other_language: ['English', '中文'],
  search: ['搜索', 'Search'],
  text_hint: ['课题、学校、教师或日期', 'Title, school, teacher or date'],
  school: ['学校', 'School'],
  teacher: ['教师', 'Teacher'],
  from: ['开始日期', 'From'],
  until: ['结束日期', 'To'],
  found: ['共 {total} 节课', '{total} lessons'],
  nothing: ['没有找到。请换一个词，或者放宽日期。', 'Nothing found. Try another word or wider dates.'],
  empty: [
    '还没有录下的课。下课几分钟后，课会出现在这里。',
    'No recorded lessons yet. A lesson appears here some minutes after it ends.',
  ],
  more: ['更多', 'More'],
  back: ['返回列表', 'Back to the list'],
  loading: ['正在读取…', 'Loading…'],
  no_entry: [
    '请从课堂页面或值班员给的链接进入课堂实录。',
    'Open the library from the lesson page, or by a link from the operator.',
  ],
  no_entry_title: ['您还没有进入', 'You are not signed in'],
  code_used: [
    '这个链接已经用过或已过期，请重新要一个。',
    'This link was used or has expired; ask for a new one.',
  ],
  offline: ['连接不上课堂实录服务，请稍后再试。', 'The library does not answer; try again in a moment.'],
  gone: ['这节课不在了，或者您不能看。', 'This lesson is gone, or not for you to see.'],
  not_playable: ['不能播放', 'Not playable'],
  no_film: ['这节课没有可以播放的录像。', 'There is no film of this lesson.'],
  why_pupils: [
    '本课有学生的画面或声音，您的身份不能回看。',
    'Pupils are seen or heard in it; your role may not replay it.',
  ],
  cannot_play: [
    '这个浏览器放不了这段录像，请换用新版 Chrome、Edge 或 Firefox。',
    'This browser cannot play the film; use a recent Chrome, Edge or Firefox.',
  ],
  logged: ['每次播放都会记录。', 'Every playback is logged.'],
  chapters: ['章节', 'Chapters'],
  chapter_begin: ['开始', 'Beginning'],
  chapter_floor: ['{who} 发言', '{who} has the floor'],
  chapter_floor_room: ['一个教室发言', 'A classroom has the floor'],
  chapter_lead: ['回到主讲教师', 'Back to the lead teacher'],
  chapter_courseware: ['课件', 'Courseware'],
  chapter_courseware_end: ['课件结束', 'End of courseware'],
  missing: ['缺失段', 'Missing'],
  missing_line: ['{from}–{until} {what}：{cause}', '{from}–{until} {what}: {cause}'],
  about: ['本课', 'This lesson'],
  held: ['上课时间', 'Held'],
  length: ['时长', 'Length'],
  rooms: ['教室', 'Classrooms'],
  sources: ['录了什么', 'What was taken'],
  basis: ['学生入镜依据', 'Basis for taking pupils'],
  basis_line: ['{who}：{basis}', '{who}: {basis}'],
  trouble: ['有的文件没能做好', 'Some files could not be made'],
  objection: ['监护人提出异议，已停止播放', 'A guardian objected; playback has stopped'],
  delete: ['删除这节课…', 'Delete this lesson…'],
  delete_why: ['删除的理由（会留在删除凭证里）', 'Why (kept with the tombstone)'],
  delete_really: ['永久删除', 'Delete for good'],
  cancel: ['取消', 'Cancel'],
  deleted: ['已删除，删除凭证已签名保存。', 'Deleted; its signed tombstone is kept.'],
  source_teacher: ['教师画面', 'teacher’s picture'],
  source_students: ['学生画面', 'pupils’ picture'],
  source_board: ['板书', 'board'],
  source_courseware: ['课件', 'courseware'],
  source_teacher_mic: ['教师声音', 'teacher’s voice'],
  source_room_mic: ['学生声音', 'pupils’ voices'],
  source_courseware_audio: ['课件声音', 'courseware sound'],
  cause_absent: ['没有信号', 'not there'],
  cause_muted: ['静音', 'muted'],
  cause_paused: ['课堂暂停', 'lesson paused'],
  cause_codec: ['格式变了，见单独的文件', 'another format, see its own file'],
  cause_lost: ['网络丢包', 'lost on the network'],
  cause_disk_full: ['磁盘已满', 'disk full'],
  cause_disk_slow: ['磁盘太慢', 'disk too slow'],
  cause_restarted: ['服务重启', 'a service restarted'],
  cause_other: ['没有画面或声音到达', 'nothing arrived'],
} as const

export type Word = keyof typeof WORDS
export type Language = 'zh' | 'en'

/** A sentence with its `{name}` places filled. */
export function say(
  language: Language,
  word: Word,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const text = WORDS[word][language === 'zh' ? 0 : 1]
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

/** The word for a gap's cause, as people say it. */
export function causeWord(cause: string): Word {
  if (cause.endsWith('_restarted')) return 'cause_restarted'
  const word = `cause_${cause}`
  return word in WORDS ? (word as Word) : 'cause_other'
}

/** The word for something of a family, such as `source_board`. */
export function wordOf(family: 'source' | 'chapter', name: string): Word {
  const word = `${family}_${name}`
  return word in WORDS ? (word as Word) : 'not_playable'
}
