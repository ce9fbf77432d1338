"""A lesson as a take sees it: publishers that send, minute by minute, with a stepped clock."""

from dataclasses import dataclass, field

from recorder.core.names import TakeTime
from recorder.core.orders import Frame
from recorder.core.records import Policy, TakeOpened
from recorder.core.take import NodeClock, Take
from recorder.core.timeline import NodeTime
from recorder.tests.footage import PictureCodec, pictures, sounds
from recorder.tests.kept import Kept
from recorder.tests.story import LESSON, SEAT, SOFTWARE, TAKE
from signaling.messages.ids import Source, TrackId, track_id

STEP_US = 20_000
DELAY_US = 30_000


@dataclass
class Camera:
    """Sends pictures 25 times a second, a keyframe each second and when it is asked."""

    track: TrackId
    codec: PictureCodec = "h264"
    size: tuple[int, int] = (160, 120)
    ssrc: int = 1
    sent: int = 0

    def frame(self, now: NodeTime, lost: bool = False) -> Frame | None:
        if now % 40_000:
            return None
        data, keyframe = pictures(self.codec, 75, *self.size)[self.sent % 75]
        self.sent += 1
        rtp = now * 9 // 100 + self.ssrc * 1000
        arrived = NodeTime(now + DELAY_US)
        return Frame("p", self.track, self.codec, self.ssrc, 90_000, rtp % 2**32, arrived, data, keyframe, lost, now)

    def key(self) -> None:
        self.sent = -(-self.sent // 25) * 25


@dataclass
class Microphone:
    track: TrackId
    ssrc: int = 100
    sent: int = 0

    def frame(self, now: NodeTime, lost: bool = False) -> Frame | None:
        data = sounds(50)[self.sent % 50]
        self.sent += 1
        rtp, arrived = now * 48 // 1000 + self.ssrc * 1000, NodeTime(now + DELAY_US)
        return Frame("p", self.track, "opus", self.ssrc, 48_000, rtp % 2**32, arrived, data, True, lost, now)


@dataclass
class Stage:
    """A take with its disk, and who sends to it."""

    policy: Policy = field(default_factory=lambda: Policy(("teacher", "teacher_mic", "room_mic")))
    now: NodeTime = NodeTime(5_000_000)
    senders: dict[TrackId, Camera | Microphone] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)

    def __post_init__(self) -> None:
        opened = TakeOpened(TAKE, LESSON, "分数的意义", 0, self.policy, SOFTWARE)
        self.take, orders = Take.begun(opened, NodeClock("boot", self.now))
        self.kept.carry_out(orders)

    @property
    def at(self) -> TakeTime:
        return TakeTime(self.now - 5_000_000)

    def state(self) -> str:
        return self.take.state

    def publish(self, source: Source, *, heard: bool = True, seat: str = SEAT) -> TrackId:
        track = track_id(SEAT.__class__(seat), source)
        self.kept.carry_out(self.take.track_started(track, SEAT.__class__(seat), "三(2)班", source, self.now, heard))
        return track

    def camera(self, source: Source = "teacher", codec: PictureCodec = "h264") -> Camera:
        camera = Camera(self.publish(source), codec)
        self.senders[camera.track] = camera
        return camera

    def microphone(self, source: Source = "teacher_mic") -> Microphone:
        microphone = Microphone(self.publish(source))
        self.senders[microphone.track] = microphone
        return microphone

    def run(self, seconds: float, *, lose: TrackId | None = None) -> None:
        """Lets time pass; `lose` loses the next frame of a track."""
        for _ in range(round(seconds * 1_000_000 / STEP_US)):
            for track, sender in list(self.senders.items()):
                asked, self.kept.asked = track in self.kept.asked, [one for one in self.kept.asked if one != track]
                if asked and isinstance(sender, Camera):
                    sender.key()
                if frame := sender.frame(self.now, lose == track):
                    lose = None if lose == track else lose
                    self.kept.carry_out(self.take.frame(frame))
            self.now = NodeTime(self.now + STEP_US)
            if self.now % 240_000 == 0:
                self.kept.carry_out(self.take.tick(NodeTime(self.now + DELAY_US)))

    def end(self) -> None:
        self.kept.carry_out(self.take.end(self.now, "the lesson has ended"))
        self.kept.carry_out(self.take.finished(self.now, "all of it is on the disk"))
