//! `relay LISTEN NODE SEED UP DOWN`: a link in real time between clients and a node, on loopback or in a namespace.
//!
//! It says where it listens, answers each line on its input with a report, and ends with one when its input does. A
//! report tells of every drop, and of how late the relay itself was.
mod ends;
mod report;

use ends::{Ends, MOST_CLIENTS};
use forwarder_core::time::Time;
use forwarder_sim::lateness::Lateness;
use forwarder_sim::link::{Conditions, Link};
use report::Report;
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use std::io::{stdin, Read};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// More than any link here holds; what exceeds it is the relay's own loss, and a run with one proves nothing.
const MOST_UNDER_WAY: usize = 1 << 17;
/// Nothing waits for longer, so that a wrong deadline does not end everything.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Relay::from(&arguments).and_then(Relay::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("relay: {sentence}");
            ExitCode::from(2)
        }
    }
}

/// A datagram and the client that it comes from or goes to.
type Carried = (usize, Vec<u8>);

struct Relay {
    started: Instant,
    ends: Ends,
    up: Link<Carried>,
    down: Link<Carried>,
    lateness: Lateness,
    overflowed: u64,
}

impl Relay {
    fn from(arguments: &[String]) -> Result<Relay, String> {
        let [listen, node, seed, up, down] = arguments else {
            return Err("usage: relay LISTEN NODE SEED UP DOWN, as in relay 127.0.0.1:0 127.0.0.1:5000 1 'delay=50ms' 'delay=50ms loss=2%'".into());
        };
        let address = |text: &str| {
            text.parse::<SocketAddr>()
                .map_err(|_| format!("{text} is no address with a port"))
        };
        let seed: u64 = seed.parse().map_err(|_| format!("{seed} is no seed"))?;
        let (up, down): (Conditions, Conditions) = (up.parse()?, down.parse()?);
        Ok(Relay {
            started: Instant::now(),
            ends: Ends::open(address(listen)?, address(node)?)?,
            up: Link::new(up, seed),
            down: Link::new(down, seed + 1),
            lateness: Lateness::default(),
            overflowed: 0,
        })
    }

    fn run(mut self) -> Result<(), String> {
        println!(r#"{{"listens": "{}"}}"#, self.ends.listens()?);
        loop {
            let now = self.now();
            let due = self
                .up
                .deadline()
                .min(self.down.deadline())
                .since(now)
                .min(LONGEST_WAIT);
            let (front, upstream, is_asked) = self.wait(due)?;
            if front {
                self.take_from_clients();
            }
            for client in upstream {
                self.take_from_node(client);
            }
            self.deliver();
            if is_asked {
                let mut line = [0; 4096];
                let len = stdin()
                    .read(&mut line)
                    .map_err(|error| format!("reading orders: {error}"))?;
                println!("{}", self.report());
                if len == 0 {
                    return Ok(());
                }
            }
        }
    }

    fn now(&self) -> Time {
        Time::from_nanos(self.started.elapsed().as_nanos() as u64)
    }

    /// Whether clients have sent something, to which of them the node has, and whether a report is asked for.
    fn wait(&self, at_most: Duration) -> Result<(bool, Vec<usize>, bool), String> {
        let input = stdin();
        let mut ready = Vec::with_capacity(2 + MOST_CLIENTS);
        ready.push(PollFd::new(&input, PollFlags::IN));
        ready.push(PollFd::new(self.ends.front(), PollFlags::IN));
        ready.extend(
            self.ends
                .upstream()
                .map(|socket| PollFd::new(socket, PollFlags::IN)),
        );
        let at_most = Timespec {
            tv_sec: at_most.as_secs() as i64,
            tv_nsec: at_most.subsec_nanos().into(),
        };
        match poll(&mut ready, Some(&at_most)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("waiting: {error}")),
        }
        let is_ready = |at: usize| !ready[at].revents().is_empty();
        let upstream = (2..ready.len())
            .filter(|at| is_ready(*at))
            .map(|at| at - 2)
            .collect();
        Ok((is_ready(1), upstream, is_ready(0)))
    }

    fn take_from_clients(&mut self) {
        while let Some((client, datagram)) = self.ends.hear_client() {
            let now = self.now();
            push(&mut self.up, client, datagram, now, &mut self.overflowed);
        }
    }

    fn take_from_node(&mut self, client: usize) {
        while let Some(datagram) = self.ends.hear_node(client) {
            let now = self.now();
            push(&mut self.down, client, datagram, now, &mut self.overflowed);
        }
    }

    fn deliver(&mut self) {
        loop {
            let now = self.now();
            let (up, down) = (self.up.deliver(now), self.down.deliver(now));
            if up.is_none() && down.is_none() {
                return;
            }
            for (delivery, is_up) in [(up, true), (down, false)] {
                let Some(delivery) = delivery else { continue };
                let (client, datagram) = &delivery.packet;
                if is_up {
                    self.ends.tell_node(*client, datagram);
                } else {
                    self.ends.tell_client(*client, datagram);
                }
                self.lateness.note(now.since(delivery.left));
            }
        }
    }

    fn report(&self) -> Report<'_> {
        Report {
            links: [
                ("up", self.up.tally(), self.up.under_way()),
                ("down", self.down.tally(), self.down.under_way()),
            ],
            lateness: &self.lateness,
            own_losses: self.overflowed + self.ends.refused(),
        }
    }
}

fn push(link: &mut Link<Carried>, client: usize, datagram: Vec<u8>, now: Time, overflowed: &mut u64) {
    if link.under_way() >= MOST_UNDER_WAY {
        *overflowed += 1;
        return;
    }
    let bytes = datagram.len();
    link.push((client, datagram), bytes, now);
}
