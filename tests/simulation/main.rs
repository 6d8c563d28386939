//! A simulated world: clients, a server, a network and a clock, all decided by one seed.
//!
//! Every run is a list of actions made from its seed. A failing run is shrunk to the shortest list that still fails and
//! printed with the seed. `SYNCLINE_SEEDS=100..200` runs other seeds, `SYNCLINE_SEED=7` a single one.
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
mod choking;
mod client;
mod content;
mod faults;
mod guard;
mod keeper;
mod memory;
mod mortality;
mod network;
mod page;
mod parts;
mod rare;
mod replay;
mod replaying;
mod seeds;
mod server;
mod shrink;
mod storm;
mod world;

use action::Action;
use faults::Trouble;
use seeds::Run;
use std::ops::Range;
use syncline::clock::Duration;
use world::World;

const DEFAULT_SEEDS: Range<u64> = 0..10_000;

const DEFAULT_AGING_SEEDS: Range<u64> = 0..3_000;

const DEFAULT_OTHER_SEEDS: Range<u64> = 0..1_000;

const DEFAULT_SLOW_SEEDS: Range<u64> = 0..3_000;

const DEFAULT_GUARDED_SEEDS: Range<u64> = 0..3_000;

/// The age at which connections end where they do.
const LIFETIME: Duration = Duration::from_secs(8);

#[test]
fn every_world_heals_with_all_replicas_equal_and_nothing_unsaved() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "heals", run: heals });
}

#[test]
fn every_world_in_which_connections_end_at_a_set_age_heals_too() {
    seeds::run_all(DEFAULT_AGING_SEEDS, action::generate, Run { name: "heals_while_aging", run: heals_while_aging });
}

#[test]
fn every_world_with_slow_links_heals_too() {
    seeds::run_all(DEFAULT_SLOW_SEEDS, action::generate, Run { name: "heals_slowly", run: heals_slowly });
}

#[test]
fn every_world_with_a_server_of_another_kind_heals_too() {
    let run = Run { name: "heals_elsewhere", run: heals_elsewhere };
    seeds::run_all(DEFAULT_OTHER_SEEDS, action::generate, run);
}

#[test]
fn every_world_in_which_tokens_expire_and_are_revoked_heals_too() {
    seeds::run_all(DEFAULT_GUARDED_SEEDS, action::generate, Run { name: "heals_with_tokens", run: heals_with_tokens });
}

fn heals(seed: u64, actions: &[Action]) {
    drop(run_world(seed, actions));
}

fn heals_while_aging(seed: u64, actions: &[Action]) {
    let mut world = World::aging(LIFETIME, seed);
    play(&mut world, actions);
    world.heal();
    world.await_presence();
    world.check_healed();
    world.end_delays();
    world.check_broadcasts();
}

fn heals_slowly(seed: u64, actions: &[Action]) {
    let mut world = World::slow(400, seed);
    play(&mut world, actions);
    world.heal();
    world.await_presence();
    world.check_healed();
    world.check_broadcasts();
}

fn heals_elsewhere(seed: u64, actions: &[Action]) {
    let mut world = World::unlike(seed);
    play(&mut world, actions);
    world.heal();
    world.check_healed();
    world.check_broadcasts();
}

fn heals_with_tokens(seed: u64, actions: &[Action]) {
    let mut world = World::guarded(seed);
    play(&mut world, actions);
    world.heal();
    world.check_healed();
    world.check_broadcasts();
}

