use super::*;

const LIMITS: Limits = Limits {
    keep: Duration::from_secs(2),
    first_bytes: 8 << 10,
    max_bytes: 64 << 10,
    first_entries: 16,
    max_entries: 256,
};

fn packet(sequence: u64, at_ms: u64, payload: &[u8]) -> Packet<'_> {
    Packet {
        sequence,
        timestamp: sequence as u32 * 10,
        arrival: Time::from_millis(at_ms),
        marker: sequence % 2 == 0,
        codec: 1,
        level: Some(7),
        starts: false,
        mark: 9,
        payload,
    }
}

fn payload(sequence: u64) -> Vec<u8> {
    vec![sequence as u8; 100 + (sequence % 900) as usize]
}

#[test]
fn a_packet_comes_back_as_it_was() {
    let mut history = History::new(LIMITS);
    assert_eq!(history.store(&packet(65_600, 5, b"hello")), Stored::New);
    let kept = history.get(65_600).unwrap();
    assert_eq!(
        (kept.timestamp, kept.arrival, kept.marker),
        (656_000, Time::from_millis(5), true)
    );
    assert_eq!(
        (kept.codec, kept.level, kept.payload),
        (1, Some(7), b"hello".as_slice())
    );
}

#[test]
fn the_same_packet_twice_is_a_duplicate() {
    let mut history = History::new(LIMITS);
    history.store(&packet(65_600, 0, b"a"));
    assert_eq!(history.store(&packet(65_600, 1, b"b")), Stored::Duplicate);
    assert_eq!(history.get(65_600).unwrap().payload, b"a");
}

#[test]
fn a_packet_older_than_the_window_is_refused() {
    let mut history = History::new(LIMITS);
    history.store(&packet(65_700, 0, b"a"));
    assert_eq!(history.store(&packet(65_700 - 15, 0, b"b")), Stored::New);
    assert_eq!(history.store(&packet(65_700 - 16, 0, b"b")), Stored::TooOld);
}

#[test]
fn what_is_kept_is_never_overwritten_unnoticed() {
    let mut history = History::new(LIMITS);
    for sequence in 65_600..66_600 {
        history.store(&packet(sequence, sequence, &payload(sequence)));
        for known in sequence - 20..=sequence {
            if let Some(kept) = history.get(known) {
                assert_eq!(kept.payload, payload(known));
            }
        }
    }
    assert!(history.get(66_599).is_some());
}

#[test]
fn it_grows_only_when_told_until_it_holds_what_it_should() {
    let mut history = History::new(LIMITS);
    for sequence in 65_600..66_600 {
        history.store(&packet(sequence, (sequence - 65_600) * 20, &payload(200)));
        match sequence {
            ..66_000 => assert_eq!((history.bytes.len(), history.entries.len()), (8 << 10, 16)),
            _ => history.grow(),
        }
    }
    let (oldest, newest) = (66_599 - 99, 66_599);
    assert!((oldest..=newest).all(|sequence| history.get(sequence).unwrap().payload == payload(200)));
}

#[test]
fn growing_keeps_every_packet_it_still_had() {
    let mut history = History::new(LIMITS);
    for sequence in 65_600..65_700 {
        history.store(&packet(sequence, sequence - 65_600, &payload(sequence)));
    }
    let before: Vec<u64> = (65_600..65_700)
        .filter(|&sequence| history.get(sequence).is_some())
        .collect();
    history.grow();
    assert!(!before.is_empty());
    assert!(before
        .iter()
        .all(|&sequence| history.get(sequence).unwrap().payload == payload(sequence)));
    assert_eq!(history.store(&packet(65_690, 200, b"x")), Stored::Duplicate);
}

#[test]
fn too_large_a_payload_is_refused() {
    let mut history = History::new(LIMITS);
    assert_eq!(
        history.store(&packet(65_600, 0, &vec![0; MAX_PAYLOAD_LEN + 1])),
        Stored::TooLarge
    );
}
