use super::*;
use crate::stun::{Class, Key, Request};

const LOCAL: (&str, &str) = ("node", "node password of 22 char");
const REMOTE_UFRAG: &str = "peer";

fn agent() -> IceLite {
    IceLite::new(LOCAL.0, LOCAL.1, REMOTE_UFRAG, Time::ZERO)
}

fn path(last: u8) -> Path {
    Path {
        socket: 0,
        remote: SocketAddr::from(([192, 0, 2, last], 5000)),
    }
}

const CHECK: Request<'static> = Request {
    transaction: [3; 12],
    username: "node:peer",
    priority: 100,
    role: Role::Controlling(1),
    use_candidate: false,
};
const NOMINATION: Request<'static> = Request {
    use_candidate: true,
    ..CHECK
};

fn bytes(request: &Request<'_>, password: &str) -> Vec<u8> {
    let mut out = vec![0; 300];
    let len = stun::write_request(&mut out, request, &Key::new(password)).unwrap();
    out.truncate(len);
    out
}

/// Hands a request in and returns what came of it and the response's bytes.
fn hand_in(
    agent: &mut IceLite,
    datagram: &[u8],
    path: Path,
    seconds: u64,
) -> Result<(IceOutcome, Vec<u8>), Refusal> {
    let mut response = [0; stun::MAX_RESPONSE_LEN];
    let message = stun::parse(datagram).unwrap();
    let outcome = agent.receive(&message, path, Time::from_millis(seconds * 1000), &mut response)?;
    Ok((outcome, response[..outcome.response_len].to_vec()))
}

fn check(agent: &mut IceLite, request: &Request<'_>, path: Path, seconds: u64) -> bool {
    hand_in(agent, &bytes(request, LOCAL.1), path, seconds)
        .unwrap()
        .0
        .path_changed
}

#[test]
fn a_genuine_check_is_answered_with_where_it_came_from() {
    let mut agent = agent();
    assert_eq!(agent.path(), None);
    let (outcome, response) = hand_in(&mut agent, &bytes(&CHECK, LOCAL.1), path(1), 0).unwrap();
    assert!(outcome.path_changed);
    let message = stun::parse(&response).unwrap();
    assert_eq!((message.class, message.transaction), (Class::Success, [3; 12]));
    assert_eq!(message.mapped_address, Some(path(1).remote));
    assert!(message.has_fingerprint && message.verify_integrity(&Key::new(LOCAL.1)));
    assert_eq!(agent.path(), Some(path(1)));
    assert!(agent.is_valid(&path(1)) && !agent.is_valid(&path(2)));
}

#[test]
fn the_first_valid_path_serves_until_one_is_nominated() {
    let mut agent = agent();
    assert!(check(&mut agent, &CHECK, path(1), 0));
    assert!(!check(&mut agent, &CHECK, path(2), 0));
    assert_eq!(agent.path(), Some(path(1)));
    assert!(check(&mut agent, &NOMINATION, path(2), 0));
    assert_eq!(agent.path(), Some(path(2)));
    assert!(!check(&mut agent, &CHECK, path(1), 1));
    assert!(!check(&mut agent, &NOMINATION, path(2), 1));
    assert_eq!(agent.path(), Some(path(2)));
    assert!(check(&mut agent, &NOMINATION, path(3), 2));
    assert_eq!(agent.path(), Some(path(3)));
    assert!([1, 2, 3].iter().all(|&last| agent.is_valid(&path(last))));
}

#[test]
fn the_socket_is_part_of_the_path() {
    let mut agent = agent();
    check(&mut agent, &CHECK, path(1), 0);
    let other_socket = Path { socket: 1, ..path(1) };
    assert!(!agent.is_valid(&other_socket));
    assert!(check(&mut agent, &NOMINATION, other_socket, 0));
    assert_eq!(agent.path(), Some(other_socket));
}

#[test]
fn what_is_not_genuine_is_refused_and_teaches_nothing() {
    let refused = |request: &Request<'_>, password| {
        let mut agent = agent();
        let refusal = hand_in(&mut agent, &bytes(request, password), path(1), 0).unwrap_err();
        assert_eq!(
            (agent.path(), agent.deadline()),
            (None, Time::ZERO + CONSENT_LIFETIME)
        );
        assert!(!agent.is_valid(&path(1)));
        refusal
    };
    assert_eq!(refused(&NOMINATION, "another password"), Refusal::WrongIntegrity);
    for username in ["node:pee", "node:peers", "node", "", "peer:node", "Node:peer"] {
        assert_eq!(
            refused(
                &Request {
                    username,
                    ..NOMINATION
                },
                LOCAL.1
            ),
            Refusal::WrongUsername
        );
    }
}

#[test]
fn messages_without_credentials_and_responses_are_refused() {
    let mut agent = agent();
    let bare = [
        0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ];
    assert_eq!(
        hand_in(&mut agent, &bare, path(1), 0).unwrap_err(),
        Refusal::NoUsername
    );
    let mut unsigned = bare.to_vec();
    unsigned.extend_from_slice(b"\x00\x06\x00\x09node:peer\x00\x00\x00");
    unsigned[3] = 16;
    assert_eq!(
        hand_in(&mut agent, &unsigned, path(1), 0).unwrap_err(),
        Refusal::NoIntegrity
    );
    let mut response = [0; stun::MAX_RESPONSE_LEN];
    let len = stun::write_success(&mut response, &[0; 12], path(1).remote, &Key::new(LOCAL.1)).unwrap();
    assert_eq!(
        hand_in(&mut agent, &response[..len], path(1), 0).unwrap_err(),
        Refusal::NotARequest
    );
    assert_eq!(agent.path(), None);
}

