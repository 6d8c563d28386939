//! Decides what is looked at one by one: the promises that an application relies on, each in a world of its own.

mod knowing;

use crate::action::{Action, Edit, Place};
use crate::world::{Seat, World};
use syncline::clock::Duration;
use syncline::session::{Phase, Posted, Status, StorePhase};

const FIRST: Place = Place { browser: 0, slot: 0 };
const SECOND: Place = Place { browser: 0, slot: 1 };
const THIRD: Place = Place { browser: 0, slot: 2 };

fn write(world: &mut World, at: Place, text: &str) {
    world.act(&Action::Edit { at, edit: Edit::Insert { at: 0, text: text.to_owned() } });
    world.act(&Action::EndTask { at });
}

fn open(world: &mut World, at: Place) -> Seat {
    world.open(at.browser, at.slot, true, true);
    seat(world, at)
}

fn seat(world: &World, Place { browser, slot }: Place) -> Seat {
    world.seat(browser, slot).expect("a tab is open there")
}

fn status(world: &mut World, at: Place) -> Status {
    let seat = seat(world, at);
    world.tab(seat).status.clone().expect("the tab was told how it stands")
}

fn text(world: &mut World, at: Place) -> String {
    let seat = seat(world, at);
    world.tab(seat).content()
}

/// A browser with a tab that leads and one that follows, both synced.
fn two_tabs() -> World {
    let mut world = World::new(1);
    world.advance(5_000);
    open(&mut world, SECOND);
    world.advance(5_000);
    for at in [FIRST, SECOND] {
        assert_eq!(status(&mut world, at).phase, Phase::Synced);
    }
    world
}

fn connected(world: &mut World) -> Vec<Place> {
    let places = [FIRST, SECOND, THIRD];
    let has_socket =
        |at: &Place| world.seat(at.browser, at.slot).is_some_and(|seat| !world.tab(seat).sockets.is_empty());
    places.into_iter().filter(has_socket).collect()
}

#[test]
fn an_edit_made_offline_is_there_after_the_browser_was_killed_and_still_unsynced() {
    let mut world = World::new(2);
    world.advance(5_000);
    world.act(&Action::Refuse { attempts: 1_000 });
    world.act(&Action::Cut { at: FIRST });
    write(&mut world, FIRST, "offline");
    world.advance(50);
    assert_eq!(status(&mut world, FIRST).unstored, Some(0), "not on the disk within 50 ms");
    world.act(&Action::KillBrowser { browser: 0 });
    open(&mut world, FIRST);
    world.advance(100);
    assert_eq!(text(&mut world, FIRST), "offline");
    let status = status(&mut world, FIRST);
    assert_eq!((status.unsynced, status.unstored), (7, Some(0)));
}

#[test]
fn of_several_tabs_one_has_a_socket_and_all_know_which() {
    let mut world = two_tabs();
    open(&mut world, THIRD);
    world.advance(5_000);
    assert_eq!(connected(&mut world), [FIRST]);
    for (at, number) in [(FIRST, 1), (SECOND, 2), (THIRD, 3)] {
        let tab = status(&mut world, at).tab.expect("it is a tab among others");
        assert_eq!((tab.number, tab.leader), (number, 1));
    }
}

#[test]
fn a_tab_that_leads_and_crashes_is_replaced_at_once() {
    let mut world = two_tabs();
    write(&mut world, SECOND, "a");
    world.act(&Action::Crash { at: FIRST });
    write(&mut world, SECOND, "b");
    world.advance(10);
    assert_eq!(connected(&mut world), [SECOND]);
    world.advance(10_000);
    let status = status(&mut world, SECOND);
    assert_eq!((status.phase, status.unsynced, status.unstored), (Phase::Synced, 0, Some(0)));
    assert_eq!(text(&mut world, SECOND), "ba");
}

#[test]
fn a_tab_that_leads_and_hangs_is_replaced_within_2_seconds_and_follows_when_it_wakes() {
    let mut world = two_tabs();
    world.act(&Action::Hang { at: FIRST, millis: 30_000, wakes_by_timer: true });
    world.advance(2_000);
    assert!(connected(&mut world).contains(&SECOND), "the other tab does not lead");
    write(&mut world, SECOND, "meanwhile");
    world.advance(40_000);
    assert_eq!(connected(&mut world), [SECOND]);
    assert_eq!(text(&mut world, FIRST), "meanwhile");
    assert_eq!(status(&mut world, FIRST).tab.map(|tab| (tab.number, tab.leader)), Some((1, 2)));
}

#[test]
fn a_tab_that_leads_and_is_frozen_lets_another_lead_and_follows_when_it_returns() {
    let mut world = two_tabs();
    write(&mut world, FIRST, "last words");
    world.act(&Action::Freeze { at: FIRST });
    world.advance(10);
    assert_eq!(connected(&mut world), [SECOND]);
    world.act(&Action::Show { at: FIRST });
    world.advance(10_000);
    assert_eq!(connected(&mut world), [SECOND]);
    assert_eq!(text(&mut world, SECOND), "last words");
    assert_eq!(status(&mut world, FIRST).phase, Phase::Synced);
}

