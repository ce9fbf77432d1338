//! STUN: what is read, and that nothing forged teaches a path.
use super::outcome;
use forwarder_core::ice::{IceLite, Path};
use forwarder_core::stun::{self, ErrorCode, Key, Message, Request, Role};
use forwarder_core::time::Time;
use std::net::SocketAddr;

const PASSWORD: &str = "a password of 24 letters";

fn remote() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 5000))
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let key = Key::new(PASSWORD);
    let request = Request {
        transaction: *b"transaction!",
        username: "node:peer",
        priority: 0x6E00_01FF,
        role: Role::Controlling(0x0102_0304_0506_0708),
        use_candidate: true,
    };
    let controlled = Request {
        role: Role::Controlled(9),
        use_candidate: false,
        ..request
    };
    let v6 = SocketAddr::from(([0x2001, 0xDB8, 0, 0, 0, 0, 0, 1], 9));
    [
        written(|out| stun::write_request(out, &request, &key)),
        written(|out| stun::write_request(out, &controlled, &key)),
        written(|out| stun::write_success(out, &request.transaction, remote(), &key)),
        written(|out| stun::write_success(out, &request.transaction, v6, &key)),
        written(|out| {
            stun::write_error(
                out,
                &request.transaction,
                ErrorCode::UnknownAttribute,
                Some(0x7777),
                &key,
            )
        }),
    ]
    .to_vec()
}

fn written(write: impl FnOnce(&mut [u8]) -> Result<usize, stun::StunError>) -> Vec<u8> {
    let mut out = vec![0; 256];
    let len = write(&mut out).expect("256 bytes are enough");
    out.truncate(len);
    out
}

pub(super) fn read(input: &[u8]) -> u64 {
    outcome([read_one(input), read_one(&healed(input))])
}

/// The same with type, cookie and length put right and no fingerprint at the end, so that mutations reach the attributes.
fn healed(input: &[u8]) -> Vec<u8> {
    let mut message = input.to_vec();
    message.resize(input.len().max(20) / 4 * 4, 0);
    message[0] &= 0x01;
    message[1] = message[1] & 0x10 | 0x01;
    let len = (message.len() - 20) as u16;
    message[2..4].copy_from_slice(&len.to_be_bytes());
    message[4..8].copy_from_slice(&[0x21, 0x12, 0xA4, 0x42]);
    if let Some(last) = message[20..]
        .last_chunk_mut::<8>()
        .filter(|last| last[..2] == [0x80, 0x28])
    {
        last[..2].copy_from_slice(&[0x80, 0x22]);
    }
    message
}

fn read_one(input: &[u8]) -> u64 {
    let message = match stun::parse(input) {
        Ok(message) => message,
        Err(error) => return outcome([0, error as u64]),
    };
    write_again(&message);
    outcome([
        1,
        message.class as u64,
        u64::from(message.username.is_some()),
        u64::from(message.local_ufrag().is_some()),
        u64::from(message.role.is_some()),
        u64::from(message.mapped_address.is_some()),
        u64::from(message.error_code.is_some()),
        u64::from(message.unknown_attribute.is_some()),
        u64::from(message.has_fingerprint),
        u64::from(message.has_integrity()),
        u64::from(message.verify_integrity(&Key::new(PASSWORD))),
    ])
}

/// What was read can be written, and then reads the same.
fn write_again(message: &Message<'_>) {
    let key = Key::new(PASSWORD);
    if let (Some(username), Some(role), Some(priority)) = (message.username, message.role, message.priority) {
        let Ok(username) = std::str::from_utf8(username) else {
            return;
        };
        let use_candidate = message.use_candidate;
        let request = Request {
            transaction: message.transaction,
            username,
            priority,
            role,
            use_candidate,
        };
        let mut out = vec![0; 3000];
        let len = stun::write_request(&mut out, &request, &key).expect("3000 bytes are enough");
        let again = stun::parse(&out[..len]).expect("what we wrote is well-formed");
        assert_eq!((again.username, again.role), (message.username, message.role));
        assert_eq!(
            (again.priority, again.use_candidate),
            (message.priority, use_candidate)
        );
        assert!(again.verify_integrity(&key) && again.has_fingerprint);
    }
    if let Some(address) = message.mapped_address {
        let bytes = written(|out| stun::write_success(out, &message.transaction, address, &key));
        assert_eq!(
            stun::parse(&bytes).expect("well-formed").mapped_address,
            Some(address)
        );
    }
}

/// An agent answers only what was made with its password and names both fragments.
pub(super) fn check(input: &[u8]) -> u64 {
    let Ok(message) = stun::parse(input) else { return 0 };
    let mut agent = IceLite::new("node", PASSWORD, "peer", Time::ZERO);
    let path = Path {
        socket: 0,
        remote: remote(),
    };
    let mut response = [0; stun::MAX_RESPONSE_LEN];
    match agent.receive(&message, path, Time::from_millis(1), &mut response) {
        Ok(answered) => {
            assert!(message.verify_integrity(&Key::new(PASSWORD)));
            assert_eq!(message.username, Some(&b"node:peer"[..]));
            assert_eq!(answered.path_changed, agent.path() == Some(path));
            let answer = stun::parse(&response[..answered.response_len]).expect("our answer is well-formed");
            assert_eq!(answer.transaction, message.transaction);
            outcome([1, answer.class as u64, u64::from(answer.error_code.unwrap_or(0))])
        }
        Err(refusal) => {
            assert_eq!(agent.path(), None);
            assert!(!agent.is_valid(&path));
            outcome([2, refusal as u64])
        }
    }
}
