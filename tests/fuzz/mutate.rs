//! Decides how honest messages are damaged: bits, bytes, numbers, pieces, ends, and the order in which they come.

use crate::numbers::{below, chance, edge, one_of};
use syncline::rng::Rng;
use syncline::wire::Writer;

/// Damages some bytes in a few places; `other` is where foreign pieces come from.
pub fn bytes(message: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    for _ in 0..=rng.below(3) {
        damage(message, other, rng);
    }
}

/// Leaves out, doubles, and moves messages.
pub fn order<T: Clone>(messages: &mut Vec<T>, rng: &mut Rng) {
    for _ in 0..rng.below(4) {
        if messages.len() < 2 {
            return;
        }
        let (at, to) = (below(rng, messages.len()), below(rng, messages.len()));
        match rng.below(3) {
            0 => drop(messages.remove(at)),
            1 => messages.insert(to, messages[at].clone()),
            _ => messages.swap(at, to),
        }
    }
}

fn damage(message: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    if message.is_empty() {
        return message.push(rng.next_u64() as u8);
    }
    let at = below(rng, message.len());
    let end = (at + 1 + below(rng, 12)).min(message.len());
    match rng.below(9) {
        0 => message[at] ^= 1 << rng.below(8),
        1 => message[at] = one_of(rng, &[0, 1, 2, 10, 0x7F, 0x80, 0xFF]),
        // Numbers are small and near each other: another client, another clock, another kind.
        2 | 3 => message[at] = message[at].wrapping_add(one_of(rng, &[1, 2, 255, 254])),
        4 => drop(message.drain(at..end)),
        5 => {
            let piece = message[at..end].to_vec();
            let to = below(rng, message.len());
            drop(message.splice(to..to, piece));
        }
        6 if !other.is_empty() => {
            let from = below(rng, other.len());
            let until = (from + 1 + below(rng, 24)).min(other.len());
            let until_here = if chance(rng, 50) { end } else { at };
            drop(message.splice(at..until_here, other[from..until].iter().copied()));
        }
        7 => message.truncate(at),
        _ => {
            let mut number = Writer::new();
            number.var_uint(edge(rng));
            drop(message.splice(at..=at, number.into_vec()));
        }
    }
}
