//! Packets in a stream, before anybody has proved who it is: however the bytes are cut, the same come out.
use super::outcome;
use forwarder_core::tcp::{Part, Splitter, LENGTH_LEN, MAX_PACKET_LEN};

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let framed = |packet: &[u8]| [&(packet.len() as u16).to_be_bytes()[..], packet].concat();
    let stream = super::stun::seeds()
        .iter()
        .flat_map(|check| framed(check))
        .collect();
    // The first byte says how the stream is cut.
    let cut = |by: u8, bytes: Vec<u8>| [vec![by], bytes].concat();
    vec![
        cut(1, stream),
        cut(7, [framed(b"first"), framed(b""), framed(b"last")].concat()),
        cut(200, [framed(&[1; 300]), framed(&[2; 300])].concat()),
        cut(90, [&[0x08, 0x01][..], &[3; 100]].concat()),
    ]
}

/// What a reader makes of a stream: its packets, and how many were too long.
#[derive(Default, PartialEq, Debug)]
struct Made {
    packets: Vec<Vec<u8>>,
    too_long: usize,
}

fn split(stream: &[u8], piece: usize) -> Made {
    let (mut splitter, mut made) = (Splitter::default(), Made::default());
    let mut buffer = vec![0; LENGTH_LEN + MAX_PACKET_LEN + piece];
    for read in stream.chunks(piece) {
        let kept = splitter.resume(&mut buffer);
        buffer[kept..kept + read.len()].copy_from_slice(read);
        let (bytes, mut at) = (&buffer[..kept + read.len()], 0);
        loop {
            let before = at;
            match splitter.next(bytes, &mut at) {
                Part::Packet(range) => {
                    assert!(range.len() <= MAX_PACKET_LEN && range.end == at);
                    made.packets.push(bytes[range].to_vec());
                }
                Part::TooLong => made.too_long += 1,
                Part::End => break,
            }
            assert!(at > before, "it stands still");
        }
    }
    made
}

/// By the words of RFC 4571, with the whole stream at hand.
fn expected(mut stream: &[u8]) -> Made {
    let mut made = Made::default();
    while let [high, low, rest @ ..] = stream {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        if len > MAX_PACKET_LEN {
            made.too_long += 1;
        } else if rest.len() >= len {
            made.packets.push(rest[..len].to_vec());
        }
        stream = rest.get(len..).unwrap_or_default();
    }
    made
}

pub(super) fn read(input: &[u8]) -> u64 {
    let Some((&cut, stream)) = input.split_first() else {
        return 0;
    };
    let made = split(stream, usize::from(cut.max(1)));
    assert_eq!(made, expected(stream));
    let lengths = made.packets.iter().map(|packet| packet.len().min(4) as u64);
    outcome(lengths.take(8).chain([made.too_long.min(3) as u64]))
}
