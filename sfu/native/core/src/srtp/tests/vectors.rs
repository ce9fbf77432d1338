//! The published vectors: RFC 3711 appendix B, RFC 7714 §16 and §17, and packets of another implementation.
use super::super::counter_mode::CounterMode;
use super::super::derive::{Derivation, RTCP, RTP};
use super::super::gcm::Gcm;
use super::super::*;
use crate::rtp;
use crate::srtp::cipher::{Cipher, PacketId};

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

pub(super) fn gcm() -> Cipher {
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

/// Made by libsrtp 2 with the master key and salt of RFC 3711 B.3 (12 bytes of it for GCM): a packet without and one
/// with a header extension, and an RTCP packet with index 1.
#[test]
fn packets_are_those_of_libsrtp() {
    let body = "ab".repeat(16);
    let plain_rtp = [
        format!("800f1234 decafbad cafebabe {body}"),
        format!("900f1234 decafbad cafebabe bede0001 10ff0000 {body}"),
    ];
    let plain_rtcp = format!("81c8000b cafebabe {}", "ab".repeat(24));
    let table = [
        (
            Profile::Aes128CmSha1_80,
            [
                "800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb",
                "900f1234 decafbad cafebabe bede0001 10ff0000 4e55dc4c e79978d8 8ca4d215 949d2402
                 90119da8 48e11bce c51d",
            ],
            "81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 d5efb881 6abf868c
             80000001 d92d525b 8cde4c01 4bd9",
        ),
        (
            Profile::AeadAes128Gcm,
            [
                "800f1234 decafbad cafebabe 0eca0cf9 5ee955b2 6cd3d288 b49f6ca9
                 59171450 975f4144 da9cdd7a e989a277",
                "900f1234 decafbad cafebabe bede0001 10ff0000 0eca0cf9 5ee955b2 6cd3d288 b49f6ca9
                 ce33a0ec 6f3b5b1d f3315604 36a4210f",
            ],
            "81c8000b cafebabe ea6e5eb3 c75c4620 00f59ebf 9e4ebd4e 92ccf6f1 07a35cd2
             b1580d31 3175da04 50c5d5ee fc8928d1 80000001",
        ),
    ];
    for (profile, sealed_rtp, sealed_rtcp) in table {
        let salt = &unhex(MASTER_SALT)[..profile.salt_len()];
        for (plain, sealed) in plain_rtp.iter().zip(sealed_rtp) {
            let mut outbound = Outbound::new(profile, &unhex(MASTER_KEY), salt).unwrap();
            let stream = outbound.add_stream(0xCAFE_BABE).unwrap();
            let mut buffer = unhex(plain);
            let (len, header_len) = (buffer.len(), rtp::parse(&buffer).unwrap().header_len);
            buffer.resize(len + profile.rtp_overhead(), 0);
            outbound
                .protect_rtp(stream, &mut buffer, len, header_len)
                .unwrap();
            assert_eq!(buffer, unhex(sealed), "{profile:?}");
        }
        let mut inbound = Inbound::new(profile, &unhex(MASTER_KEY), salt).unwrap();
        let mut packet = unhex(sealed_rtcp);
        let len = inbound.unprotect_rtcp(&mut packet).unwrap();
        assert_eq!(packet[..len], unhex(&plain_rtcp), "{profile:?}");
    }
}
