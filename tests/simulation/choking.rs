//! Decides what becomes of worlds in which the server cannot bear some edits, or keeps sending what nobody can read.

use crate::action::{self, Action, CLIENTS};
use crate::seeds::Run;
use crate::world::{ASKING, World, poisoned};
use crate::{play, seeds};
use std::ops::Range;
use syncline::rng::Rng;

const DEFAULT_SEEDS: Range<u64> = 0..1_000;

/// As many bytes as a handful of edits take, and less than what is usually lacking after a while offline.
const NARROW: usize = 60;

/// With how many connections a single edit is found, and tried by itself but once, when each of them ends over it.
const LAST_TRY: u32 = 6;

fn generate(seed: u64) -> Vec<Action> {
    poisoned(seed, action::generate(seed))
}

#[test]
fn every_world_whose_server_chokes_on_an_edit_goes_on_without_it_and_heals_when_it_is_cured() {
    seeds::run_all(DEFAULT_SEEDS, generate, Run { name: "choking::heals_when_cured", run: heals_when_cured });
}

#[test]
fn every_world_whose_server_takes_only_small_edits_heals() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "choking::heals_narrowly", run: heals_narrowly });
}

pub fn heals_when_cured(seed: u64, actions: &[Action]) {
    let mut world = World::choking(seed);
    play(&mut world, actions);
    world.heal_as_far_as_can_be();
    world.check_choked();
    world.cure();
    world.try_again();
    world.heal();
    world.check_healed();
    world.check_broadcasts();
}

pub fn heals_narrowly(seed: u64, actions: &[Action]) {
    let mut world = World::narrow(NARROW, seed);
    play(&mut world, actions);
    world.heal_as_far_as_can_be();
    world.check_healed();
}

#[test]
fn a_server_that_sends_poison_is_asked_less_and_less_and_heard_as_soon_as_it_is_cured() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        // Where presence is renewed, whether the server lives is not asked by asking what it holds.
        (0..CLIENTS).for_each(|client| world.act(&Action::SetPresence { client, state: Some(1) }));
        world.heal();
        world.act(&Action::Insert { client: 0, at: 0, text: "before".to_owned() });
        world.act(&Action::EndTask { client: 0 });
        world.advance(2_000);
        world.poison();
        (0..CLIENTS).for_each(|client| world.act(&Action::Cut { client }));
        world.advance(ASKING.as_millis() as u64);
        let (asked, opened) = (world.asked(), world.reconnects(0));
        world.advance(1_800_000);
        assert_eq!((world.asked() - asked, world.reconnects(0)), (0, opened), "seed {seed}");
        assert!((0..CLIENTS).all(|client| world.problems(client) == 1), "seed {seed}");
        world.cure();
        world.try_again();
        world.heal();
        world.check_healed();
    }
}

#[test]
fn a_network_that_breaks_again_and_again_soon_after_something_was_sent_is_not_taken_for_a_server_that_chokes() {
    for seed in 0..200 {
        let mut world = World::new(seed);
        let mut rng = Rng::new(seed);
        for step in 0..100_u32 {
            let client = step as usize % CLIENTS;
            world.act(&Action::Insert { client, at: step, text: "x".repeat(1 + step as usize % 7) });
            world.act(&Action::EndTask { client });
            world.advance([10, 60, 300, 1_500, 7_000][rng.below(5) as usize]);
            (0..CLIENTS).for_each(|client| world.act(&Action::Cut { client }));
            world.check();
        }
        world.heal();
        world.check_healed();
    }
}

#[test]
fn what_has_ended_connections_and_gets_through_at_the_last_try_is_not_withheld() {
    for seed in 0..20 {
        let mut world = World::choking(seed);
        world.heal();
        let opened = world.reconnects(0);
        world.act(&Action::Insert { client: 0, at: 0, text: "☠".to_owned() });
        world.act(&Action::EndTask { client: 0 });
        for _ in 0..10_000 {
            if world.reconnects(0) < opened + LAST_TRY {
                world.advance(100);
            }
        }
        world.cure();
        world.heal();
        world.check_healed();
    }
}