#[test]
fn people_who_write_more_than_a_slow_link_carries_stay_in_step() {
    for seed in 0..20 {
        let mut world = World::slow(1000, seed);
        world.heal();
        let (before, opened) = (world.interruptions(), world.reconnects(0));
        let mut most = 0;
        for step in 0..2000_u32 {
            // A key every 20 ms, of which each would be an update of some 20 bytes, and a pointer that moves with it.
            world.act(&Action::Insert { client: 0, at: step % 40, text: "x".to_owned() });
            world.act(&Action::EndTask { client: 0 });
            world.act(&Action::SetPresence { client: 0, state: Some((step % 9) as u8) });
            world.advance(20);
            most = most.max(world.backlog(0));
            world.check();
        }
        assert!(most < 3_000, "seed {seed}: {most} bytes waited");
        world.heal();
        world.check_healed();
        assert_eq!((world.interruptions(), world.reconnects(0)), (before, opened), "seed {seed}");
    }
}

#[test]
fn a_slow_link_that_dies_is_noticed() {
    for seed in 0..50 {
        let mut world = World::slow(400, seed);
        world.heal();
        world.act(&Action::Insert { client: 0, at: 0, text: "x".repeat(1000) });
        world.act(&Action::EndTask { client: 0 });
        world.act(&Action::HalfOpen { client: 0 });
        let opened = world.reconnects(0);
        world.advance(20_000);
        assert!(world.reconnects(0) > opened, "seed {seed}");
        world.heal();
        world.check_healed();
    }
}