#[test]
fn a_tab_that_leads_again_while_it_writes_has_what_another_wrote_meanwhile() {
    let mut world = two_tabs();
    world.act(&Action::Refuse { attempts: 1_000 });
    world.act(&Action::StallDisk { browser: 0, millis: 1_500 });
    write(&mut world, FIRST, "a");
    world.act(&Action::Freeze { at: FIRST });
    world.advance(10);
    write(&mut world, SECOND, "b");
    world.act(&Action::Close { at: SECOND });
    world.act(&Action::Show { at: FIRST });
    world.advance(5_000);
    let mut text: Vec<char> = text(&mut world, FIRST).chars().collect();
    text.sort_unstable();
    assert_eq!(text, ['a', 'b']);
    assert_eq!(status(&mut world, FIRST).unsynced, 2);
}

#[test]
fn a_hidden_tab_does_not_take_the_lock_from_one_that_hangs() {
    let mut world = two_tabs();
    world.act(&Action::Hide { at: SECOND });
    world.act(&Action::Hang { at: FIRST, millis: 10_000, wakes_by_timer: true });
    world.advance(9_000);
    assert_eq!(connected(&mut world), [FIRST]);
    world.act(&Action::Show { at: SECOND });
    world.advance(1_100);
    assert!(connected(&mut world).contains(&SECOND), "it is looked at, and waits all the same");
}

#[test]
fn a_tab_that_follows_says_how_it_stands_with_the_connection() {
    let mut world = two_tabs();
    world.act(&Action::Refuse { attempts: 1_000 });
    world.act(&Action::Cut { at: FIRST });
    write(&mut world, SECOND, "x");
    world.advance(1_000);
    let follower = status(&mut world, SECOND);
    assert!(matches!(follower.phase, Phase::Waiting | Phase::Connecting), "{:?}", follower.phase);
    assert_eq!((follower.unsynced, follower.unstored, follower.unsent), (1, Some(0), 1));
    assert_eq!(follower.reason, status(&mut world, FIRST).reason);
}

#[test]
fn a_slow_disk_delays_the_opening_only_until_the_deadline_and_is_merged_later() {
    let mut world = World::new(3);
    world.advance(2_000);
    write(&mut world, FIRST, "kept");
    world.advance(5_000);
    world.act(&Action::KillBrowser { browser: 0 });
    world.act(&Action::RestartServer { keeps_data: false });
    world.act(&Action::KillBrowser { browser: 1 });
    world.act(&Action::StallDisk { browser: 0, millis: 10_000 });
    let tab = open(&mut world, FIRST);
    world.advance(1_900);
    assert_eq!((world.tab(tab).is_opened, connected(&mut world).len()), (false, 0), "it does not wait for the disk");
    world.advance(2_100);
    assert!(world.tab(tab).is_opened);
    assert_eq!(connected(&mut world), [FIRST]);
    assert_eq!(text(&mut world, FIRST), "");
    world.advance(15_000);
    assert_eq!(text(&mut world, FIRST), "kept");
    assert_eq!(status(&mut world, FIRST).unsynced, 0);
}

#[test]
fn a_full_disk_is_said_stops_nothing_and_is_made_up_for() {
    let mut world = World::new(4);
    world.advance(2_000);
    world.act(&Action::FillDisk { browser: 0, millis: 60_000 });
    write(&mut world, FIRST, "x");
    world.advance(5_000);
    let full = status(&mut world, FIRST);
    assert_eq!((full.phase, full.unsynced, full.unstored), (Phase::Synced, 0, Some(1)));
    let store = full.store.unwrap();
    assert_eq!((store.phase, store.reason.unwrap().code), (StorePhase::Failed, "store-quota"));
    world.advance(130_000);
    let healed = status(&mut world, FIRST);
    assert_eq!((healed.unstored, healed.store.unwrap().phase), (Some(0), StorePhase::Ready));
}

#[test]
fn data_that_was_cleared_in_mid_session_is_written_anew() {
    let mut world = World::new(5);
    world.advance(2_000);
    write(&mut world, FIRST, "x");
    world.advance(2_000);
    world.act(&Action::CloseDisk { browser: 0, clears: true });
    assert_eq!(status(&mut world, FIRST).unstored, Some(1), "nothing is on the disk any more");
    world.advance(2_000);
    assert_eq!(status(&mut world, FIRST).unstored, Some(0));
    assert!(!world.browsers[0].disk.content().is_empty());
}

#[test]
fn what_the_server_was_shown_to_hold_stays_so_when_the_disk_is_read_again() {
    let mut world = World::new(9);
    world.advance(5_000);
    write(&mut world, FIRST, "x");
    world.advance(700);
    assert_eq!(status(&mut world, FIRST).unsynced, 0);
    assert!(!world.browsers[0].disk.unsynced().is_empty(), "written down already, so this shows nothing");
    world.act(&Action::CloseDisk { browser: 0, clears: false });
    for _ in 0..20 {
        world.advance(50);
        assert_eq!(status(&mut world, FIRST).unsynced, 0);
    }
}

