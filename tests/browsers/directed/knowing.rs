//! Decides what is looked at of what the tabs and the disk know of each other: the rare moments in which one of them knows
//! less than it seems to. What must hold at every moment is checked by the world itself.

use super::{FIRST, SECOND, THIRD, open, seat, status, text, write};
use crate::action::{Action, Edit, Place};
use crate::world::World;
use syncline::session::Phase;

/// A world with one browser, whose tab has written this, which the server holds.
fn one_tab(seed: u64, slots: usize, text: &str) -> World {
    let mut world = World::empty(seed, &[slots]);
    open(&mut world, FIRST);
    world.advance(5_000);
    write(&mut world, FIRST, text);
    world.advance(5_000);
    assert_eq!(status(&mut world, FIRST).unsynced, 0);
    world
}

/// The server has lost everything and cannot be reached, which this tab has learned.
fn lose_on_server(world: &mut World, at: Place) {
    world.act(&Action::RestartServer { keeps_data: false });
    while status(world, at).unsynced == 0 {
        world.advance(1);
    }
    go_offline(world, at);
}

fn go_offline(world: &mut World, at: Place) {
    world.act(&Action::Refuse { attempts: 1_000 });
    world.act(&Action::Cut { at });
}

fn restart_with_spoilt_record(world: &mut World, place: usize) {
    world.act(&Action::SpoilDisk { browser: 0, place });
    open(world, FIRST);
    world.advance(100);
}

#[test]
fn what_a_record_said_that_cannot_be_read_is_doubted() {
    let mut world = one_tab(1, 1, "x");
    lose_on_server(&mut world, FIRST);
    world.advance(2_000);
    let last = world.browsers[0].disk.len() - 1;
    restart_with_spoilt_record(&mut world, last);
    assert_eq!((text(&mut world, FIRST), status(&mut world, FIRST).unsynced), ("x".to_owned(), 1));
}

#[test]
fn what_builds_on_a_record_that_cannot_be_read_is_unsynced_when_that_comes_from_elsewhere() {
    let mut world = one_tab(1, 1, "x");
    go_offline(&mut world, FIRST);
    write(&mut world, FIRST, "y");
    world.advance(100);
    restart_with_spoilt_record(&mut world, 0);
    world.act(&Action::KillBrowser { browser: 0 });
    open(&mut world, FIRST);
    world.advance(100);
    assert_eq!((text(&mut world, FIRST), world.browsers[0].disk.broken()), (String::new(), 0));
    world.act(&Action::Refuse { attempts: 0 });
    world.advance(10_000);
    let status = status(&mut world, FIRST);
    assert_eq!((text(&mut world, FIRST), status.phase, status.unsynced), ("yx".to_owned(), Phase::Synced, 0));
}

#[test]
fn a_snapshot_says_what_is_unsynced_of_the_task_that_is_under_way() {
    let mut world = World::empty(1, &[1]);
    open(&mut world, FIRST);
    go_offline(&mut world, FIRST);
    for _ in 0..201 {
        write(&mut world, FIRST, "x");
        world.advance(25);
    }
    // The log is to be folded, and the timer for it is late.
    world.act(&Action::Sleep { at: FIRST, millis: 60_000 });
    world.advance(3_000);
    let before = world.browsers[0].disk.len();
    world.act(&Action::Edit { at: FIRST, edit: Edit::Insert { at: 0, text: "y".to_owned() } });
    world.act(&Action::SetPresence { at: FIRST, state: None });
    while world.browsers[0].disk.len() == before {
        world.advance(1);
    }
    assert_eq!(world.browsers[0].disk.unsynced().len(), 202);
}

#[test]
fn what_comes_while_the_leader_writes_counts_as_unstored_for_who_takes_over_at_any_moment() {
    for moment in 0..40 {
        let mut world = one_tab(moment, 2, "x");
        open(&mut world, SECOND);
        world.advance(5_000);
        write(&mut world, SECOND, "y");
        world.advance(7);
        write(&mut world, SECOND, "z");
        world.advance(moment);
        world.act(&Action::Crash { at: FIRST });
        world.advance(5_000);
        assert_eq!(status(&mut world, SECOND).unstored, Some(0));
    }
}

#[test]
fn what_waits_in_the_leader_for_what_it_builds_on_does_not_count_as_stored() {
    for seed in 0..20 {
        let mut world = one_tab(seed, 2, "x");
        // It was not told of what this one has written by itself.
        world.open(0, 1, true, false);
        world.advance(100);
        write(&mut world, SECOND, "y");
        world.advance(100);
        assert_eq!(status(&mut world, SECOND).unstored, Some(0));
        world.act(&Action::Connect { at: SECOND });
        write(&mut world, SECOND, "z");
        // That of which it knows can be stored before.
        world.act(&Action::Edit { at: SECOND, edit: Edit::Delete { at: 2, len: 1 } });
        world.act(&Action::EndTask { at: SECOND });
        world.advance(10_000);
        assert_eq!(text(&mut world, FIRST), "zy");
        assert_eq!(status(&mut world, SECOND).unstored, Some(0));
    }
}

