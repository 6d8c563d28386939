//! Decides what is looked at that actions drawn by a seed seldom lead to, case by case.

use crate::action::{Action, CLIENTS};
use crate::faults::{Damage, Trouble};
use crate::world::World;

/// A question and an answer every nine seconds, of each.
const MOST_IN_TEN_MINUTES: u64 = 2 * 67 * CLIENTS as u64;

#[test]
fn an_edit_that_came_damaged_is_asked_for_again_although_nothing_builds_on_it() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        // Where presence is renewed, whether the server lives is not asked by asking what it holds.
        (0..CLIENTS).for_each(|client| world.act(&Action::SetPresence { client, state: Some(1) }));
        world.heal();
        world.act(&Action::Trouble { client: 1, trouble: Trouble::ToClient(Damage::Noise) });
        world.act(&Action::Insert { client: 0, at: 0, text: "whole".to_owned() });
        world.act(&Action::EndTask { client: 0 });
        world.advance(15_000);
        world.check_healed();
    }
}

#[test]
fn what_came_damaged_when_it_was_asked_for_is_asked_for_once_more() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        (0..CLIENTS).for_each(|client| world.act(&Action::SetPresence { client, state: Some(1) }));
        world.heal();
        let damage = Action::Trouble { client: 1, trouble: Trouble::ToClient(Damage::Noise) };
        world.act(&damage);
        world.act(&Action::Insert { client: 0, at: 0, text: "whole".to_owned() });
        world.act(&Action::EndTask { client: 0 });
        for _ in 0..100 {
            if world.problems(1) == 0 {
                world.advance(50);
            }
        }
        world.act(&damage);
        world.advance(30_000);
        world.check_healed();
    }
}

#[test]
fn where_nothing_happens_little_is_said() {
    for seed in 0..20 {
        let mut world = World::new(seed);
        world.heal();
        let before = world.flights();
        world.advance(600_000);
        let said = world.flights() - before;
        assert!(said <= MOST_IN_TEN_MINUTES, "seed {seed}: {said} messages");
    }
}

#[test]
fn what_a_server_passes_on_that_it_cannot_read_yet_proves_nothing_of_what_was_lost_before() {
    for seed in (1..60).step_by(3) {
        let mut world = World::unlike(seed);
        world.heal();
        world.act(&Action::Trouble { client: 0, trouble: Trouble::ToServer(Damage::Lost) });
        for text in ["lost", "kept"] {
            world.act(&Action::Insert { client: 0, at: 0, text: text.to_owned() });
            world.act(&Action::EndTask { client: 0 });
        }
        for _ in 0..200 {
            world.advance(50);
            world.check();
        }
        world.heal();
        world.check_healed();
    }
}

#[test]
fn of_what_waits_for_a_slow_link_nothing_is_left_out_however_much_it_is() {
    for seed in 0..20 {
        let mut world = World::slow(400, seed);
        world.heal();
        for step in 0..100 {
            world.act(&Action::Insert { client: 0, at: step * 5, text: "word ".to_owned() });
            world.act(&Action::EndTask { client: 0 });
        }
        world.heal();
        world.check_healed();
    }
}
