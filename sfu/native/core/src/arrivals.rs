//! When the packets of one connection arrived, by their transport-wide numbers: what a sender's bandwidth estimate lives
//! on (draft-holmer-rmcat-transport-wide-cc-extensions-01).
use crate::rtcp::{ArrivalStatuses, Ticks};
use crate::rtp::Unwrapper;
use crate::time::Time;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Half of what browsers tell each other by default: a new sender finds its rate sooner, for 20 datagrams a second.
pub const FEEDBACK_INTERVAL: Duration = Duration::from_millis(50);
/// Numbers remembered at once: a second of a thousand packets, and as far back as a late packet is still told of.
const WINDOW: u64 = 1024;

pub struct Arrivals {
    /// By number modulo the window; none for what has not arrived.
    ticks: Box<[Option<Ticks>]>,
    numbers: Unwrapper,
    /// The first number that the next feedback tells of.
    next: u64,
    /// Of the newest packet: feedback must name one of the sender's streams.
    media_ssrc: u32,
    feedback_count: u8,
    due: Time,
}

/// One feedback packet's content.
pub struct Feedback {
    pub media_ssrc: u32,
    pub base: u16,
    pub count: u8,
    pub statuses: ArrivalStatuses,
}

impl Arrivals {
    pub fn new() -> Arrivals {
        Arrivals {
            ticks: vec![None; WINDOW as usize].into(),
            numbers: Unwrapper::new(),
            next: 0,
            media_ssrc: 0,
            feedback_count: 0,
            due: Time::NEVER,
        }
    }

    /// Notes a genuine packet. One that is late is told of again: senders count what was lost as arrived then.
    pub fn packet(&mut self, number: u16, media_ssrc: u32, now: Time) {
        let before = self.numbers.highest();
        let number = self.numbers.unwrap(number);
        match before {
            None => self.next = number,
            Some(before) if number > before => self.advance(before, number),
            Some(before) if number + WINDOW <= before => return,
            Some(_) => {}
        }
        let place = &mut self.ticks[(number % WINDOW) as usize];
        if place.is_some() {
            return;
        }
        *place = Some(Ticks::at(now));
        self.media_ssrc = media_ssrc;
        self.next = self.next.min(number);
        self.due = self.due.min(now + FEEDBACK_INTERVAL);
    }

    /// When feedback is to leave; never while nothing has arrived since the last.
    pub fn due(&self) -> Time {
        self.due
    }

    /// The next feedback packet, none when all is told. What one packet cannot hold is due at once.
    pub fn feedback(&mut self) -> Option<Feedback> {
        self.due = Time::NEVER;
        let highest = self.numbers.highest()?;
        let from = self.next;
        let ticks = (from..=highest).map(|number| self.ticks[(number % WINDOW) as usize]);
        let statuses = ArrivalStatuses::gather(ticks)?;
        self.next += statuses.len() as u64;
        if self.next <= highest {
            self.due = Time::ZERO;
        }
        let count = self.feedback_count;
        self.feedback_count = count.wrapping_add(1);
        Some(Feedback {
            media_ssrc: self.media_ssrc,
            base: from as u16,
            count,
            statuses,
        })
    }

    /// Makes room for the numbers up to `to`; what falls out of the window untold is never told.
    fn advance(&mut self, from: u64, to: u64) {
        if to - from >= WINDOW {
            self.ticks.fill(None);
        } else {
            (from + 1..=to).for_each(|number| self.ticks[(number % WINDOW) as usize] = None);
        }
        self.next = self.next.max((to + 1).saturating_sub(WINDOW));
    }
}