#[test]
fn what_the_server_has_lost_is_known_to_a_tab_that_leads_and_was_away_meanwhile() {
    let mut world = one_tab(1, 3, "x");
    for at in [SECOND, THIRD] {
        open(&mut world, at);
        world.advance(2_000);
    }
    world.act(&Action::Disconnect { at: THIRD });
    // Nor can it be read.
    world.act(&Action::FillDisk { browser: 0, millis: 100_000 });
    lose_on_server(&mut world, FIRST);
    world.advance(100);
    assert_eq!(status(&mut world, SECOND).unsynced, 1);
    world.act(&Action::Hide { at: SECOND });
    world.act(&Action::Hang { at: FIRST, millis: 10_000, wakes_by_timer: true });
    world.act(&Action::Connect { at: THIRD });
    world.advance(2_000);
    let third = seat(&world, THIRD);
    assert_eq!(world.browsers[0].locks.holder().map(|holder| holder.seat), Some(third));
    for at in [SECOND, THIRD] {
        assert_eq!(status(&mut world, at).unsynced, 1);
    }
}

#[test]
fn what_is_read_after_the_server_has_said_that_it_lacks_it_is_unsynced() {
    let mut world = one_tab(1, 1, "x");
    world.act(&Action::KillBrowser { browser: 0 });
    world.act(&Action::RestartServer { keeps_data: false });
    world.act(&Action::MuteDisk { browser: 0, count: 1 });
    open(&mut world, FIRST);
    while text(&mut world, FIRST).is_empty() {
        world.advance(1);
    }
    let status_when_read = status(&mut world, FIRST);
    assert_eq!((status_when_read.phase, status_when_read.unsynced), (Phase::Synced, 1));
    world.advance(10_000);
    assert_eq!(status(&mut world, FIRST).unsynced, 0);
}

#[test]
fn what_one_leader_was_told_and_could_not_store_is_unstored_for_the_next_one() {
    for seed in 0..40 {
        let mut world = one_tab(seed, 3, "x");
        open(&mut world, SECOND);
        world.advance(5_000);
        world.act(&Action::Hide { at: SECOND });
        world.act(&Action::FillDisk { browser: 0, millis: 300 });
        write(&mut world, SECOND, "y");
        world.advance(100);
        world.act(&Action::Hang { at: FIRST, millis: 30_000, wakes_by_timer: true });
        world.advance(300);
        open(&mut world, THIRD);
        world.advance(1_490);
        // Of this edit the next leader hears, and it can be stored.
        world.act(&Action::Edit { at: SECOND, edit: Edit::Delete { at: 1, len: 1 } });
        world.act(&Action::EndTask { at: SECOND });
        world.advance(10_000);
        assert_eq!((text(&mut world, THIRD), status(&mut world, SECOND).unstored), ("y".to_owned(), Some(0)));
    }
}

#[test]
fn an_edit_of_which_a_tab_hears_before_it_has_read_the_disk_is_held_by_nobody_until_the_leader_says_so() {
    for seed in 0..40 {
        let mut world = one_tab(seed, 3, "x");
        open(&mut world, SECOND);
        world.advance(5_000);
        world.open(0, 2, true, false);
        world.act(&Action::Reconnect { at: THIRD });
        world.act(&Action::Edit { at: SECOND, edit: Edit::Delete { at: 0, len: 1 } });
        world.act(&Action::EndTask { at: SECOND });
        for _ in 0..300 {
            world.advance(1);
            world.check();
        }
    }
}

#[test]
fn what_a_leader_wrote_in_its_last_moment_and_told_nobody_is_read_by_the_next_one() {
    let mut is_read = false;
    for seed in 0..20 {
        let mut world = one_tab(seed, 2, "x");
        open(&mut world, SECOND);
        world.advance(5_000);
        write(&mut world, FIRST, "y");
        world.act(&Action::Crash { at: FIRST });
        is_read |= text(&mut world, SECOND) == "x" && world.browsers[0].disk.content().len() == 2;
        world.advance(10_000);
        let second = seat(&world, SECOND);
        assert_eq!(world.tab(second).everything(), world.browsers[0].disk.everything());
    }
    assert!(is_read, "no seed reaches it");
}
