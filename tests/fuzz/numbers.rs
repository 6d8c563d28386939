//! Decides which random numbers are drawn: small ones mostly, and those at which something ends.

use syncline::rng::Rng;

/// Draws from a list that must not be empty.
pub fn one_of<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[below(rng, list.len())]
}

/// An index below `bound`; zero when that is zero.
pub fn below(rng: &mut Rng, bound: usize) -> usize {
    rng.below(bound as u64) as usize
}

/// From one to `most`: few as a rule, so that an input takes little time, and seldom many.
pub fn seldom_many(most: u64, rng: &mut Rng) -> u64 {
    1 + match rng.below(8) {
        0 => rng.below(most),
        1 | 2 => rng.below(most.div_ceil(2)),
        _ => rng.below(most.div_ceil(3)),
    }
}

/// Whether something that happens so many times in a hundred happens.
pub fn chance(rng: &mut Rng, percent: u64) -> bool {
    rng.below(100) < percent
}

/// A number at which something ends: bytes, clocks, exact numbers, the address space of wasm.
pub fn edge(rng: &mut Rng) -> u64 {
    let near = [0, 1 << 7, 1 << 8, 1 << 14, 1 << 16, 1 << 28, 1 << 31, 1 << 32, 1 << 53, 1 << 63];
    let edge: u64 = one_of(rng, &near);
    match rng.below(4) {
        0 => edge.wrapping_sub(1),
        1 => edge.wrapping_add(1),
        2 => edge.wrapping_sub(rng.below(20)),
        _ => edge,
    }
}