#[test]
fn a_socket_is_replaced_while_people_edit_and_nobody_notices() {
    for seed in 0..100 {
        let mut world = World::aging(LIFETIME, seed);
        world.heal();
        let (before, replaced) = (world.interruptions(), world.reconnects(0));
        for step in 0..100_u32 {
            let client = step as usize % action::CLIENTS;
            world.act(&Action::Insert { client, at: step, text: "x".to_owned() });
            world.act(&Action::Delete { client, at: step / 2, len: step % 2 });
            world.act(&Action::EndTask { client });
            world.advance(397);
            world.check();
        }
        world.heal();
        world.check_healed();
        assert_eq!(world.interruptions(), before, "seed {seed}: somebody was out of step");
        assert!(world.reconnects(0) >= replaced + 5, "seed {seed}: no socket was replaced");
    }
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

#[test]
fn an_edit_made_offline_arrives_after_the_reconnect() {
    let actions = [
        Action::Insert { client: 0, at: 0, text: "before ".to_owned() },
        Action::Advance { millis: 2_000 },
        Action::Cut { client: 0 },
        Action::Refuse { attempts: 3 },
        Action::Insert { client: 0, at: 7, text: "offline".to_owned() },
        Action::Advance { millis: 100 },
    ];
    let world = run_world(1, &actions);
    assert_eq!(world.text_of(1), "before offline");
}

#[test]
fn a_server_that_lost_everything_gets_it_back() {
    let actions = [
        Action::Insert { client: 0, at: 0, text: "kept by the clients".to_owned() },
        Action::Advance { millis: 5_000 },
        Action::RestartServer { keeps_data: false },
        Action::Advance { millis: 5_000 },
    ];
    let world = run_world(2, &actions);
    assert!(world.server_everything().contains("kept by the clients"));
}

#[test]
fn a_half_open_connection_is_noticed_within_20_seconds() {
    let mut world = World::new(3);
    world.advance(5_000);
    assert!(world.is_synced(0));
    world.act(&Action::HalfOpen { client: 0 });
    world.advance(20_000);
    assert!(world.reconnects(0) >= 1, "still on the dead connection");
}

#[test]
fn a_server_that_speaks_and_reads_nothing_is_noticed_within_a_minute() {
    let mut world = World::new(75);
    world.act(&Action::Trouble { client: 0, trouble: Trouble::Deaf });
    // What the others do shows that the connection lives, all the time.
    for step in 0..60 {
        world.act(&Action::SetPresence { client: 1, state: Some(step) });
        world.advance(1_000);
    }
    assert!(world.reconnects(0) >= 1, "still waits for the answer to its greeting");
    assert!(world.is_synced(0));
}

#[test]
fn a_server_that_lets_in_and_ends_the_connection_again_and_again_is_asked_ever_less_often() {
    for code in [1000, 1001, 1006, 1011, 1013] {
        let mut world = World::new(9);
        world.act(&Action::Trouble { client: 0, trouble: Trouble::Slam(u32::MAX, code) });
        world.act(&Action::CloseAll { code });
        world.advance(60_000);
        let attempts = (0..action::CLIENTS).map(|client| world.reconnects(client)).max();
        assert!(attempts <= Some(20), "{attempts:?} attempts in a minute after {code}");
    }
}

#[test]
fn who_is_sent_away_because_of_the_token_comes_back_by_itself_with_another() {
    for seed in 0..50 {
        let mut world = World::guarded(seed);
        world.advance(70_000);
        world.act(&Action::RevokeTokens);
        world.advance(20_000);
        assert!((0..action::CLIENTS).all(|client| world.is_synced(client)), "seed {seed}");
    }
}

#[test]
fn a_page_that_is_frozen_is_not_here_until_it_returns() {
    let mut world = World::new(4);
    world.act(&Action::SetPresence { client: 0, state: Some(1) });
    world.advance(5_000);
    assert!(world.is_seen_by_others(0));
    world.act(&Action::Frozen { client: 0 });
    world.advance(1_000);
    assert!(!world.is_seen_by_others(0), "a ghost");
    world.act(&Action::Visible { client: 0 });
    world.advance(1_000);
    assert!(world.is_seen_by_others(0));
    assert_eq!(world.reconnects(0), 0);
}

#[test]
fn a_newcomer_sees_who_is_here_soon_although_the_server_does_not_tell() {
    for (own, expected) in [(None, 2), (Some(3), 3)] {
        let mut world = World::new(5);
        world.leave_newcomers_to_ask();
        world.act(&Action::Disconnect { client: 2 });
        for client in 0..2 {
            world.act(&Action::SetPresence { client, state: Some(1) });
        }
        world.act(&Action::SetPresence { client: 2, state: own });
        world.advance(20_000);
        world.act(&Action::Connect { client: 2 });
        world.advance(4_000);
        assert_eq!(world.sees(2), expected);
    }
}

#[test]
fn a_newcomer_hears_no_event_from_before_it_came_and_all_from_then_on() {
    for asks in [false, true] {
        let mut world = World::new(6);
        if asks {
            world.leave_newcomers_to_ask();
        }
        world.act(&Action::SetPresence { client: 1, state: Some(1) });
        world.act(&Action::Disconnect { client: 2 });
        world.advance(20_000);
        for client in 0..2 {
            world.act(&Action::Broadcast { client });
        }
        world.advance(1_000);
        world.act(&Action::Connect { client: 2 });
        world.advance(6_500);
        assert_eq!((world.heard(1, 0), world.heard(0, 1)), (&[1][..], &[1][..]));
        for client in 0..2 {
            world.act(&Action::Broadcast { client });
        }
        world.advance(6_500);
        assert_eq!((world.heard(2, 0), world.heard(2, 1)), (&[2][..], &[2][..]), "asks: {asks}");
    }
}

#[test]
fn an_event_reaches_everybody_once_although_its_sender_loses_the_connection() {
    let mut world = World::new(7);
    world.advance(10_000);
    world.act(&Action::Broadcast { client: 0 });
    world.advance(1);
    world.act(&Action::Cut { client: 0 });
    world.act(&Action::Cut { client: 1 });
    world.advance(20_000);
    assert_eq!(world.heard(2, 0), [1]);
    world.act(&Action::Broadcast { client: 0 });
    world.advance(6_500);
    assert_eq!((world.heard(1, 0).last(), world.heard(2, 0)), (Some(&2), &[1, 2][..]));
}

fn run_world(seed: u64, actions: &[Action]) -> World {
    let mut world = World::new(seed);
    play(&mut world, actions);
    world.heal();
    world.check_healed();
    world.check_broadcasts();
    world
}

fn play(world: &mut World, actions: &[Action]) {
    for action in actions {
        world.act(action);
        world.check();
    }
}
