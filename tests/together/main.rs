//! Several documents over one socket, as Hocuspocus has it: each is served, refused, dismissed or forgotten by itself, and
//! none stalls because another lives.
//!
//! Seeds are chosen as in the other simulations: `SYNCLINE_SEEDS=100..200`, `SYNCLINE_SEED=7`.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets what it does not expect has failed"
)]

mod action;
#[path = "../simulation/faults.rs"]
mod faults;
#[path = "../simulation/memory.rs"]
mod memory;
#[path = "../simulation/parts.rs"]
mod parts;
#[path = "../simulation/replay/mod.rs"]
mod replay;
#[path = "../simulation/seeds.rs"]
mod seeds;
mod server;
#[path = "../simulation/shrink.rs"]
mod shrink;
mod world;

use action::Action;
use replay::{Played, Recorder, Script, in_steps, play};
use seeds::Run;
use std::ops::Range;
use syncline::session::Phase;
use syncline::wire::Protocol;
use world::World;

const DEFAULT_SEEDS: Range<u64> = 0..5_000;

#[test]
fn every_document_ends_in_step_whatever_befalls_the_others() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "ends_in_step", run: ends_in_step });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    seeds::check_reproducible(action::generate, |seed, actions| run_world(seed, actions).fingerprint());
}

#[test]
fn every_trace_leads_each_document_to_the_same_phases_again() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "replays", run: replays });
}

fn ends_in_step(seed: u64, actions: &[Action]) {
    drop(run_world(seed, actions));
}

fn replays(seed: u64, actions: &[Action]) {
    let (mut world, mut recorder) = (World::plain(seed), Recorder::default());
    recorder.follow(world.session());
    for action in actions {
        if let Action::Advance { millis } = action {
            for millis in in_steps(*millis) {
                world.advance(millis);
                recorder.follow(world.session());
            }
        } else {
            world.act(action);
            recorder.follow(world.session());
        }
    }
    let Played { recorded, replayed } = play(&Script::of(Protocol::Hocuspocus, &recorder)).unwrap();
    assert_eq!(replayed, recorded);
}

#[test]
fn documents_share_one_socket() {
    let world = run_world(1, &[Action::Advance { millis: 1_000 }]);
    assert_eq!(world.sockets_opened(), 1);
}

#[test]
fn a_document_that_is_dismissed_comes_back_by_itself_and_the_others_notice_nothing() {
    let mut world = World::new(2);
    world.advance(1_000);
    world.act(&Action::Dismiss { doc: 0 });
    world.advance(100);
    assert_eq!([world.phase(1), world.phase(2)], [Phase::Synced; 2]);
    world.advance(2_000);
    assert_eq!((world.phase(0), world.visits(0)), (Phase::Synced, 2));
    assert_eq!(world.sockets_opened(), 1);
}

#[test]
fn a_document_that_is_refused_stops_with_the_reason_and_says_nothing_more() {
    let mut world = World::new(3);
    world.act(&Action::Refuse { doc: 1 });
    world.advance(1_000);
    let status = world.status(1);
    assert_eq!((status.phase, status.reason.unwrap().code), (Phase::Stopped, "denied"));
    assert_eq!(world.phase(0), Phase::Synced);
    let said = world.frames_about(1);
    world.act(&Action::Edit { doc: 1 });
    world.advance(60_000);
    assert_eq!(world.frames_about(1), said, "the server was talked to after it had refused");
}

#[test]
fn a_socket_that_no_document_has_a_use_for_is_closed() {
    let mut world = World::new(4);
    (0..3).for_each(|doc| world.act(&Action::Refuse { doc }));
    world.advance(1_000);
    assert!(!world.has_socket());
    world.act(&Action::Serve { doc: 1 });
    world.act(&Action::Connect { doc: 1 });
    world.advance(1_000);
    assert_eq!([world.phase(0), world.phase(1)], [Phase::Stopped, Phase::Synced]);
}

#[test]
fn a_document_that_the_server_has_forgotten_in_silence_is_noticed_within_20_seconds() {
    let mut world = World::new(5);
    world.advance(1_000);
    world.act(&Action::Forget { doc: 2 });
    world.act(&Action::Edit { doc: 2 });
    world.advance(22_000);
    assert_eq!((world.phase(2), world.status(2).unsynced), (Phase::Synced, 0));
    assert_eq!(world.sockets_opened(), 1);
}

#[test]
fn a_server_that_dismisses_a_document_whenever_it_comes_is_asked_ever_less_often() {
    let mut world = World::new(6);
    world.act(&Action::DismissAlways { doc: 0 });
    world.advance(60_000);
    let visits = world.visits(0);
    assert!(visits <= 16, "{visits} visits in a minute");
    assert_eq!(world.phase(1), Phase::Synced);
}

#[test]
fn a_document_that_is_disconnected_takes_leave_and_the_socket_stays_for_the_others() {
    let mut world = World::new(7);
    world.advance(1_000);
    world.act(&Action::Edit { doc: 0 });
    world.act(&Action::Disconnect { doc: 0 });
    world.advance(100);
    assert_eq!((world.phase(0), world.phase(1)), (Phase::Disconnected, Phase::Synced));
    assert!(!world.is_present(0), "the server was not told");
    assert!(world.server_holds_everything(0), "the last edit was not sent");
    world.act(&Action::Connect { doc: 0 });
    world.advance(1_000);
    assert_eq!((world.phase(0), world.sockets_opened()), (Phase::Synced, 1));
}

#[test]
fn a_document_that_comes_back_at_once_waits_until_the_server_has_seen_it_leave() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        world.advance(1_000);
        world.act(&Action::Disconnect { doc: 0 });
        world.act(&Action::Connect { doc: 0 });
        world.advance(500);
        assert_eq!(world.phase(0), Phase::Synced, "seed {seed}");
    }
}

#[test]
fn of_documents_that_lose_the_socket_together_only_the_one_that_ends_it_withholds_anything() {
    for seed in 0..100 {
        let mut world = World::new(seed);
        world.advance(1_000);
        world.choke = Some(1);
        for _ in 0..60 {
            // Whatever is sent, the others are always about to send something too.
            (0..3).for_each(|doc| world.act(&Action::Edit { doc }));
            world.advance(5_000);
        }
        world.advance(200_000);
        let codes = [0, 1, 2].map(|doc| world.status(doc).reason.map(|reason| reason.code));
        assert_eq!(codes, [None, Some("server-chokes"), None], "seed {seed}");
        assert_eq!([0, 2].map(|doc| world.status(doc).unsynced), [0, 0], "seed {seed}");
        let opened = world.sockets_opened();
        world.advance(200_000);
        assert_eq!(world.sockets_opened(), opened, "seed {seed}");
        world.choke = None;
        world.act(&Action::Reconnect { doc: 1 });
        world.heal();
    }
}

fn run_world(seed: u64, actions: &[Action]) -> World {
    let mut world = World::new(seed);
    for action in actions {
        world.act(action);
        world.check();
    }
    world.heal();
    world
}
