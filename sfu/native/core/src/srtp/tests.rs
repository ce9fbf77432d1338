mod vectors;

use super::*;
use crate::rtp::{self, Header};

/// Both halves of a connection, by profile, with the keys that one side's exporter gave.
fn pair(profile: Profile) -> (Outbound, Inbound) {
    let material: Vec<u8> = (0..profile.keying_material_len() as u8)
        .map(|byte| byte.wrapping_mul(37))
        .collect();
    let keys = profile.split(&material).unwrap();
    let outbound = Outbound::new(profile, keys.client_key, keys.client_salt).unwrap();
    let inbound = Inbound::new(profile, keys.client_key, keys.client_salt).unwrap();
    (outbound, inbound)
}

fn plain_rtp(ssrc: u32, sequence: u16, payload: &[u8]) -> (Vec<u8>, usize) {
    let extensions: &[(u8, &[u8])] = &[(1, b"mid")];
    let header = Header {
        marker: true,
        payload_type: 96,
        sequence,
        timestamp: 7,
        ssrc,
        extensions,
    };
    let mut packet = vec![0; 64];
    let header_len = rtp::write_header(&mut packet, &header).unwrap();
    packet.truncate(header_len);
    packet.extend_from_slice(payload);
    (packet, header_len)
}

fn seal(outbound: &mut Outbound, ssrc: u32, sequence: u16, payload: &[u8]) -> Result<Vec<u8>, SrtpError> {
    let (mut packet, header_len) = plain_rtp(ssrc, sequence, payload);
    let len = packet.len();
    packet.resize(len + MAX_RTP_OVERHEAD, 0);
    let stream = outbound.add_stream(ssrc)?;
    let sealed_len = outbound.protect_rtp(stream, &mut packet, len, header_len)?;
    packet.truncate(sealed_len);
    Ok(packet)
}

fn open(inbound: &mut Inbound, sealed: &[u8]) -> Result<(Vec<u8>, u64), SrtpError> {
    let mut packet = sealed.to_vec();
    let view = rtp::parse(&packet).unwrap();
    let Unprotected { len, index } = inbound.unprotect_rtp(&mut packet, &view)?;
    packet.truncate(len);
    Ok((packet, index))
}

#[test]
fn what_is_sealed_opens_to_the_same_across_roll_overs() {
    for profile in Profile::ALL {
        for start in [0u16, 0x7FFF, 0xFFF0] {
            let (mut outbound, mut inbound) = pair(profile);
            for step in (0..150_000u64).step_by(3967) {
                let sequence = start.wrapping_add(step as u16);
                let sealed = seal(&mut outbound, 9, sequence, &step.to_be_bytes()).unwrap();
                assert_eq!(sealed.len(), 20 + 8 + profile.rtp_overhead());
                let (plain, index) = open(&mut inbound, &sealed).unwrap();
                assert_eq!(plain, plain_rtp(9, sequence, &step.to_be_bytes()).0);
                assert_eq!(index, u64::from(start) + step);
            }
        }
    }
}

/// Index by index, so that the sender's counter rolls over where the test says; returns what opens to which index.
fn opened(profile: Profile, sent: &[u64], arriving: &[u64]) -> Vec<Result<u64, SrtpError>> {
    let (mut outbound, mut inbound) = pair(profile);
    let sealed: Vec<(u64, Vec<u8>)> = sent
        .iter()
        .map(|&index| (index, seal(&mut outbound, 9, index as u16, b"x").unwrap()))
        .collect();
    let sealed_at = |index: u64| &sealed.iter().find(|(known, _)| *known == index).unwrap().1;
    arriving
        .iter()
        .map(|&index| open(&mut inbound, sealed_at(index)).map(|(_, index)| index))
        .collect()
}

