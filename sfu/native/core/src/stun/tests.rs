use super::*;

/// RFC 5769 §2: what all three samples share.
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const TRANSACTION: TransactionId = [
    0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34, 0xD6, 0x86, 0xFA, 0x87, 0xDF, 0xAE,
];

/// RFC 5769 §2.1: software "STUN test client", priority, controlled, username padded with spaces.
const SAMPLE_REQUEST: &str = "
    00010058 2112a442 b7e7a701 bc34d686 fa87dfae
    80220010 5354554e 20746573 7420636c 69656e74
    00240004 6e0001ff 80290008 932ff9b1 51263b36
    00060009 6576746a 3a683676 59202020
    00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
    80280004 e57a3bcf";
/// RFC 5769 §2.2.
const SAMPLE_IPV4_RESPONSE: &str = "
    0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200008 0001a147 e112a643
    00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
    80280004 c07d4c96";
/// RFC 5769 §2.3.
const SAMPLE_IPV6_RESPONSE: &str = "
    01010048 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
    00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
    80280004 c8fb0b4c";

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

fn key() -> Key {
    Key::new(PASSWORD)
}

const REQUEST: Request<'static> = Request {
    transaction: TRANSACTION,
    username: "evtj:h6vY",
    priority: 0x6E00_01FF,
    role: Role::Controlling(7),
    use_candidate: true,
};

fn request() -> Vec<u8> {
    let mut out = vec![0xEE; 200];
    let len = write_request(&mut out, &REQUEST, &key()).unwrap();
    out.truncate(len);
    out
}

#[test]
fn the_sample_request_of_the_rfc_is_read_and_genuine() {
    let bytes = unhex(SAMPLE_REQUEST);
    let message = parse(&bytes).unwrap();
    assert_eq!(
        (message.class, message.transaction),
        (Class::Request, TRANSACTION)
    );
    assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
    assert_eq!(message.local_ufrag(), Some(&b"evtj"[..]));
    assert_eq!(message.priority, Some(0x6E00_01FF));
    assert_eq!(message.role, Some(Role::Controlled(0x932F_F9B1_5126_3B36)));
    assert!(!message.use_candidate && message.has_fingerprint && message.has_integrity());
    assert!(message.verify_integrity(&key()));
    assert!(!message.verify_integrity(&Key::new("VOkJxbRl1RmTxUk/WvJxBu")));
    assert_eq!(message.unknown_attribute, None);
}

#[test]
fn the_sample_responses_of_the_rfc_are_read_and_genuine() {
    let table = [
        (SAMPLE_IPV4_RESPONSE, "192.0.2.1:32853"),
        (
            SAMPLE_IPV6_RESPONSE,
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        ),
    ];
    for (sample, address) in table {
        let bytes = unhex(sample);
        let message = parse(&bytes).unwrap();
        assert_eq!(message.class, Class::Success);
        assert_eq!(message.mapped_address, Some(address.parse().unwrap()));
        assert!(message.has_fingerprint && message.verify_integrity(&key()));
    }
}

#[test]
fn a_written_request_reads_back() {
    let bytes = request();
    let message = parse(&bytes).unwrap();
    assert_eq!(
        (message.class, message.transaction),
        (Class::Request, TRANSACTION)
    );
    assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
    assert_eq!(
        (message.priority, message.role),
        (Some(0x6E00_01FF), Some(Role::Controlling(7)))
    );
    assert!(message.use_candidate && message.has_fingerprint && message.verify_integrity(&key()));
}

#[test]
fn a_written_response_reads_back() {
    for address in [
        "192.0.2.1:32853",
        "[2001:db8::1]:1",
        "255.255.255.255:65535",
        "[::ffff:1.2.3.4]:9",
    ] {
        let mut out = [0xEE; MAX_RESPONSE_LEN];
        let address = address.parse().unwrap();
        let len = write_success(&mut out, &TRANSACTION, address, &key()).unwrap();
        let message = parse(&out[..len]).unwrap();
        assert_eq!(
            (message.class, message.mapped_address),
            (Class::Success, Some(address))
        );
        assert!(message.has_fingerprint && message.verify_integrity(&key()));
    }
}

#[test]
fn a_written_response_has_the_attribute_bytes_of_the_rfc() {
    for (sample, at, len) in [(SAMPLE_IPV4_RESPONSE, 36, 12), (SAMPLE_IPV6_RESPONSE, 36, 24)] {
        let bytes = unhex(sample);
        let address = parse(&bytes).unwrap().mapped_address.unwrap();
        let mut out = [0; MAX_RESPONSE_LEN];
        write_success(&mut out, &TRANSACTION, address, &key()).unwrap();
        assert_eq!(out[20..20 + len], bytes[at..at + len]);
    }
}

#[test]
fn error_responses_read_back() {
    let codes = [
        (ErrorCode::BadRequest, 400, None),
        (ErrorCode::UnknownAttribute, 420, Some(0x7FFF)),
        (ErrorCode::RoleConflict, 487, None),
    ];
    for (code, number, unknown) in codes {
        let mut out = [0xEE; MAX_RESPONSE_LEN];
        let len = write_error(&mut out, &TRANSACTION, code, unknown, &key()).unwrap();
        let message = parse(&out[..len]).unwrap();
        assert_eq!((message.class, message.error_code), (Class::Error, Some(number)));
        assert_eq!(message.unknown_attribute, None);
        assert!(message.verify_integrity(&key()));
    }
}

