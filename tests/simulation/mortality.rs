//! Sessions are lost at any moment, and nothing is lost with them.

use crate::action::{self, Action, CLIENTS};
use crate::seeds::{self, Run};
use crate::world::World;
use std::ops::Range;

const DEFAULT_SEEDS: Range<u64> = 0..2_000;

#[test]
fn every_world_in_which_sessions_are_lost_heals_and_nothing_is_lost_with_them() {
    seeds::run_all(DEFAULT_SEEDS, action::generate_mortal, Run { name: "mortality::heals", run: heals });
}

pub fn heals(seed: u64, actions: &[Action]) {
    let mut world = World::mortal(seed);
    for (step, action) in actions.iter().enumerate() {
        world.act(action);
        world.check_mortality(step % CLIENTS);
        // Not always: to look at the status commits what is pending.
        if step.is_multiple_of(4) {
            world.check();
        }
    }
    world.bring_the_rest();
    world.heal();
    world.await_presence();
    world.check_healed();
    world.check_broadcasts();
}

#[test]
fn the_same_seed_gives_the_same_deaths() {
    seeds::check_reproducible(action::generate_mortal, |seed, actions: &[Action]| {
        let mut world = World::mortal(seed);
        actions.iter().for_each(|action| world.act(action));
        world.bring_the_rest();
        world.heal();
        world.fingerprint()
    });
}