#[test]
fn a_number_far_ahead_is_believed_once_another_comes_close() {
    let sent = [100, 101, 102, 103, 30_000, 30_001, 30_002, 32_101];
    let arriving = [100, 101, 32_101, 102, 103, 30_000, 30_001, 30_002];
    for profile in Profile::ALL {
        let leapt = Err(SrtpError::Leapt);
        let expected = [
            Ok(100),
            Ok(101),
            leapt,
            Ok(102),
            Ok(103),
            leapt,
            Ok(30_001),
            Ok(30_002),
        ];
        assert_eq!(opened(profile, &sent, &arriving), expected);
        // The same bytes again confirm nothing.
        assert_eq!(
            opened(profile, &sent, &[101, 32_101, 32_101])[1..],
            [leapt, leapt]
        );
    }
}

#[test]
fn the_roll_over_counter_follows_a_stream_whatever_is_lost_or_late_at_the_wrap() {
    let steps = (0..16).map(|step| 69_000 + step * 4_000);
    let sent: Vec<u64> = (65_533..65_539).chain(steps).chain(131_071..131_074).collect();
    let leaps: Vec<u64> = std::iter::once(65_537).chain(sent[6..].iter().copied()).collect();
    // In order; reordered across the wrap both ways; with all lost before it; a jump; across the second wrap.
    let arrivals: [&[u64]; 6] = [
        &sent,
        &[65_533, 65_536, 65_534, 65_535, 65_537],
        &[65_536, 65_535, 65_534, 65_538],
        &[65_538, 65_536, 65_537],
        &[65_534, 65_538, 65_535, 65_536, 65_537, 65_533],
        &leaps,
    ];
    for profile in Profile::ALL {
        for arriving in arrivals {
            let expected: Vec<_> = arriving.iter().map(|&index| Ok(index)).collect();
            assert_eq!(
                opened(profile, &sent, arriving),
                expected,
                "{profile:?} {arriving:?}"
            );
        }
        let late = [65_538, 65_538, 65_533, 65_533];
        let [first, again, before, again_before] = opened(profile, &sent, &late)[..] else {
            panic!()
        };
        assert_eq!((first, before), (Ok(65_538), Ok(65_533)));
        assert_eq!(
            (again, again_before),
            (Err(SrtpError::Replayed), Err(SrtpError::Replayed))
        );
    }
}

#[test]
fn payload_is_hidden_and_header_is_not() {
    for profile in Profile::ALL {
        let (mut outbound, _) = pair(profile);
        let (plain, header_len) = plain_rtp(9, 1, &[0x55; 100]);
        let sealed = seal(&mut outbound, 9, 1, &[0x55; 100]).unwrap();
        assert_eq!(sealed[..header_len], plain[..header_len]);
        assert!(sealed[header_len..].iter().filter(|&&byte| byte == 0x55).count() < 10);
    }
}

#[test]
fn empty_payloads_are_protected_too() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = pair(profile);
        let sealed = seal(&mut outbound, 9, 1, &[]).unwrap();
        assert_eq!(open(&mut inbound, &sealed).unwrap().0, plain_rtp(9, 1, &[]).0);
    }
}

#[test]
fn an_index_is_sealed_once() {
    for profile in Profile::ALL {
        let (mut outbound, _) = pair(profile);
        for sequence in [100, 102, 101, 65_000, 4] {
            let expected = if sequence == 65_000 {
                Err(SrtpError::TooOld)
            } else {
                Ok(())
            };
            assert_eq!(seal(&mut outbound, 9, sequence, b"x").map(|_| ()), expected);
            let refused = seal(&mut outbound, 9, sequence, b"y").unwrap_err();
            assert!(
                matches!(refused, SrtpError::Replayed | SrtpError::TooOld),
                "{sequence}"
            );
        }
        assert!(seal(&mut outbound, 10, 100, b"x").is_ok());
    }
}

