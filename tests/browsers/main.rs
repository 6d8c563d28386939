//! A simulated world of browsers: tabs that share a lock, a channel and a disk, one server, and faults, all decided by one
//! seed.
//!
//! Runs and failures are handled as in `tests/simulation/`, whose server and network these tabs talk to.
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
mod disk;
#[path = "../simulation/faults.rs"]
mod faults;
#[allow(dead_code, reason = "no session is lost here")]
#[path = "../simulation/keeper.rs"]
mod keeper;
mod locks;
#[path = "../simulation/memory.rs"]
mod memory;
#[path = "../simulation/network.rs"]
mod network;
#[path = "../simulation/parts.rs"]
mod parts;
#[path = "../simulation/seeds.rs"]
mod seeds;
#[expect(dead_code, reason = "the server of these tabs bears whatever it is sent")]
#[path = "../simulation/server.rs"]
mod server;
#[path = "../simulation/shrink.rs"]
mod shrink;
mod tab;
mod world;

use action::Action;
use seeds::Run;
use std::ops::Range;
use world::World;

const DEFAULT_SEEDS: Range<u64> = 0..5_000;

const DEFAULT_SLOW_SEEDS: Range<u64> = 0..1_000;

#[test]
fn every_world_heals_and_loses_nothing_that_was_said_to_be_safe() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "heals", run: heals });
}

#[test]
fn every_world_with_slow_links_heals_and_loses_nothing_either() {
    seeds::run_all(DEFAULT_SLOW_SEEDS, action::generate, Run { name: "heals_slowly", run: heals_slowly });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    seeds::check_reproducible(action::generate, |seed, actions| {
        let mut world = World::new(seed);
        actions.iter().for_each(|action| world.act(action));
        world.heal();
        world.fingerprint()
    });
}

fn heals(seed: u64, actions: &[Action]) {
    run(World::new(seed), actions);
}

fn heals_slowly(seed: u64, actions: &[Action]) {
    run(World::slow(400, seed), actions);
}

fn run(mut world: World, actions: &[Action]) {
    for action in actions {
        world.act(action);
        // Several edits may be one task.
        if !matches!(action, Action::Edit { .. }) {
            world.check();
        }
    }
    world.heal();
    world.check();
    world.check_healed();
    world.restart_browsers();
    world.check();
    world.check_restarted();
}
