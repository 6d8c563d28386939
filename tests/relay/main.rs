//! A simulated room behind a relay: clients of ours and of Yjs, and nobody who keeps anything, all decided by one seed.
//!
//! Runs and failures are handled as in `tests/simulation/`, whose network they use.
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

mod action;
#[path = "../simulation/client.rs"]
mod client;
#[path = "../simulation/content.rs"]
mod content;
mod directed;
#[path = "../simulation/faults.rs"]
mod faults;
#[allow(dead_code, reason = "no session is lost here")]
#[path = "../simulation/keeper.rs"]
mod keeper;
#[path = "../simulation/memory.rs"]
mod memory;
#[path = "../simulation/network.rs"]
mod network;
#[path = "../simulation/parts.rs"]
mod parts;
#[path = "../simulation/seeds.rs"]
mod seeds;
mod server;
#[path = "../simulation/shrink.rs"]
mod shrink;
mod world;
mod yjs;

use action::Action;
use seeds::Run;
use server::Audience;
use std::ops::Range;
use syncline::wire::FrameKind;
use world::World;

const DEFAULT_SEEDS: Range<u64> = 0..4_000;

const DEFAULT_SLOW_SEEDS: Range<u64> = 0..1_000;

/// How many frames five clients may send in two quiet minutes.
const MAX_QUIET_TRAFFIC: u64 = 150;

#[test]
fn every_room_comes_into_step_and_nothing_is_said_to_be_held_that_nobody_held() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "comes_into_step", run: comes_into_step });
}

#[test]
fn every_room_with_slow_links_comes_into_step_too() {
    let run = Run { name: "comes_into_step_slowly", run: comes_into_step_slowly };
    seeds::run_all(DEFAULT_SLOW_SEEDS, action::generate, run);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    seeds::check_reproducible(action::generate, |seed, actions| run_world(seed, actions).fingerprint());
}

fn comes_into_step(seed: u64, actions: &[Action]) {
    drop(run_world(seed, actions));
}

fn comes_into_step_slowly(seed: u64, actions: &[Action]) {
    let (audience, frames) = kind_of_room(seed);
    play(&mut World::slow(1000, seed, audience, frames), actions);
}

fn run_world(seed: u64, actions: &[Action]) -> World {
    let (audience, frames) = kind_of_room(seed);
    let mut world = World::new(seed, audience, frames);
    play(&mut world, actions);
    let traffic = world.quiet_traffic();
    assert!(traffic <= MAX_QUIET_TRAFFIC, "{traffic} frames in two quiet minutes");
    world.check_healed();
    world
}

fn kind_of_room(seed: u64) -> (Audience, FrameKind) {
    let audience = if seed.is_multiple_of(2) { Audience::Others } else { Audience::Everybody };
    let frames = if seed % 4 < 2 { FrameKind::Binary } else { FrameKind::Text };
    (audience, frames)
}

fn play(world: &mut World, actions: &[Action]) {
    for action in actions {
        world.act(action);
        world.check();
    }
    world.heal();
    world.check();
    world.check_healed();
}