#[test]
fn a_stream_added_again_goes_on_where_it_was() {
    let (mut outbound, _) = pair(Profile::AeadAes128Gcm);
    let first = outbound.add_stream(5).unwrap();
    seal(&mut outbound, 5, 7, b"x").unwrap();
    assert_eq!(outbound.add_stream(5), Ok(first));
    assert_eq!(seal(&mut outbound, 5, 7, b"x"), Err(SrtpError::Replayed));
    assert_ne!(outbound.add_stream(6).unwrap(), first);
}

#[test]
fn replayed_packets_are_refused_and_late_ones_accepted() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = pair(profile);
        let sealed: Vec<_> = (0..4000)
            .map(|n| seal(&mut outbound, 9, n, b"x").unwrap())
            .collect();
        for at in [2, 0, 1, 3, 2050] {
            assert_eq!(open(&mut inbound, &sealed[at]).unwrap().1, at as u64);
            assert_eq!(open(&mut inbound, &sealed[at]), Err(SrtpError::Replayed));
        }
        assert_eq!(open(&mut inbound, &sealed[4]).unwrap().1, 4);
        open(&mut inbound, &sealed[3999]).unwrap();
        assert_eq!(open(&mut inbound, &sealed[1951]), Err(SrtpError::TooOld));
        assert_eq!(open(&mut inbound, &sealed[1952]).unwrap().1, 1952);
    }
}

#[test]
fn no_changed_bit_is_accepted_and_none_leaves_a_trace() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = pair(profile);
        let sealed = seal(&mut outbound, 9, 1, b"some payload").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Ok(view) = rtp::parse(&changed) else { continue };
            let refused = inbound.unprotect_rtp(&mut changed, &view).unwrap_err();
            assert!(
                matches!(refused, SrtpError::WrongTag | SrtpError::TooShort),
                "bit {bit}: {refused}"
            );
        }
        assert!(open(&mut inbound, &sealed).is_ok());
    }
}

#[test]
fn only_genuine_packets_count_against_the_streams() {
    let (mut outbound, mut inbound) = pair(Profile::AeadAes128Gcm);
    for ssrc in 0..1000 {
        let mut forged = seal(&mut outbound, ssrc, 1, b"x").unwrap();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(open(&mut inbound, &forged), Err(SrtpError::WrongTag));
    }
    for ssrc in 0..256 {
        let sealed = seal(&mut outbound, ssrc, 2, b"x").unwrap();
        open(&mut inbound, &sealed).unwrap();
    }
    let one_more = seal(&mut outbound, 256, 2, b"x").unwrap();
    assert_eq!(open(&mut inbound, &one_more), Err(SrtpError::TooManyStreams));
    let known = seal(&mut outbound, 255, 3, b"x").unwrap();
    assert!(open(&mut inbound, &known).is_ok());
}

#[test]
fn what_is_cut_short_is_refused() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = pair(profile);
        let sealed = seal(&mut outbound, 9, 1, b"x").unwrap();
        let view = rtp::parse(&sealed).unwrap();
        for len in 0..sealed.len() {
            let expected = if len < 20 + profile.rtp_overhead() {
                SrtpError::TooShort
            } else {
                SrtpError::WrongTag
            };
            assert_eq!(
                inbound.unprotect_rtp(&mut sealed[..len].to_vec(), &view),
                Err(expected)
            );
        }
        for len in 0..8 + profile.rtcp_overhead() {
            assert_eq!(
                inbound.unprotect_rtcp(&mut vec![0xFF; len]),
                Err(SrtpError::TooShort)
            );
        }
    }
}

