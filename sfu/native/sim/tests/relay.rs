//! The relay as a program: what it takes in it brings out or tells of, and never early.
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const DELAY: Duration = Duration::from_millis(20);

struct Relay {
    child: Child,
    orders: Option<ChildStdin>,
    words: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Relay {
    fn start(node: SocketAddr, up: &str, down: &str) -> Relay {
        let mut child = Command::new(env!("CARGO_BIN_EXE_relay"))
            .args(["127.0.0.1:0", &node.to_string(), "7", up, down])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let mut words = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        words.read_line(&mut line).unwrap();
        let address = line.split('"').nth(3).expect("where it listens").parse().unwrap();
        Relay {
            child,
            orders,
            words,
            address,
        }
    }

    fn report(&mut self) -> String {
        writeln!(self.orders.as_mut().unwrap(), "report").unwrap();
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.words.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A number of the report, by the link's name and its own.
fn number(report: &str, link: &str, name: &str) -> u64 {
    let (_, link) = report.split_once(&format!("\"{link}\": ")).expect("the link");
    let (_, value) = link.split_once(&format!("\"{name}\": ")).expect("the number");
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    socket
}

/// Takes what arrives until the relay has nothing left to bring.
fn take(socket: &UdpSocket, relay: &mut Relay, link: &str, sent: u64) -> Vec<(u32, SocketAddr)> {
    let (mut taken, mut buffer) = (Vec::new(), [0; 64]);
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Ok((4, from)) = socket.recv_from(&mut buffer) {
            taken.push((u32::from_be_bytes(buffer[..4].try_into().unwrap()), from));
            continue;
        }
        let report = relay.report();
        let brought = number(&report, link, "delivered");
        if number(&report, link, "pushed") == sent
            && number(&report, link, "under_way") == 0
            && brought == taken.len() as u64
        {
            return taken;
        }
    }
    panic!("not all arrived: {} of {sent}, {}", taken.len(), relay.report());
}

#[test]
fn what_goes_in_comes_out_or_is_told_of() {
    let (node, client) = (socket(), socket());
    let mut relay = Relay::start(node.local_addr().unwrap(), "delay=20ms loss=20%", "delay=20ms");
    let begun = Instant::now();
    for at in 0..200_u32 {
        client.send_to(&at.to_be_bytes(), relay.address).unwrap();
    }
    let up = take(&node, &mut relay, "up", 200);
    assert!(begun.elapsed() >= DELAY);
    assert!(
        up.windows(2).all(|pair| pair[0].0 < pair[1].0),
        "the order is kept"
    );
    let report = relay.report();
    assert_eq!(number(&report, "up", "random") + up.len() as u64, 200);
    assert!((10..80).contains(&number(&report, "up", "random")));
    // The other way goes to the same client, from the address that it talks to.
    let begun = Instant::now();
    for at in 0..50_u32 {
        node.send_to(&at.to_be_bytes(), up[0].1).unwrap();
    }
    let down = take(&client, &mut relay, "down", 50);
    assert!(begun.elapsed() >= DELAY);
    assert!(down.iter().all(|(_, from)| *from == relay.address));
    assert_eq!(down.len(), 50);
    // Its input ends, so it tells once more and is gone.
    relay.orders = None;
    let last = relay.line();
    assert!(
        last.contains("\"own_losses\": 0, \"late_ms\": {\"p50\": "),
        "{last}"
    );
    assert!(relay.child.wait().unwrap().success());
}

#[test]
fn what_makes_no_sense_is_refused_with_a_sentence() {
    let run = |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_relay"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let (code, sentence) = run(&["127.0.0.1:0", "127.0.0.1:1", "1", "colour=red", ""]);
    assert!(
        code == Some(2) && sentence.starts_with("relay: a link has no colour"),
        "{sentence}"
    );
    let (code, sentence) = run(&["127.0.0.1:0", "192.0.2.1:53", "1", "", ""]);
    assert!(
        code == Some(2) && sentence.contains("must be loopback or private"),
        "{sentence}"
    );
    let (code, sentence) = run(&[]);
    assert!(
        code == Some(2) && sentence.starts_with("relay: usage"),
        "{sentence}"
    );
}
