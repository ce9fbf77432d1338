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
  found: ['共 {total} 节课', 'Lessons: {total}'],
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
  why_objection: [
    '监护人提出异议，处理完以前谁都不能播放。',
    'A guardian objected; nobody plays this until it is settled.',
  ],
  why_role: ['您的身份不能播放这节课。', 'Your role may not play this lesson.'],
  coming: ['《{title}》正在制作，已完成 {percent}%', '“{title}” is being made: {percent} % done'],
  coming_how: ['做好以后会自动出现在下面。', 'It appears below by itself.'],
  work: ['制作与删除', 'Work and deletions'],
  work_title: ['下课后的制作', 'Work after the bell'],
  work_none: ['现在没有正在制作的课，也没有失败的任务。', 'Nothing is being made, and nothing failed.'],
  work_failed: ['失败', 'failed'],
  work_running: ['正在做', 'running'],
  work_waiting: ['等待', 'waiting'],
  work_retry: ['{attempts} 次没有成功，{when} 再试', 'failed {attempts} ×; again at {when}'],
  work_again: ['再试一次', 'Try again'],
  work_open: ['打开这节课', 'Open the lesson'],
  work_unnamed: ['读不出名称的录制 {take}', 'A take that cannot be read: {take}'],
  job_track: ['单独的文件', 'a file of one track'],
  job_combined: ['主讲教室的影片', 'the film of the lead classroom'],
  job_store: ['存入存储', 'putting it into the store'],
  job_check: ['核对已存的文件', 'comparing stored files with what was stored'],
  job_thin: ['删除重复的原始分段', 'removing segments that whole files replace'],
  job_pictures: ['封面和缩略图', 'poster and thumbnails'],
  job_entry: ['目录条目', 'the entry on the shelf'],
  job_remove: ['删除文件', 'removal of the files'],
  job_expire: ['到期删除原始轨道', 'removal of raw tracks whose time is over'],
  why_disk_full: ['磁盘已满。请腾出空间，然后再试。', 'The disk is full. Make room, then try again.'],
  why_master: [
    '加密用的主密钥与配置不同。放回原来的密钥后会自动继续。',
    'It was locked with another master key; it goes on by itself once that one is put back.',
  ],
  why_damaged: [
    '存储中的文件已损坏或丢失。请从备份放回，然后再试。',
    'A stored file is damaged or missing. Put it back from a copy, then try again.',
  ],
  why_room: [
    '正在等待磁盘空间。腾出空间后会自动继续。',
    'It waits for room on the disk, and goes on by itself then.',
  ],
  why_store: [
    '存储没有应答，或者拒绝了请求。会自动再试。',
    'The store does not answer or refuses; tried again by itself.',
  ],
  why_unreadable: [
    '录下的片段读不出来，再试通常没有用。',
    'A recorded segment cannot be read; trying again rarely helps.',
  ],
  why_changed: ['文件被改动过，或者主密钥不对。', 'A file was changed, or the master key is another one.'],
  why_missing: ['需要的文件已经不在。', 'A file that is needed is not there any more.'],
  why_killed: ['制作服务几次中途停止，没有留下原因。', 'The worker ended several times without a word.'],
  why_other: ['制作服务报告了一个错误。', 'The worker reported an error.'],
  stones: ['删除凭证', 'Tombstones'],
  stones_none: ['还没有删除过什么。', 'Nothing has been deleted yet.'],
  stone_line: ['{when} 由 {who} 删除：{why}', 'deleted {when} by {who}: {why}'],
  stone_raw: ['只删除了原始轨道', 'raw tracks only'],
  stone_all: ['全部删除', 'all of it'],
  stone_held: ['上课时间 {when}', 'held {when}'],
  stone_copy: ['复制签名凭证', 'Copy the signed proof'],
  stone_copied: ['已复制', 'Copied'],
  decisions: ['值班员处理', 'For the operator'],
  object: ['记下监护人异议…', 'Note a guardian’s objection…'],
  object_why: ['谁提出、为什么（只有值班员看得到）', 'Who objected and why (only operators see it)'],
  object_really: ['停止播放', 'Stop playback'],
  object_on: ['有监护人异议，谁都不能播放：{why}', 'A guardian objected; nobody plays this: {why}'],
  object_undo: ['异议已处理，恢复播放', 'Settled: allow playback'],
  hold: ['留作证据…', 'Keep as evidence…'],
  hold_why: ['为什么要留（写进记录）', 'Why it is kept (stands in the log)'],
  hold_really: ['留作证据', 'Keep as evidence'],
  hold_on: [
    '留作证据：不会到期，也不能删除。',
    'Kept as evidence: it does not expire and cannot be deleted.',
  ],
  hold_undo: ['不再保留', 'Release it'],
  log: ['播放与处理记录', 'Log of playbacks and decisions'],
  log_none: ['还没有人看过。', 'Nobody has watched it yet.'],
  log_show: ['查看记录', 'Show the log'],
  act_play: ['播放', 'played'],
  act_look: ['看图片', 'looked at'],
  act_object: ['记下异议', 'noted an objection'],
  act_settle: ['异议已处理', 'settled the objection'],
  act_hold: ['留作证据', 'kept as evidence'],
  act_release: ['不再保留', 'released'],
  refused: ['没有放行', 'refused'],
  role_lead: ['主讲教师', 'lead'],
  role_assistant: ['助教', 'assistant'],
  role_room: ['听讲教室', 'classroom'],
  role_listener: ['听讲教室（收看）', 'listening classroom'],
  role_attendee: ['观摩教师', 'attendee'],
  role_reviewer: ['评课专家', 'reviewer'],
  role_patrol: ['巡课员', 'patrol'],
  role_operator: ['值班员', 'operator'],
  role_retention: ['保存期限', 'retention'],
  failed_request: ['没有办成，请再试一次。', 'That did not work; try again.'],
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
  cause_paused: ['录制暂停', 'recording paused'],
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

/** Why somebody may not play, as the rule's code says it. */
export function shutWord(code: string): Word {
  const word = `why_${code}`
  return ['why_objection', 'why_pupils', 'why_role'].includes(word) ? (word as Word) : 'not_playable'
}

// What the worker's own sentences begin with or hold; they are English, and kept as they are beside the word.
const CAUSES: readonly (readonly [RegExp, Word])[] = [
  [/Waits for room/, 'why_room'],
  [/^The store|^There is no store/, 'why_store'],
  [/No space left|disk is full|quota/i, 'why_disk_full'],
  [/cannot be read|came out with|wrote no ftyp|has no track/, 'why_unreadable'],
  [/wrapped by master key/, 'why_master'],
  [/is not what was stored|is missing|another length/, 'why_damaged'],
  [/signature is wrong|key is another|was changed|tag/i, 'why_changed'],
  [/No such file|not there/, 'why_missing'],
  [/without a word/, 'why_killed'],
]

/** The word for why a job failed. */
export function failureWord(cause: string): Word {
  return CAUSES.find(([pattern]) => pattern.test(cause))?.[1] ?? 'why_other'
}

/** The word for something of a family, such as `source_board`. */
export function wordOf(family: 'source' | 'chapter' | 'job' | 'act' | 'role', name: string): Word {
  const word = `${family}_${name}`
  return word in WORDS ? (word as Word) : 'not_playable'
}