#[test]
fn what_one_tab_forgets_no_tab_keeps() {
    let mut world = two_tabs();
    write(&mut world, SECOND, "secret");
    world.advance(2_000);
    let second = seat(&world, SECOND);
    world.input(second, |tab, now| tab.session.forget(tab.doc, now));
    world.advance(2_000);
    write(&mut world, FIRST, "more ");
    world.advance(2_000);
    assert_eq!(world.browsers[0].disk.len(), 0);
    for at in [FIRST, SECOND] {
        let status = status(&mut world, at);
        assert_eq!((status.store.unwrap().phase, status.unstored), (StorePhase::Forgotten, None));
    }
}

#[test]
fn a_tab_that_follows_does_not_notice_that_the_socket_is_replaced() {
    let mut world = World::empty(8, &[2, 1]);
    world.config.connection.lifetime = Some(Duration::from_secs(8));
    let other = Place { browser: 1, slot: 0 };
    for at in [FIRST, SECOND, other] {
        open(&mut world, at);
        world.act(&Action::SetPresence { at, state: Some(1) });
        world.advance(2_500);
    }
    let (leader, follower) = (seat(&world, FIRST), seat(&world, SECOND));
    let (interruptions, opened) = (world.tab(follower).interruptions, world.tab(leader).opened);
    for _ in 0..60 {
        write(&mut world, SECOND, "a");
        write(&mut world, other, "b");
        world.advance(700);
        assert_eq!(status(&mut world, SECOND).phase, Phase::Synced);
    }
    world.advance(10_000);
    assert_eq!(world.tab(follower).interruptions, interruptions);
    assert!(world.tab(leader).opened >= opened + 4, "no socket was replaced");
    assert_eq!(status(&mut world, SECOND).unsynced, 0);
    let expected = text(&mut world, other);
    assert_eq!((text(&mut world, SECOND).len(), text(&mut world, SECOND)), (120, expected));
}

#[test]
fn every_tab_hears_an_event_once_and_one_that_comes_or_takes_over_hears_no_old_one() {
    let mut world = World::empty(9, &[3, 1]);
    let other = Place { browser: 1, slot: 0 };
    for at in [FIRST, SECOND, other] {
        open(&mut world, at);
        world.advance(6_000);
    }
    let places = [FIRST, SECOND, other];
    let tell = |world: &mut World, at: Place| {
        let seat = seat(world, at);
        world.input(seat, |tab, now| assert_eq!(tab.broadcast(now), Posted::Sent));
    };
    let heard = |world: &mut World, at: Place, from: Place| {
        let (seat, from) = (seat(world, at), seat(world, from));
        let id = world.tab(from).id;
        world.tab(seat).heard.get(&id).cloned().unwrap_or_default()
    };
    places.iter().for_each(|at| tell(&mut world, *at));
    world.advance(1_000);
    open(&mut world, THIRD);
    world.advance(4_000);
    for (at, from) in places.iter().flat_map(|at| places.iter().map(move |from| (*at, *from))) {
        let expected = if at == from { vec![] } else { vec![1] };
        assert_eq!(heard(&mut world, at, from), expected, "{at:?} of {from:?}");
    }
    assert!(places.iter().all(|from| heard(&mut world, THIRD, *from).is_empty()), "a newcomer was told of the past");

    tell(&mut world, other);
    world.advance(1_000);
    world.act(&Action::Close { at: FIRST });
    world.advance(6_000);
    tell(&mut world, other);
    tell(&mut world, THIRD);
    world.advance(4_000);
    assert_eq!((heard(&mut world, SECOND, other), heard(&mut world, THIRD, other)), (vec![1, 2, 3], vec![2, 3]));
    assert_eq!((heard(&mut world, SECOND, THIRD), heard(&mut world, other, THIRD)), (vec![1], vec![1]));
}

#[test]
fn tabs_that_do_not_share_may_write_to_one_disk() {
    let mut world = World::empty(6, &[3]);
    for slot in 0..2 {
        world.open(0, slot, false, false);
    }
    world.advance(100);
    write(&mut world, FIRST, "one");
    write(&mut world, SECOND, "two");
    world.advance(5_000);
    world.act(&Action::KillBrowser { browser: 0 });
    open(&mut world, FIRST);
    world.advance(100);
    let text = text(&mut world, FIRST);
    assert!(text == "onetwo" || text == "twoone", "{text}");
    assert_eq!(status(&mut world, FIRST).unsynced, 6);
}

#[test]
fn a_long_session_keeps_a_short_log() {
    let mut world = World::new(7);
    for _ in 0..1_500 {
        write(&mut world, FIRST, "x");
        world.advance(50);
    }
    world.advance(3_000);
    assert!(world.browsers[0].disk.len() <= 201, "{} records", world.browsers[0].disk.len());
}