#[test]
fn no_changed_bit_stays_unnoticed() {
    let original = request();
    for bit in 0..original.len() * 8 {
        let mut changed = original.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let genuine = parse(&changed).is_ok_and(|message| message.verify_integrity(&key()));
        // Without its type, a fingerprint is an attribute behind MESSAGE-INTEGRITY, which is ignored (§14.5).
        let is_fingerprint_type = (original.len() - 8..original.len() - 6).contains(&(bit / 8));
        assert!(!genuine || is_fingerprint_type, "bit {bit}");
    }
}

#[test]
fn what_is_cut_short_is_refused() {
    let original = request();
    for len in 0..original.len() {
        let expected = if len < 20 {
            StunError::TooShort
        } else {
            StunError::WrongLength
        };
        assert_eq!(parse(&original[..len]).unwrap_err(), expected);
    }
    for len in (0..=HEADER_LEN).rev().step_by(5) {
        assert_eq!(
            write_request(&mut vec![0; len], &REQUEST, &key()),
            Err(StunError::NoRoom)
        );
    }
    let mut exact = vec![0; original.len()];
    assert_eq!(write_request(&mut exact, &REQUEST, &key()), Ok(original.len()));
    assert_eq!(
        write_request(&mut exact[1..], &REQUEST, &key()),
        Err(StunError::NoRoom)
    );
}

/// A binding request with these attributes and nothing else.
fn bare(attributes: &[u8]) -> Vec<u8> {
    let mut bytes = unhex("00010000 2112a442 b7e7a701 bc34d686 fa87dfae");
    bytes[2..4].copy_from_slice(&(attributes.len() as u16).to_be_bytes());
    bytes.extend_from_slice(attributes);
    bytes
}

#[test]
fn each_malformed_message_has_its_error() {
    let table: [(&[u8], StunError); 8] = [
        (&[0, 0x24, 0, 5, 0, 0, 0, 0], StunError::TruncatedAttribute),
        (&[0, 0x24, 0xFF, 0xFF], StunError::TruncatedAttribute),
        (&[0, 0x24, 0, 3, 0, 0, 0, 0], StunError::BadAttribute),
        (&[0x80, 0x2A, 0, 4, 0, 0, 0, 0], StunError::BadAttribute),
        (&[0, 0x08, 0, 4, 0, 0, 0, 0], StunError::BadAttribute),
        (&[0, 0x20, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0], StunError::BadAttribute),
        (&[0, 0x09, 0, 0], StunError::BadAttribute),
        (&[0x80, 0x28, 0, 4, 0, 0, 0, 0], StunError::WrongFingerprint),
    ];
    for (attributes, expected) in table {
        assert_eq!(
            parse(&bare(attributes)).unwrap_err(),
            expected,
            "{attributes:02x?}"
        );
    }
    let mut no_cookie = bare(&[]);
    no_cookie[5] ^= 1;
    assert_eq!(parse(&no_cookie).unwrap_err(), StunError::NotStun);
    let mut allocate = bare(&[]);
    allocate[1] = 3;
    assert_eq!(parse(&allocate).unwrap_err(), StunError::NotBinding);
    assert_eq!(
        parse(&[&bare(&[])[..], &[0]].concat()).unwrap_err(),
        StunError::WrongLength
    );
}

#[test]
fn nothing_may_follow_the_fingerprint() {
    let mut bytes = request();
    bytes.extend_from_slice(&[0x80, 0x22, 0, 0]);
    let len = (bytes.len() - HEADER_LEN) as u16;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    // The fingerprint covers the length, so it must be made anew to get that far.
    let at = bytes.len() - 12;
    let fingerprint = crc32fast::hash(&bytes[..at]) ^ FINGERPRINT_MASK;
    bytes[at + 4..at + 8].copy_from_slice(&fingerprint.to_be_bytes());
    assert_eq!(parse(&bytes).unwrap_err(), StunError::BadAttribute);
}

#[test]
fn what_follows_the_integrity_teaches_nothing() {
    let genuine = request();
    let unsigned = &genuine[..genuine.len() - 8];
    let mut bytes = [
        unsigned,
        &[0, 0x20, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0],
        &[0x7F, 0, 0, 0],
    ]
    .concat();
    let len = (bytes.len() - HEADER_LEN) as u16;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    let message = parse(&bytes).unwrap();
    assert!(message.verify_integrity(&key()) && !message.has_fingerprint);
    assert_eq!((message.mapped_address, message.unknown_attribute), (None, None));
}

#[test]
fn unknown_attributes_count_when_comprehension_is_required() {
    let bytes = bare(&[0x80, 0x55, 0, 0, 0x7E, 0x01, 0, 1, 9, 0, 0, 0, 0x7E, 0x02, 0, 0]);
    assert_eq!(parse(&bytes).unwrap().unknown_attribute, Some(0x7E01));
    assert!(!parse(&bytes).unwrap().verify_integrity(&key()));
}

#[test]
fn all_four_classes_are_told_apart() {
    for (kind, class) in [
        (0x0001u16, Class::Request),
        (0x0011, Class::Indication),
        (0x0101, Class::Success),
        (0x0111, Class::Error),
    ] {
        let mut bytes = bare(&[]);
        bytes[..2].copy_from_slice(&kind.to_be_bytes());
        assert_eq!(parse(&bytes).unwrap().class, class);
    }
}
