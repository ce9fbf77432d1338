import type { ZH } from './text_zh'

/** Every sentence of the pages in English. */
export const EN: Readonly<Record<keyof typeof ZH, string>> = {
  'app.name': 'Three Classrooms',
  'app.other_language': '中文',
  separator: ', ',

  'mode.dedicated': 'Dedicated lesson',
  'mode.master_teacher': 'Master teacher lesson',
  'mode.famous_school': 'Famous school lesson',

  'role.lead': 'Lead teacher',
  'role.assistant': 'Assistant',
  'role.room': 'Classroom (two-way)',
  'role.listener': 'Classroom (watching)',
  'role.attendee': 'Visiting teacher',
  'role.reviewer': 'Reviewer',
  'role.patrol': 'Patrol',
  'role.recorder': 'Recorder',
  'role.operator': 'Operator',

  'state.planned': 'Not open yet',
  'state.open': 'Waiting to begin',
  'state.live': 'In session',
  'state.ended': 'Ended',
  'state.archived': 'Archived',
  'state.cancelled': 'Cancelled',

  'source.teacher': 'teacher’s picture',
  'source.students': 'pupils’ picture',
  'source.board': 'board',
  'source.courseware': 'courseware',
  'source.teacher_mic': 'teacher’s voice',
  'source.room_mic': 'pupils’ voices',
  'source.courseware_audio': 'courseware sound',

  'taken.some': 'Recording rules: may be recorded: {taken}; never: {spared}',
  'taken.all': 'Recording rules: may be recorded: {taken}',
  'taken.none': 'Recording rules: this lesson is not recorded',

  'taking.recording': 'Recording now: {list}',
  'taking.paused': 'Recording paused: {list}',
  'taking.waiting': 'Waiting to record: {list}',
  'taking.stopped': 'No longer recorded: {list}',
  'taking.failed': 'Recording failed: {list}',
  'taking.of_room': '{classroom}: {source}',
  'taking.nothing': 'Nothing of this place is being recorded now',
  'taking.pausing': 'Pausing the recording…',
  'taking.resuming': 'Resuming the recording…',
  'taking.held': 'Recording paused',
  'taking.basis': 'Enabled by {name}; basis: {basis}',
  'space.short':
    'The disk for recordings is nearly full: as things are, about {minutes} more minutes can be recorded. Please tell the operator; the lesson goes on as usual.',
  'space.now':
    'The disk for recordings is full in less than a minute. Please tell the operator; the lesson goes on as usual.',
  'space.full':
    'There is no room on the disk for recordings, so this lesson is not being recorded now. Please tell the operator; the lesson goes on as usual.',
  'line.own': 'Line about {rate}, sound as usual: {list}',
  'line.of_room': '{classroom}, line about {rate}, sound as usual: {list}',
  'line.reduced': '{picture} at {lines}p',
  'line.smaller': '{picture} smaller',
  'line.paused': '{picture} paused',

  'landing.title': 'Enter a lesson',
  'landing.how':
    'Open the lesson link from your school administrator or operator, or paste the link (or code) below.',
  'landing.label': 'Lesson link or code',
  'landing.placeholder': 'such as https://…/lesson/L…#code=…',
  'landing.go': 'Next',
  'landing.unreadable':
    'This link cannot be read. Copy the whole link or code that you were sent and paste it again.',
  'landing.once':
    'Each code works once. After that this computer remembers your seat; reloading needs no code.',
  'landing.lost':
    'No link, or an old one? Ask your school administrator or the county operator for a new one.',

  'arrival.unreachable': 'The lesson cannot be reached now',
  'arrival.by_itself': 'This page tries again by itself; there is no need to open it again.',
  'arrival.busy': 'Checking the code…',
  'arrival.connecting': 'Connecting to the lesson…',
  'arrival.no_seat': 'This computer has no seat in this lesson yet',
  'arrival.no_seat_how': 'Open the lesson link that you were sent, or paste the link (or code) below.',
  'arrival.other_lesson': 'This computer’s seat is in another lesson',
  'arrival.other_lesson_how':
    'To enter this lesson, use its own link. To go back to your lesson, press the button.',
  'arrival.go_there': 'Back to my lesson',
  'arrival.code_used': 'The code has been used or has expired. Ask the administrator for a new lesson link.',
  'arrival.code_wrong': 'The code is not right. Copy the whole link that you were sent and try again.',
  'arrival.too_many': 'Too many attempts. Wait a minute and try again.',
  'arrival.offline': 'The lesson server cannot be reached. Check the network cable or Wi-Fi, then try again.',
  'arrival.server': 'The lesson server has a fault. Try again in a moment; if it stays, call the operator.',
  'arrival.foreign_origin':
    'The address of this page is not that of the lesson server. Open the lesson link that you were sent.',
  'arrival.unknown_lesson':
    'There is no such lesson. Check the link, or ask the administrator for a new one.',
  'arrival.unknown_seat': 'This seat has been cancelled. Ask the administrator for a new lesson link.',
  'arrival.lesson_over': 'This lesson has ended; nobody can enter it any more.',
  'arrival.retry': 'Try again',

  'start.as': 'Your seat',
  'start.camera': 'Camera',
  'start.microphone': 'Microphone',
  'start.speaker': 'Speaker',
  'start.no_camera': 'No camera',
  'start.no_microphone': 'No microphone',
  'start.default': 'System default',
  'start.unnamed': 'Device {number}',
  'start.level': 'Microphone level',
  'start.say': 'Say a few words: the green bar moves.',
  'start.silent': 'No sound heard. Check that the microphone is on, or choose another.',
  'start.test_sound': 'Play a sound',
  'start.enter': 'Enter the lesson',
  'start.entering': 'Entering…',
  'start.asking': 'The browser will ask whether it may use camera and microphone: press “Allow”.',
  'start.watch_only': 'You only watch and listen: no camera and no microphone needed.',
  'start.preview_off': 'No camera chosen',
  'start.without': 'You can enter now: you will see and hear, but nobody sees you.',
  'start.waiting_door': 'The lesson is not open yet. Keep this page open; it enters by itself.',
  'start.present': 'Already in: {names}',
  'start.nobody': 'Nobody is in yet',

  'device.denied':
    'The browser may not use camera and microphone. Press the sign left of the address, choose “Allow”, then “Try again”.',
  'device.none': 'No camera or microphone found. Plug it in, then press “Try again”.',
  'device.busy': 'Another program is using the camera or microphone. Close it, then press “Try again”.',
  'device.failed': 'Camera or microphone does not start. Unplug it, plug it in, then press “Try again”.',
  'device.camera_only':
    'The camera does not start; the microphone works. Check the camera, then press “Try again”.',
  'device.microphone_only':
    'The microphone does not start; the camera works. Check the microphone, then press “Try again”.',
  'device.lost': 'Camera or microphone was disconnected. Check the cable and switch it on again.',
  'device.insecure':
    'The browser gives this page no camera or microphone, as the address does not begin with https.',
  'device.insecure_how':
    'Open the page at {address} instead. If a certificate warning appears, have your administrator trust the county’s certificate authority (CA) on this computer, then restart the browser.',
  'device.retry': 'Try again',

  'tile.me': 'This classroom',
  'tile.my_camera': 'My picture',
  'tile.my_screen': 'My shared courseware',
  'tile.speaking': 'Speaking',
  'tile.lead': 'Lead',
  'tile.hand': 'Hand up',
  'tile.queue': 'Asks to speak · no. {place}',

  'picture.lead_absent': 'The lead teacher is not here yet, please wait',
  'picture.absent': 'Not in the lesson yet',
  'picture.lead_camera_off': 'The lead teacher’s camera is off',
  'picture.camera_off': 'Camera is off',
  'picture.codec':
    'This computer’s browser cannot show this picture. Use a recent Chrome, Edge or Firefox; the sound is not affected.',
  'picture.copy_coming': 'A picture for this computer is being prepared…',
  'picture.copy_silent':
    'The picture made for this computer does not arrive; the sound is not affected. The operator finds the reason in the log.',
  'picture.trouble': 'This picture cannot be shown now; the operator finds the reason in the log.',
  'picture.interrupted': 'The picture was interrupted; waiting for the other side…',
  'picture.not_shown': 'This picture is not sent to this computer now',
  'picture.waiting': 'The picture is coming…',
  'picture.stalled': 'The picture has stopped; getting it back…',
  'picture.no_rooms': 'No classroom has been invited to this lesson yet. Ask the operator to invite them.',

  'control.hand_up': 'Raise hand',
  'control.hand_down': 'Lower hand',
  'control.ask': 'Ask to speak',
  'control.withdraw': 'Withdraw',
  'control.release': 'Stop speaking',
  'control.give': 'Let speak',
  'control.take': 'Take back',
  'control.microphone_on': 'Turn mic on',
  'control.microphone_off': 'Turn mic off',
  'control.camera_on': 'Turn camera on',
  'control.camera_off': 'Turn camera off',
  'control.share': 'Share courseware',
  'control.stop_share': 'Stop sharing',
  'control.fullscreen': 'Full screen',
  'control.leave': 'Leave',
  'control.pause_recording': 'Pause recording',
  'control.resume_recording': 'Resume recording',
  'control.pause_lesson': 'Stop all',
  'control.resume_lesson': 'Resume lesson',
  'control.shut_down': 'Shut down',
  'control.end': 'End lesson',
  'control.text': 'Messages',
  'control.close': 'Close',
  'control.devices': 'Change devices',

  'room.you_speak': 'You are speaking: everyone hears you',
  'room.queued': 'You asked to speak: no. {place}; please wait',
  'room.hand_up': 'Your hand is up',
  'room.other_speaks': '{classroom} is speaking',
  'room.offline': 'Reconnecting; your seat and turn are kept',
  'room.paused': 'The lesson is paused: no picture and no sound leaves here',
  'room.silent': 'This room is not heard now; to speak, press “Ask to speak”',
  'room.microphone_off': 'It is your turn, but the microphone is off. Switch it on.',

  'watch.note': 'You are watching this lesson: you receive, and send nothing.',

  'lead.queue': 'Asking to speak',
  'lead.queue_empty': 'No classroom asks to speak',
  'lead.floor': '{classroom} is speaking',
  'lead.floor_none': 'Only your voice reaches the classrooms',
  'lead.paused': 'The lesson is paused: no picture and no sound reaches any room',
  'lead.present': '{present} of {all} classrooms are in',
  'lead.watchers': '{count} more watching',

  'text.title': 'Teachers’ messages',
  'text.placeholder': 'Write to the other teachers…',
  'text.send': 'Send',
  'text.empty':
    'No messages yet. The lead, assistants and teachers in two-way classrooms see what is written here.',
  'text.not_sent': 'This line was not sent. Please send it again.',
  'text.me': 'Me',

  'end.title': 'End the lesson now?',
  'end.body': 'All classrooms are disconnected and nobody can come back to this lesson.',
  'end.confirm': 'End lesson',
  'end.cancel': 'Go on teaching',

  'shut_down.title': 'Shut this lesson down?',
  'shut_down.body':
    'All rooms are cut off at once; nobody can bring it back or come in again. To stop for a while, press “Stop all”; to end as usual, “End lesson”.',
  'shut_down.confirm': 'Shut down',
  'shut_down.cancel': 'Keep it',

  'stop.lead': 'The teacher has paused the lesson; please wait',
  'stop.assistant': 'An assistant has paused the lesson; the teacher lets it go on',
  'stop.operator': 'The operator has paused the lesson; please wait for the operator',

  'leave.title': 'Leave the lesson?',
  'leave.body': 'The lesson goes on without you. You can come back on this page at any time.',
  'leave.confirm': 'Leave',
  'leave.cancel': 'Stay',

  'connection.good': 'Connected',
  'connection.connecting': 'Connecting…',
  'connection.reconnecting': 'Reconnecting…',
  'connection.media': 'Picture and sound were lost; getting them back…',
  'connection.sending': 'Your picture and sound do not get out; getting them back…',

  'banner.reconnecting':
    'The connection to the lesson is lost and is being restored. Your seat and turn are kept; keep this page open.',
  'banner.media': 'Picture and sound are lost and are being restored. Please wait.',
  'banner.sending': 'Nobody sees or hears you now; this page is restoring that by itself.',

  'sound.blocked': 'The browser does not allow sound yet.',
  'sound.unlock': 'Turn sound on',

  'share.refused':
    'Nothing is shared. Press “Share courseware” again and choose the window or screen for the pupils.',
  'share.insecure':
    'The browser lets this page share no screen, as the address does not begin with https. Open it at {address}.',

  'refused.lesson_not_open': 'The lesson is not open yet. Please wait.',
  'refused.lesson_over': 'This lesson has ended.',
  'refused.lesson_paused': 'The lesson is paused; wait until it goes on.',
  'refused.stopped_by_operator': 'The operator has paused this lesson; only the operator lets it go on.',
  'refused.shut_down': 'This lesson was shut down.',
  'refused.not_permitted': 'Your seat may not do this.',
  'refused.not_joined': 'You are no longer in the lesson. Please enter again.',
  'refused.no_node': 'The media server is away; waiting for it to return.',
  'refused.too_many': 'Too fast. Wait a few seconds and try again.',
  'refused.too_large': 'This is too long. Please write less.',
  'refused.already_asked': 'You have asked already; wait for the lead teacher.',
  'refused.floor_not_held': 'Your turn is already over.',
  'refused.nothing_to_take': 'By its rules this lesson is not recorded; there is nothing to pause.',
  'refused.unknown_seat': 'This classroom is no longer in the lesson.',
  'refused.wrong_sdp':
    'Your picture and sound cannot be sent. Reload the page; if it stays, use a recent Chrome or Edge.',
  'refused.wrong_message':
    'This page and the lesson server are of different versions. Reload the page; if it stays, call the operator.',
  'refused.old_number': 'Picture and sound are being connected anew. Please wait.',
  'refused.no_answer': 'The media server has not answered; trying again.',
  'refused.slow': 'This computer’s network is too slow for the messages; connecting again.',
  'refused.restarting': 'The lesson server is restarting. This page comes back by itself in a moment.',
  'refused.not_authenticated':
    'This computer’s seat is no longer valid. Ask the administrator for a new lesson link.',
  'refused.forgotten': 'This was lost while the network was down. Please press again.',
  'refused.other': 'This did not work. Try again; if it stays, call the operator.',

  'library.open': 'Recorded lessons',
  'library.failed':
    'The recorded lessons cannot be opened now. Try again in a moment; if it goes on, call the operator.',
  'library.soon':
    'If this lesson was recorded, it can be watched among the recorded lessons in a few minutes.',

  'over.ended': 'The lesson is over',
  'over.ended_how': 'This lesson has ended. You can close this page.',
  'over.shut_down': 'The lesson was shut down',
  'over.shut_down_how': 'Nobody can come in again. You can close this page; the operator knows more.',
  'over.replaced': 'Your seat is in use elsewhere',
  'over.replaced_how':
    'Another computer or window entered with the same seat. To go on here, press the button below.',
  'over.version': 'This page is too old',
  'over.version_how': 'Reload the page to get the new one; if it stays, call the operator.',
  'over.left': 'You have left the lesson',
  'over.left_how': 'The lesson goes on; you can come back at any time.',
  'over.other': 'The connection to the lesson has ended',
  'over.other_how': 'Reload the page and enter again; if it stays, call the operator.',
  'over.again': 'Back to the lesson',
  'over.here': 'Go on here',
  'over.reload': 'Reload the page',
}
