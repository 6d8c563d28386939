//! Decides what a hostile peer writes: updates made of blocks, most of which fit what was written before.

use crate::blocks::{Blocks, CLIENTS, Parent, Place, ROOTS};
use crate::content::{Content, Shared};
use crate::numbers::{chance, edge, one_of};
use syncline::rng::Rng;
use syncline::wire::Writer;

const GARBAGE: u8 = 0;
const SKIP: u8 = 10;
const HAS_KEY: u8 = 0x20;
const HAS_RIGHT: u8 = 0x40;
const HAS_LEFT: u8 = 0x80;

/// Writes one update; `rogue` is how many in a hundred things of it are wrong.
pub fn write(blocks: &mut Blocks, rogue: u64, rng: &mut Rng) -> Vec<u8> {
    let writers: Vec<usize> = (0..CLIENTS.len()).filter(|_| chance(rng, 40)).collect();
    let mut out = number(counted(writers.len() as u64, rogue, rng));
    for client in writers {
        out.extend(section(blocks, client, rogue, rng));
    }
    out.extend(deletions(blocks, rogue, rng));
    if chance(rng, rogue / 4) {
        out.push(rng.next_u64() as u8);
    }
    out
}

/// The blocks of one client, which go on where it ended, or begin anywhere.
fn section(blocks: &mut Blocks, client: usize, rogue: u64, rng: &mut Rng) -> Vec<u8> {
    let count = 1 + rng.below(5);
    let mut out = number(counted(count, rogue / 4, rng));
    let id = if chance(rng, rogue / 4) { edge(rng) } else { CLIENTS[client] };
    out.extend(number(id));
    let next = u64::from(blocks.next[client]);
    let start = match rng.below(100) {
        at if at < rogue / 4 => edge(rng),
        at if at < rogue / 2 => rng.below(next + 9),
        _ => next,
    };
    out.extend(number(start));
    let mut clock = u32::try_from(start).unwrap_or(0);
    for _ in 0..count {
        let (bytes, len) = block(blocks, (client, clock), rogue, rng);
        out.extend(bytes);
        clock = clock.saturating_add(len);
    }
    if start == next {
        blocks.next[client] = clock.min(1 << 20);
    }
    out
}

/// One block, and how many elements it is.
fn block(blocks: &mut Blocks, at: (usize, u32), rogue: u64, rng: &mut Rng) -> (Vec<u8>, u32) {
    if chance(rng, 3 + rogue / 4) {
        let kind = if chance(rng, rogue) { SKIP } else { GARBAGE };
        let len = counted(1 + rng.below(3), rogue, rng);
        let bytes = [&[kind][..], &number(len)].concat();
        return (bytes, u32::try_from(len).unwrap_or(1));
    }
    let place = blocks.place(rogue / 2, rng);
    let (parent, kind) = blocks.parent(place.parent);
    let content = if chance(rng, rogue) { Content::any(rng) } else { Content::fit(kind, place.key.is_some(), rng) };
    let mut out = written_place(blocks, content, (place, parent), rogue, rng);
    let mut body = Writer::new();
    let len = content.write(&mut body, rogue / 2, rng);
    out.extend(body.into_vec());
    let holds = if let Content::Type(kind) = content { Some(kind) } else { None };
    blocks.note(at.0, at.1, len, place, holds);
    (out, len)
}

/// What stands in front of the content: the kind, the neighbours, and without any the parent.
fn written_place(blocks: &Blocks, content: Content, place: (Place, Parent), rogue: u64, rng: &mut Rng) -> Vec<u8> {
    let (Place { key, left, right, .. }, parent) = place;
    let mut info = content.number();
    let has_key = key.is_some() && left.is_none() && right.is_none();
    for (flag, is_set) in [(HAS_LEFT, left.is_some()), (HAS_RIGHT, right.is_some()), (HAS_KEY, has_key)] {
        info |= if is_set { flag } else { 0 };
    }
    if chance(rng, rogue / 8) {
        info ^= one_of(rng, &[HAS_LEFT, HAS_RIGHT, HAS_KEY, 0x10]);
    }
    let mut out = vec![info];
    for (client, clock) in [left, right].into_iter().flatten() {
        out.extend([number(client), number(clock)].concat());
    }
    if left.is_none() && right.is_none() {
        let (parent, key) = if chance(rng, rogue / 2) { (any_parent(blocks, rng), key) } else { (parent, key) };
        let mut rest = Writer::new();
        match parent {
            Parent::Root(name) => {
                rest.var_uint(1);
                rest.string(name);
            }
            Parent::Nested(client, clock) => [0, client, clock].iter().for_each(|part| rest.var_uint(*part)),
        }
        if let Some(key) = key {
            rest.string(key);
        }
        out.extend(rest.into_vec());
    }
    out
}

fn any_parent(blocks: &Blocks, rng: &mut Rng) -> Parent {
    if chance(rng, 40) {
        let mut names = ROOTS.map(|(name, _)| name).to_vec();
        names.extend(["", "other", "😀"]);
        return Parent::Root(one_of(rng, &names));
    }
    let (client, clock) = blocks.id(50, rng);
    Parent::Nested(client, clock)
}

fn deletions(blocks: &Blocks, rogue: u64, rng: &mut Rng) -> Vec<u8> {
    let count = if chance(rng, 40) { 1 + rng.below(3) } else { 0 };
    let mut out = number(counted(count, rogue / 4, rng));
    for _ in 0..count {
        let (client, clock) = blocks.id(rogue, rng);
        out.extend(number(client));
        let ranges = 1 + rng.below(2);
        out.extend(number(counted(ranges, rogue / 4, rng)));
        for part in 0..ranges {
            let len = counted(1 + rng.below(3), rogue, rng);
            out.extend([number(clock.saturating_add(part * 4)), number(len)].concat());
        }
    }
    out
}

/// The number, or so many times in a hundred another one.
fn counted(value: u64, rogue: u64, rng: &mut Rng) -> u64 {
    if !chance(rng, rogue) {
        return value;
    }
    if chance(rng, 50) { edge(rng) } else { rng.below(12) }
}

fn number(value: u64) -> Vec<u8> {
    let mut out = Writer::new();
    out.var_uint(value);
    out.into_vec()
}

/// What the document is that a program meets: of each kind of root something, without anything wrong.
pub fn start(blocks: &mut Blocks, rng: &mut Rng) -> Vec<Vec<u8>> {
    let updates = (0..rng.below(4)).map(|_| write(blocks, 0, rng)).collect();
    debug_assert!(ROOTS.iter().any(|(_, kind)| *kind == Shared::Text), "there is a text to edit");
    updates
}
