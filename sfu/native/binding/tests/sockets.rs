//! Datagrams over the loopback interface, in batches.
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use _forwarder::sockets::{ReceiveBatch, SendBatch, Sent, Socket, DATAGRAM_CAPACITY, RECEIVE_BATCH};

const PATIENCE: Duration = Duration::from_secs(5);
const LOOPBACKS: [&str; 2] = ["127.0.0.1:0", "[::1]:0"];

fn bound(address: &str) -> Socket {
    Socket::bind(address.parse().unwrap()).unwrap()
}

/// Reads until `expected` datagrams have come; one cut short is nothing.
fn receive_all(socket: &Socket, expected: usize) -> Vec<Option<(SocketAddr, Vec<u8>)>> {
    let (began, mut batch, mut all) = (Instant::now(), ReceiveBatch::allocate(), Vec::new());
    while all.len() < expected {
        assert!(
            began.elapsed() < PATIENCE,
            "{} of {expected} datagrams came",
            all.len()
        );
        for index in 0..batch.receive(socket).unwrap() {
            all.push(
                batch
                    .datagram(index)
                    .map(|(bytes, remote)| (remote, bytes.to_vec())),
            );
        }
    }
    all
}

fn receive(socket: &Socket, expected: usize) -> Vec<(SocketAddr, Vec<u8>)> {
    receive_all(socket, expected)
        .into_iter()
        .map(|whole| whole.unwrap())
        .collect()
}

fn send(from: &mut Socket, datagrams: &[(SocketAddr, Vec<u8>)]) -> Sent {
    SendBatch::allocate().send(
        from,
        datagrams.iter().map(|(remote, bytes)| (*remote, &bytes[..])),
    )
}

fn numbered(count: usize, length: impl Fn(usize) -> usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| vec![number as u8; length(number)])
        .collect()
}

#[test]
fn datagrams_arrive_whole_and_in_order_whatever_their_lengths() {
    let lengths: [fn(usize) -> usize; 5] = [
        |_| 1200,
        |n| 1200 - n,
        |n| 1 + n,
        |n| [1200, 1200, 300][n % 3],
        |n| [0, 5, 5][n % 3],
    ];
    for address in LOOPBACKS {
        for length in lengths {
            let (mut from, to) = (bound(address), bound(address));
            let sent = numbered(150, length);
            let addressed: Vec<_> = sent.iter().map(|bytes| (to.address(), bytes.clone())).collect();
            let expected = Sent {
                datagrams: 150,
                ..Sent::default()
            };
            assert_eq!(send(&mut from, &addressed), expected);
            let arrived = receive(&to, 150);
            assert!(arrived.iter().all(|(remote, _)| *remote == from.address()));
            assert_eq!(
                arrived.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>(),
                sent
            );
        }
    }
}

#[test]
fn neighbours_with_different_remotes_go_to_their_own() {
    let mut from = bound("127.0.0.1:0");
    let to = [bound("127.0.0.1:0"), bound("127.0.0.1:0")];
    let all: Vec<_> = numbered(40, |_| 700)
        .into_iter()
        .enumerate()
        .map(|(number, bytes)| (to[number / 3 % 2].address(), bytes))
        .collect();
    assert_eq!(send(&mut from, &all).datagrams, 40);
    for socket in &to {
        let mine: Vec<_> = all
            .iter()
            .filter(|(remote, _)| *remote == socket.address())
            .collect();
        let arrived = receive(socket, mine.len());
        assert!(arrived
            .iter()
            .map(|(_, bytes)| bytes)
            .eq(mine.iter().map(|(_, bytes)| bytes)));
    }
}

#[test]
fn more_than_a_batch_waits_for_the_next_call() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    let all: Vec<_> = numbered(RECEIVE_BATCH + 6, |_| 100)
        .into_iter()
        .map(|bytes| (to.address(), bytes))
        .collect();
    send(&mut from, &all);
    let arrived = receive(&to, RECEIVE_BATCH + 6);
    assert!(arrived
        .into_iter()
        .enumerate()
        .all(|(number, (_, bytes))| bytes == [number as u8; 100]));
    assert_eq!(ReceiveBatch::allocate().receive(&to).unwrap(), 0);
}

