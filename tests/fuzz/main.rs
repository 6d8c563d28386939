//! Hostile bytes, made by seed: programs of blocks that a grammar writes, and honest sessions with changed bytes.
//!
//! `npm run fuzz` runs this for minutes and under AddressSanitizer, and `cargo test` a slice of it. `SYNCLINE_SEEDS=100..200`
//! runs other seeds, `SYNCLINE_FUZZ_MINUTES=2` as many as fit, and `SYNCLINE_FUZZ_FILE` writes the inputs down for the wasm.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test that meets what it does not expect has failed"
)]

mod blocks;
mod campaign;
mod case;
mod content;
mod corpus;
mod driver;
mod memory;
mod mutate;
mod neighbour;
mod numbers;
mod program;
mod sessions;
mod usable;

use campaign::Seeds;
use corpus::Corpus;
use std::fs;
use std::path::Path;

/// For how many minutes seeds run with every `cargo test`, from 0 on. As much again runs on the wasm (`scripts/lib/test-groups.mjs`).
const SLICE_MINUTES: f64 = 0.9;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

#[test]
fn no_hostile_bytes_escape_the_gates() {
    campaign::run(Seeds::chosen(SLICE_MINUTES));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let mut used = Corpus::default();
    for seed in (0..96).chain([1 << 20, 17]) {
        let fresh = case::Case::new(seed, &mut Corpus::default());
        assert_eq!(case::Case::new(seed, &mut used), fresh, "seed {seed}");
    }
}

/// Run by `npm run fuzz -- --wasm`, which says where to, and reads the file.
#[test]
fn the_inputs_are_written_down() {
    if let Ok(file) = std::env::var("SYNCLINE_FUZZ_FILE") {
        return campaign::write_down(Seeds::chosen(SLICE_MINUTES).range, Path::new(&file));
    }
    let file = std::env::temp_dir().join(format!("syncline-fuzz-{}", std::process::id()));
    campaign::write_down(0..40, &file);
    let written = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(written.lines().count(), 40);
}