#[test]
fn a_controlled_peer_is_told_to_take_the_other_role() {
    let mut agent = agent();
    let request = Request {
        role: Role::Controlled(u64::MAX),
        ..NOMINATION
    };
    let (outcome, response) = hand_in(&mut agent, &bytes(&request, LOCAL.1), path(1), 0).unwrap();
    assert!(!outcome.path_changed);
    let message = stun::parse(&response).unwrap();
    assert_eq!((message.class, message.error_code), (Class::Error, Some(487)));
    assert!(message.verify_integrity(&Key::new(LOCAL.1)));
    assert_eq!(agent.path(), None);
}

#[test]
fn consent_lasts_thirty_seconds_from_the_last_check_on_the_selected_path() {
    let mut agent = agent();
    assert!(!agent.expired(Time::from_millis(29_999)) && agent.expired(Time::from_millis(30_000)));
    check(&mut agent, &NOMINATION, path(1), 10);
    assert_eq!(agent.deadline(), Time::from_millis(40_000));
    check(&mut agent, &CHECK, path(2), 20);
    assert_eq!(agent.deadline(), Time::from_millis(40_000));
    check(&mut agent, &CHECK, path(1), 25);
    assert!(!agent.expired(Time::from_millis(54_999)) && agent.expired(Time::from_millis(55_000)));
}

#[test]
fn paths_are_bounded_and_the_stalest_gives_way_but_never_the_selected() {
    let mut agent = agent();
    check(&mut agent, &NOMINATION, path(1), 0);
    for last in 2..=200 {
        check(&mut agent, &CHECK, path(last), u64::from(last));
    }
    assert_eq!(agent.path(), Some(path(1)));
    assert!(agent.is_valid(&path(1)) && agent.is_valid(&path(200)) && !agent.is_valid(&path(2)));
    assert_eq!(agent.valid.len(), MAX_VALID_PATHS);
    assert_eq!(agent.valid.capacity(), MAX_VALID_PATHS);
}

#[test]
fn without_room_for_the_answer_nothing_is_learned() {
    let mut agent = agent();
    let datagram = bytes(&NOMINATION, LOCAL.1);
    let message = stun::parse(&datagram).unwrap();
    let refusal = agent
        .receive(&message, path(1), Time::ZERO, &mut [0; 40])
        .unwrap_err();
    assert_eq!((refusal, agent.path()), (Refusal::NoRoom, None));
}

fn tcp_path(last: u8) -> Path {
    Path {
        socket: Path::TCP,
        ..path(last)
    }
}

fn nominate(agent: &mut IceLite, path: Path, ms: u64) -> Option<Path> {
    let (datagram, mut response) = (bytes(&NOMINATION, LOCAL.1), [0; stun::MAX_RESPONSE_LEN]);
    let message = stun::parse(&datagram).unwrap();
    agent
        .receive(&message, path, Time::from_millis(ms), &mut response)
        .unwrap();
    agent.path()
}

#[test]
fn a_browser_that_nominates_all_it_checks_keeps_its_datagrams() {
    let (udp, tcp) = (path(1), tcp_path(2));
    let mut agent = agent();
    assert_eq!(nominate(&mut agent, udp, 0), Some(udp));
    assert_eq!(nominate(&mut agent, tcp, 200), Some(udp));
    assert_eq!(nominate(&mut agent, udp, 5_000), Some(udp));
    assert_eq!(nominate(&mut agent, tcp, 5_100), Some(udp));
    let mut agent = self::agent();
    assert_eq!(nominate(&mut agent, tcp, 0), Some(tcp));
    assert_eq!(nominate(&mut agent, udp, 200), Some(udp));
}

#[test]
fn a_browser_that_goes_on_nominating_tcp_or_has_lost_its_datagrams_gets_it() {
    let (udp, tcp) = (path(1), tcp_path(2));
    let mut agent = agent();
    nominate(&mut agent, udp, 0);
    assert_eq!(nominate(&mut agent, tcp, 3_000), Some(udp));
    assert_eq!(nominate(&mut agent, tcp, 3_499), Some(udp));
    assert_eq!(nominate(&mut agent, tcp, 3_500), Some(tcp));
    let mut agent = self::agent();
    nominate(&mut agent, udp, 0);
    assert_eq!(nominate(&mut agent, tcp, 10_000), Some(tcp));
}

#[test]
fn a_lost_connection_leaves_the_path_that_was_checked_last_if_lately() {
    let (udp, other, tcp) = (path(1), path(2), tcp_path(3));
    let mut agent = agent();
    check(&mut agent, &CHECK, udp, 0);
    check(&mut agent, &CHECK, other, 5);
    check(&mut agent, &NOMINATION, tcp, 12);
    agent.forget(&tcp_path(9), Time::from_millis(12_000));
    assert_eq!(agent.path(), Some(tcp));
    agent.forget(&tcp, Time::from_millis(14_000));
    assert_eq!((agent.path(), agent.is_valid(&udp)), (Some(other), false));
}

#[test]
fn without_another_path_consent_runs_on_until_a_new_one_is_checked() {
    let (tcp, next) = (tcp_path(3), tcp_path(4));
    let mut agent = agent();
    check(&mut agent, &NOMINATION, tcp, 20);
    agent.forget(&tcp, Time::from_millis(25_000));
    assert_eq!(
        (agent.path(), agent.deadline()),
        (None, Time::from_millis(50_000))
    );
    assert!(check(&mut agent, &CHECK, next, 26));
    assert_eq!(
        (agent.path(), agent.deadline()),
        (Some(next), Time::from_millis(56_000))
    );
}
