use super::cipher::{Cipher, PacketId};
use super::counter_mode::CounterMode;
use super::derive::{Derivation, RTCP, RTP};
use super::gcm::Gcm;
use super::*;
use crate::rtp::{self, Header};

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn array<const LEN: usize>(text: &str) -> [u8; LEN] {
    unhex(text).try_into().unwrap()
}

/// RFC 3711 appendix B.3.
const MASTER_KEY: &str = "E1F97A0D3E018BE0D64FA32C06DE4139";
const MASTER_SALT: &str = "0EC675AD498AFEEBB6960B3AABE6";

#[test]
fn session_keys_are_those_of_rfc_3711_appendix_b3() {
    let derivation = Derivation::new(&unhex(MASTER_KEY), &unhex(MASTER_SALT)).unwrap();
    assert_eq!(
        derivation.derive(RTP.encryption),
        array::<16>("C61E7A93744F39EE10734AFE3FF7A087")
    );
    assert_eq!(
        derivation.derive(RTP.salt),
        array::<14>("30CBBC08863D8C85D49DB34A9AE1")
    );
    let authentication = "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE\
                          E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25\
                          6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2";
    assert_eq!(derivation.derive(RTP.authentication), array::<94>(authentication));
    assert_ne!(
        derivation.derive::<16>(RTCP.encryption),
        derivation.derive::<16>(RTP.encryption)
    );
}

#[test]
fn the_keystream_is_that_of_rfc_3711_appendix_b2() {
    let key = array("2B7E151628AED2A6ABF7158809CF4F3C");
    let cipher = CounterMode::from_session(&key, &[], array("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
    let mut stream = vec![0; 0xFF02 * 16];
    cipher.apply_keystream(PacketId { ssrc: 0, index: 0 }, &mut stream);
    let blocks = [
        (0x0000, "E03EAD0935C95E80E166B16DD92B4EB4"),
        (0x0001, "D23513162B02D0F72A43A2FE4A5F97AB"),
        (0x0002, "41E95B3BB0A2E8DD477901E4FCA894C0"),
        (0xFEFF, "EC8CDF7398607CB0F2D21675EA9EA1E4"),
        (0xFF00, "362B7C3C6773516318A077D7FC5073AE"),
        (0xFF01, "6A2CC3787889374FBEB4C81B17BA6C44"),
    ];
    for (number, expected) in blocks {
        assert_eq!(
            stream[number * 16..][..16],
            array::<16>(expected),
            "block {number:04X}"
        );
    }
}

/// RFC 7714 §16 and §17: these are session keys.
const GCM_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const GCM_SALT: &str = "517569642070726f2071756f";
const GCM_PLAIN_RTP: &str = "
    8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973
    20646976 69736120 696e2070 61727465 73207472 6573";
const GCM_SEALED_RTP: &str = "
    8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca
    be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1
    6a9152cf 765ee439 0cce";
const GCM_PLAIN_RTCP: &str = "
    81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930
    4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef";
const GCM_SEALED_RTCP: &str = "
    81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7
    6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458
    96cf4d2f c5abf872 45d9eade 800005d4";

fn gcm() -> Cipher {
    Cipher::Gcm(Box::new(Gcm::from_session(&array(GCM_KEY), array(GCM_SALT))))
}

#[test]
fn rtp_is_sealed_and_opened_as_in_rfc_7714_section_16() {
    let (plain, sealed) = (unhex(GCM_PLAIN_RTP), unhex(GCM_SEALED_RTP));
    let mut outbound = Outbound::with_ciphers(Profile::AeadAes128Gcm, gcm(), gcm(), 0);
    let stream = outbound.add_stream(0x5501_A0B2).unwrap();
    let mut buffer = [&plain[..], &[0; 16]].concat();
    assert_eq!(
        outbound.protect_rtp(stream, &mut buffer, plain.len(), 12),
        Ok(sealed.len())
    );
    assert_eq!(buffer, sealed);

    let mut inbound = Inbound::with_ciphers(Profile::AeadAes128Gcm, gcm(), gcm());
    let view = rtp::parse(&buffer).unwrap();
    let unprotected = inbound.unprotect_rtp(&mut buffer, &view).unwrap();
    assert_eq!(
        unprotected,
        Unprotected {
            len: plain.len(),
            index: 0xF17B
        }
    );
    assert_eq!(buffer[..plain.len()], plain);
}

#[test]
fn rtcp_is_sealed_and_opened_as_in_rfc_7714_section_17() {
    let (plain, sealed) = (unhex(GCM_PLAIN_RTCP), unhex(GCM_SEALED_RTCP));
    let mut outbound = Outbound::with_ciphers(Profile::AeadAes128Gcm, gcm(), gcm(), 0x5D4);
    let mut buffer = [&plain[..], &[0; 20]].concat();
    assert_eq!(outbound.protect_rtcp(&mut buffer, plain.len()), Ok(sealed.len()));
    assert_eq!(buffer, sealed);

    let mut inbound = Inbound::with_ciphers(Profile::AeadAes128Gcm, gcm(), gcm());
    assert_eq!(inbound.unprotect_rtcp(&mut buffer), Ok(plain.len()));
    assert_eq!(buffer[..plain.len()], plain);
}

#[test]
fn unencrypted_rtcp_is_refused() {
    // RFC 7714 §17.3: tagged only.
    let mut packet = unhex(GCM_PLAIN_RTCP);
    packet.extend(unhex("841dd968 3dd78ec9 2ae58790 125f62b3 000005d4"));
    let mut inbound = Inbound::with_ciphers(Profile::AeadAes128Gcm, gcm(), gcm());
    assert_eq!(inbound.unprotect_rtcp(&mut packet), Err(SrtpError::NotEncrypted));
}

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
            for step in (0..150_000u64).step_by(7919) {
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
    for ssrc in 0..64 {
        let sealed = seal(&mut outbound, ssrc, 2, b"x").unwrap();
        open(&mut inbound, &sealed).unwrap();
    }
    let one_more = seal(&mut outbound, 64, 2, b"x").unwrap();
    assert_eq!(open(&mut inbound, &one_more), Err(SrtpError::TooManyStreams));
    let known = seal(&mut outbound, 63, 3, b"x").unwrap();
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
    let mut outbound = Outbound::with_ciphers(Profile::AeadAes128Gcm, gcm(), gcm(), (1 << 31) - 1);
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
