//! SRTP: only what was sealed opens. The first byte of an input chooses profile and kind, the rest is the packet.
use super::outcome;
use forwarder_core::rtp::{self, Header};
use forwarder_core::srtp::{Inbound, Outbound, Profile, SrtpError};
use std::sync::OnceLock;

const KEY: [u8; 16] = [0x42; 16];
const SALT: [u8; 14] = [0x17; 14];

fn inbound(profile: Profile) -> Inbound {
    Inbound::new(profile, &KEY, &SALT[..profile.salt_len()]).expect("the lengths are the profile's")
}

fn outbound(profile: Profile) -> Outbound {
    Outbound::new(profile, &KEY, &SALT[..profile.salt_len()]).expect("the lengths are the profile's")
}

/// Every genuine input; nothing else may open.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    (0..4)
        .flat_map(|choice| [0, 1, 200].map(|payload_len| sealed(choice, payload_len)))
        .collect()
}

fn genuine() -> &'static [Vec<u8>] {
    static GENUINE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    GENUINE.get_or_init(seeds)
}

fn sealed(choice: u8, payload_len: usize) -> Vec<u8> {
    let profile = Profile::ALL[usize::from(choice & 1)];
    let packet = if choice & 2 == 0 {
        sealed_rtp(profile, payload_len)
    } else {
        sealed_rtcp(profile, payload_len)
    };
    [&[choice][..], &packet].concat()
}

fn sealed_rtp(profile: Profile, payload_len: usize) -> Vec<u8> {
    let header = Header {
        marker: false,
        payload_type: 96,
        sequence: 100 + payload_len as u16,
        timestamp: 5,
        ssrc: 9,
        extensions: &[(1, b"mid")],
    };
    let mut packet = vec![0x33; 300];
    let mut outbound = outbound(profile);
    let stream = outbound.add_stream(header.ssrc).expect("it is the first");
    let header_len = rtp::write_header(&mut packet, &header).expect("there is room");
    let len = outbound.protect_rtp(stream, &mut packet, header_len + payload_len, header_len);
    packet.truncate(len.expect("there is room"));
    packet
}

fn sealed_rtcp(profile: Profile, body_len: usize) -> Vec<u8> {
    let mut packet = vec![0x33; 300];
    packet[..4].copy_from_slice(&[0x80, 201, 0, 1]);
    let len = outbound(profile)
        .protect_rtcp(&mut packet, 8 + body_len)
        .expect("there is room");
    packet.truncate(len);
    packet
}

pub(super) fn open(input: &[u8]) -> u64 {
    let Some((&choice, packet)) = input.split_first() else {
        return 0;
    };
    let profile = Profile::ALL[usize::from(choice & 1)];
    let mut buffer = packet.to_vec();
    let opened = if choice & 2 == 0 {
        let Ok(view) = rtp::parse(packet) else { return 1 };
        let opened = inbound(profile).unprotect_rtp(&mut buffer, &view);
        opened.map(|unprotected| (unprotected.len, profile.rtp_overhead()))
    } else {
        inbound(profile)
            .unprotect_rtcp(&mut buffer)
            .map(|len| (len, profile.rtcp_overhead()))
    };
    judge(choice, packet, opened)
}

fn judge(choice: u8, packet: &[u8], opened: Result<(usize, usize), SrtpError>) -> u64 {
    match opened {
        Ok((len, overhead)) => {
            assert_eq!(len + overhead, packet.len());
            let was_sealed = |known: &Vec<u8>| known[0] == choice & 3 && known[1..] == *packet;
            assert!(genuine().iter().any(was_sealed), "a forged packet was opened");
            outcome([1, u64::from(choice & 3)])
        }
        Err(error) => outcome([2, u64::from(choice & 3), error as u64]),
    }
}