#[test]
fn a_datagram_cut_short_is_not_shown() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    send(
        &mut from,
        &[
            (to.address(), vec![1; DATAGRAM_CAPACITY + 1]),
            (to.address(), vec![2; 10]),
        ],
    );
    let arrived = receive_all(&to, 2);
    assert_eq!(arrived, [None, Some((from.address(), vec![2; 10]))]);
}

#[test]
fn what_the_kernel_refuses_is_counted_and_the_rest_is_sent() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    // Nothing on the loopback interface reaches an address of another family.
    let nowhere: SocketAddr = "[::1]:9".parse().unwrap();
    let all = [
        (to.address(), vec![1; 10]),
        (nowhere, vec![2; 10]),
        (nowhere, vec![2; 10]),
        (to.address(), vec![3; 10]),
    ];
    assert_eq!(
        send(&mut from, &all),
        Sent {
            datagrams: 2,
            failed: 2,
            ..Sent::default()
        }
    );
    let arrived: Vec<_> = receive(&to, 2).into_iter().map(|(_, bytes)| bytes[0]).collect();
    assert_eq!(arrived, [1, 3]);
}

#[test]
fn each_refusal_is_counted_under_its_reason() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    let too_long = (to.address(), vec![0; 65_508]);
    // A socket of the loopback interface has no way out of it.
    let far: SocketAddr = "192.0.2.1:9".parse().unwrap();
    let sent = send(&mut from, &[too_long, (far, vec![0; 10])]);
    assert_eq!((sent.datagrams, sent.too_long), (0, 1));
    assert_eq!(sent.dropped().iter().map(|(_, count)| count).sum::<u64>(), 2);
}

#[test]
fn a_remote_that_no_datagram_reaches_does_not_cost_others_their_runs() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    // Port 0 is an invalid argument, as a device without segmentation would be.
    let nowhere = SocketAddr::new(to.address().ip(), 0);
    assert_eq!(send(&mut from, &vec![(nowhere, vec![0; 100]); 8]).failed, 8);
    assert!(from.sends_in_runs());
    assert_eq!(
        send(&mut from, &vec![(to.address(), vec![0; 100]); 8]).datagrams,
        8
    );
}

#[test]
fn a_run_too_long_for_one_send_is_sent_one_by_one() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    let huge: Vec<_> = (0..3)
        .map(|number| (to.address(), vec![number; 65_507]))
        .collect();
    let sent = send(&mut from, &huge);
    assert_eq!(
        sent,
        Sent {
            datagrams: 3,
            ..Sent::default()
        }
    );
    assert_eq!(
        send(
            &mut from,
            &[(to.address(), vec![7; 9]), (to.address(), vec![8; 9])]
        )
        .datagrams,
        2
    );
}

#[test]
fn what_nobody_reads_in_time_is_counted() {
    let (mut from, to) = (bound("127.0.0.1:0"), bound("127.0.0.1:0"));
    assert_eq!(to.receive_queue_drops(), 0);
    let flood: Vec<_> = numbered(64, |_| 1200)
        .into_iter()
        .map(|bytes| (to.address(), bytes))
        .collect();
    let began = Instant::now();
    while to.receive_queue_drops() == 0 {
        assert!(began.elapsed() < PATIENCE, "the receive queue never filled");
        send(&mut from, &flood);
    }
}

#[test]
fn a_taken_or_foreign_address_is_refused() {
    let socket = bound("127.0.0.1:0");
    assert_eq!(
        Socket::bind(socket.address()).err().unwrap().kind(),
        io::ErrorKind::AddrInUse
    );
    let foreign = Socket::bind("192.0.2.1:0".parse().unwrap());
    assert_eq!(foreign.err().unwrap().kind(), io::ErrorKind::AddrNotAvailable);
}
