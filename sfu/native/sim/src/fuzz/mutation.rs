//! How an input becomes another.

use crate::random::Random;

/// Values at which lengths and counters go wrong.
const EDGES: [u8; 8] = [0, 1, 0x0F, 0x10, 0x7F, 0x80, 0xFE, 0xFF];
/// Longer than any datagram's interesting part.
const MAX_LEN: usize = 2048;

/// One to four changes to a randomly chosen input.
pub(super) fn mutate(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        change(&mut input, corpus, random);
    }
    input.truncate(MAX_LEN);
    input
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len());
    let end = at + random.below(input.len() - at + 1);
    match random.below(9) {
        0 => alter(input, at, |byte| byte ^ (1 << random.below(8))),
        1 => alter(input, at, |_| EDGES[random.below(EDGES.len())]),
        2 => alter(input, at, |_| random.number() as u8),
        3 => alter(input, at, |byte| {
            byte.wrapping_add(random.below(9) as u8).wrapping_sub(4)
        }),
        4 => input.truncate(at),
        5 => drop(input.drain(at..end)),
        6 => insert(input, at, &random.number().to_be_bytes()[..random.below(9)]),
        7 => repeat(input, at, end),
        _ => splice(input, at, &corpus[random.below(corpus.len())], random),
    }
}

fn alter(input: &mut [u8], at: usize, mut new: impl FnMut(u8) -> u8) {
    if let Some(byte) = input.get_mut(at) {
        *byte = new(*byte);
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    input.splice(at..at, bytes.iter().copied());
}

fn repeat(input: &mut Vec<u8>, at: usize, end: usize) {
    let part = input[at..end].to_vec();
    insert(input, end, &part);
}

/// The head of one input before the tail of another.
fn splice(input: &mut Vec<u8>, at: usize, other: &[u8], random: &mut Random) {
    let from = random.below(other.len());
    input.truncate(at);
    input.extend_from_slice(&other[from..]);
}
