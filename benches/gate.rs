//! Decides how the cost of the gate is measured: the same updates, given to yrs alone and to a document that yrs is in, in turn.
//!
//! `npm run bench:gate` runs it and writes the table to `benches/GATE.md`. What the document does beside the gate (following
//! positions, noting what is to be passed on) counts as the gate's.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a measurement that fails has no result"
)]

#[path = "../tests/fuzz/memory.rs"]
#[expect(dead_code, reason = "the most that there was at once is for the fuzzer")]
mod memory;

use std::hint::black_box;
use std::time::{Duration, Instant};
use syncline::ids::{ClientId, LinkId};
use syncline::replica::{Kind, Replica};
use syncline::rng::Rng;
use yrs::updates::decoder::Decode;
use yrs::{Doc, OffsetKind, Options, Transact, Update};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

const AUTHORS: u64 = 10;
const EDITS: usize = 60_000;
const KEYSTROKES: usize = 2_000;
const ROUNDS: usize = 9;
const MAX_HELD: usize = 1 << 24;

fn main() {
    let written = write_a_session();
    let rounds: Vec<[Costs; 2]> = (0..ROUNDS).map(|_| [yrs_alone(&written), with_the_gate(&written)]).collect();
    let median_of = |of: &dyn Fn(&[Costs; 2]) -> f64| median(rounds.iter().map(of));
    let keystroke = |side: usize| median_of(&|round| micros(round[side].keystrokes) / KEYSTROKES as f64);
    let large = |side: usize| median_of(&|round| micros(round[side].large) / 1e3);
    let memory = |side: usize| median_of(&|round| round[side].memory as f64 / 1024.0);
    println!("| | yrs alone | with the gate | difference | target |");
    println!("| --- | ---: | ---: | ---: | --- |");
    let (alone, gated) = (keystroke(0), keystroke(1));
    println!(
        "| a keystroke of somebody else | {alone:.1} µs | {gated:.1} µs | {:+.1} µs | at most +5 µs |",
        gated - alone
    );
    let (alone, gated, size) = (large(0), large(1), written.large.len() / 1024);
    let more = median_of(&|round| (micros(round[1].large) / micros(round[0].large) - 1.0) * 100.0);
    println!("| an update of {size} KiB | {alone:.1} ms | {gated:.1} ms | {more:+.0} % | at most +15 % |");
    let (alone, gated) = (memory(0), memory(1));
    println!("| memory after it | {alone:.0} KiB | {gated:.0} KiB | {:+.0} % | |", (gated / alone - 1.0) * 100.0);
}

/// What a session of several authors comes to.
struct Written {
    /// All of it, as one update.
    large: Vec<u8>,
    /// What one of them typed afterwards, a character each.
    keystrokes: Vec<Vec<u8>>,
}

#[derive(Clone, Copy)]
struct Costs {
    large: Duration,
    keystrokes: Duration,
    /// In bytes, after the large update.
    memory: usize,
}

/// People who type on, jump, and delete, one after the other on the same text.
fn write_a_session() -> Written {
    let mut rng = Rng::new(2026);
    let mut large = Vec::new();
    for author in 1..=AUTHORS {
        let mut replica = Replica::new(ClientId(author), MAX_HELD);
        if !large.is_empty() {
            replica.apply(&large, LinkId::SERVER).unwrap();
        }
        type_on(&mut replica, &mut rng, EDITS / AUTHORS as usize);
        large = replica.encode_since(None).unwrap();
    }
    let mut typist = Replica::new(ClientId(AUTHORS + 1), MAX_HELD);
    typist.apply(&large, LinkId::SERVER).unwrap();
    while typist.poll_committed().is_some() {}
    type_on(&mut typist, &mut rng, KEYSTROKES);
    let keystrokes = std::iter::from_fn(|| typist.poll_committed()).map(|committed| committed.update).collect();
    Written { large, keystrokes }
}

/// Edits as a person does, each committed on its own: nine in ten continue where the last one was.
fn type_on(replica: &mut Replica, rng: &mut Rng, edits: usize) {
    let text = replica.open("text", Kind::Text).unwrap();
    let mut at = 0;
    for _ in 0..edits {
        let len = replica.text_len(text).unwrap();
        if rng.below(50) == 0 {
            at = rng.below(u64::from(len) + 1) as u32;
        }
        if rng.below(8) == 0 && at > 0 {
            replica.text_delete(text, at - 1, 1).unwrap();
            at -= 1;
        } else {
            replica.text_insert(text, at, "x", None).unwrap();
            at += 1;
        }
        replica.commit();
    }
}

fn yrs_alone(written: &Written) -> Costs {
    let before = memory::begin();
    let mut options = Options::with_guid_and_client_id("bench".into(), yrs::ClientID::new(99));
    options.offset_kind = OffsetKind::Utf16;
    options.cleanup_formatting = false;
    let doc = Doc::with_options(options);
    let mut apply = |update: &[u8]| doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
    measure(written, before, &mut apply)
}

fn with_the_gate(written: &Written) -> Costs {
    let before = memory::begin();
    let mut replica = Replica::new(ClientId(99), MAX_HELD);
    let mut apply = |update: &[u8]| {
        replica.apply(update, LinkId::SERVER).unwrap();
        black_box(replica.poll_committed());
    };
    measure(written, before, &mut apply)
}

fn measure(written: &Written, before: usize, apply: &mut dyn FnMut(&[u8])) -> Costs {
    let began = Instant::now();
    apply(&written.large);
    let large = began.elapsed();
    let memory = memory::begin().saturating_sub(before);
    let began = Instant::now();
    written.keystrokes.iter().for_each(|update| apply(update));
    Costs { large, keystrokes: began.elapsed(), memory }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