#[test]
fn rtcp_round_trips_and_refuses_replay_and_change() {
    let plain = [0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 203, 0, 1, 0, 0, 0, 9];
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = pair(profile);
        let sealed: Vec<Vec<u8>> = (0..3)
            .map(|_| {
                let mut buffer = [&plain[..], &[0; MAX_RTCP_OVERHEAD]].concat();
                let len = outbound.protect_rtcp(&mut buffer, plain.len()).unwrap();
                buffer.truncate(len);
                buffer
            })
            .collect();
        for at in [1, 0, 2] {
            let mut packet = sealed[at].clone();
            assert_eq!(inbound.unprotect_rtcp(&mut packet), Ok(plain.len()));
            assert_eq!(packet[..plain.len()], plain);
            assert_eq!(
                inbound.unprotect_rtcp(&mut sealed[at].clone()),
                Err(SrtpError::Replayed)
            );
        }
        let (_, mut fresh) = pair(profile);
        for bit in 0..sealed[0].len() * 8 {
            let mut changed = sealed[0].clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let refused = fresh.unprotect_rtcp(&mut changed).unwrap_err();
            assert!(
                matches!(refused, SrtpError::WrongTag | SrtpError::NotEncrypted),
                "bit {bit}"
            );
        }
    }
}

#[test]
fn keys_end_before_an_index_comes_twice() {
    let mut outbound = Outbound::with_ciphers(
        Profile::AeadAes128Gcm,
        vectors::gcm(),
        vectors::gcm(),
        (1 << 31) - 1,
    );
    let mut buffer = [0; 64];
    assert_eq!(outbound.protect_rtcp(&mut buffer, 8), Ok(28));
    assert_eq!(
        outbound.protect_rtcp(&mut buffer, 8),
        Err(SrtpError::KeyExhausted)
    );
}

#[test]
fn wrong_use_is_refused() {
    let (mut outbound, _) = pair(Profile::AeadAes128Gcm);
    let stream = outbound.add_stream(9).unwrap();
    let (mut packet, header_len) = plain_rtp(9, 1, b"payload");
    let len = packet.len();
    assert_eq!(
        outbound.protect_rtp(stream, &mut packet, len, header_len),
        Err(SrtpError::NoRoom)
    );
    packet.resize(len + 16, 0);
    assert_eq!(
        outbound.protect_rtp(stream, &mut packet, len, 11),
        Err(SrtpError::TooShort)
    );
    assert_eq!(
        outbound.protect_rtp(stream, &mut packet, len, len + 1),
        Err(SrtpError::TooShort)
    );
    let other = outbound.add_stream(10).unwrap();
    assert_eq!(
        outbound.protect_rtp(other, &mut packet, len, header_len),
        Err(SrtpError::WrongStream)
    );
    assert!(outbound.protect_rtp(stream, &mut packet, len, header_len).is_ok());
    assert_eq!(outbound.protect_rtcp(&mut [0; 27], 8), Err(SrtpError::NoRoom));
    assert_eq!(outbound.protect_rtcp(&mut [0; 40], 7), Err(SrtpError::TooShort));
    for (key_len, salt_len) in [(15, 12), (17, 12), (16, 14), (16, 0)] {
        let refused = Inbound::new(Profile::AeadAes128Gcm, &vec![0; key_len], &vec![0; salt_len]).err();
        assert_eq!(refused, Some(SrtpError::WrongKeyLength));
    }
}

#[test]
fn keying_material_is_split_in_the_order_of_rfc_5764() {
    let material: Vec<u8> = (0..60).collect();
    let keys = Profile::Aes128CmSha1_80.split(&material).unwrap();
    assert_eq!((keys.client_key[0], keys.server_key[0]), (0, 16));
    assert_eq!(
        (keys.client_salt[0], keys.server_salt[0], keys.server_salt[13]),
        (32, 46, 59)
    );
    assert_eq!(Profile::AeadAes128Gcm.split(&material), None);
    assert!(Profile::AeadAes128Gcm.split(&material[..56]).is_some());
}

#[test]
fn profiles_are_found_by_both_names() {
    for profile in Profile::ALL {
        assert_eq!(Profile::from_name(profile.name()), Some(profile));
        assert_eq!(Profile::from_name(profile.openssl_name()), Some(profile));
        assert!(profile.rtp_overhead() <= MAX_RTP_OVERHEAD && profile.rtcp_overhead() <= MAX_RTCP_OVERHEAD);
    }
    assert_eq!(Profile::from_name("SRTP_AEAD_AES_256_GCM"), None);
}
