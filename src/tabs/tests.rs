//! Who leads, who takes over when, and what is told to whom.

use super::message::{Letter, TabMessage};
use super::*;
use crate::ids::ClientId;
use crate::replica::Ranges;
use crate::sync::Unsynced;

const ADA: TabId = TabId(1);
const BOB: TabId = TabId(2);

fn at(millis: u64) -> Instant {
    Instant::from_millis(1_000_000 + millis)
}

fn ranges(clock: u32) -> Ranges {
    Ranges { structs: vec![(ClientId(9), clock..clock + 1)], deletes: Vec::new() }
}

fn letters(tabs: &mut Tabs) -> Vec<TabMessage> {
    let letter = |op| match op {
        TabOp::Broadcast(bytes) => Some(Letter::decode(&bytes).unwrap().message),
        TabOp::Join | TabOp::Steal | TabOp::Leave => None,
    };
    std::iter::from_fn(|| tabs.poll_op()).filter_map(letter).collect()
}

fn ops(tabs: &mut Tabs) -> Vec<TabOp> {
    std::iter::from_fn(|| tabs.poll_op()).filter(|op| !matches!(op, TabOp::Broadcast(_))).collect()
}

fn hear(tabs: &mut Tabs, from: TabId, message: TabMessage, now: Instant) -> Heard {
    tabs.handle_message(&Letter { from, to: None, message }.encode(), now).unwrap()
}

fn candidate(me: TabId) -> Tabs {
    let mut tabs = Tabs::new(me);
    tabs.join(at(0));
    assert_eq!(ops(&mut tabs), [TabOp::Join]);
    tabs
}

/// Ada, who leads and knows of Bob.
fn leader() -> Tabs {
    let mut tabs = candidate(ADA);
    tabs.handle_granted();
    hear(&mut tabs, BOB, TabMessage::Hello { state_vector: vec![0] }, at(0));
    letters(&mut tabs);
    tabs
}

/// Bob, who follows Ada.
fn follower() -> Tabs {
    let mut tabs = candidate(BOB);
    hear(&mut tabs, ADA, TabMessage::Lead, at(0));
    letters(&mut tabs);
    tabs
}

fn report(rows: &[(TabId, u64, u64)]) -> Report {
    let row = |(tab, applied, stored): &(TabId, u64, u64)| Row {
        tab: *tab,
        label: tab.0,
        applied: *applied,
        stored: *stored,
    };
    Report { rows: rows.iter().map(row).collect(), ..Report::default() }
}

#[test]
fn who_gets_the_lock_leads_and_says_so() {
    let mut tabs = candidate(ADA);
    assert!(!tabs.may_connect() && !tabs.may_store());
    tabs.handle_granted();
    assert!(tabs.may_connect() && tabs.may_store());
    assert_eq!(letters(&mut tabs), [TabMessage::Lead]);
    assert_eq!(tabs.labels(), Some((1, 1)));
}

#[test]
fn a_newcomer_greets_and_follows_whoever_welcomes_it() {
    let mut tabs = candidate(BOB);
    tabs.greet(|| vec![7]);
    assert_eq!(letters(&mut tabs), [TabMessage::Hello { state_vector: vec![7] }]);
    let unsynced = EditSet::default();
    let welcome = TabMessage::Welcome { update: vec![1], state_vector: vec![2], unsynced: unsynced.clone() };
    let heard = hear(&mut tabs, ADA, welcome, at(5));
    assert_eq!(heard, Heard::Welcome { update: vec![1], state_vector: vec![2], unsynced });
    assert!(matches!(tabs.role(), Role::Follower { leader: ADA, .. }));
}

#[test]
fn without_a_word_of_whoever_holds_the_lock_a_newcomer_takes_it() {
    let mut tabs = candidate(BOB);
    tabs.handle_timeout(at(1_499));
    assert_eq!(ops(&mut tabs), []);
    tabs.handle_timeout(at(1_500));
    assert_eq!(ops(&mut tabs), [TabOp::Steal]);
}

#[test]
fn a_silent_leader_is_asked_and_replaced_within_two_seconds() {
    let mut tabs = follower();
    tabs.handle_timeout(at(600));
    assert_eq!(letters(&mut tabs), [TabMessage::Ping]);
    let due = tabs.timeout().unwrap();
    assert!(due <= at(1_800), "{due:?}");
    tabs.handle_timeout(due);
    assert_eq!(ops(&mut tabs), [TabOp::Steal]);
    tabs.handle_granted();
    assert_eq!(tabs.role(), Role::Leader);
}

#[test]
fn a_word_of_the_leader_is_an_answer() {
    let mut tabs = follower();
    tabs.handle_timeout(at(600));
    hear(&mut tabs, ADA, TabMessage::Relay { update: vec![0, 0], unsynced: EditSet::default() }, at(700));
    tabs.handle_timeout(at(1_300));
    assert_eq!(letters(&mut tabs), [TabMessage::Ping, TabMessage::Ping]);
    assert_eq!(ops(&mut tabs), []);
}

#[test]
fn a_tab_whose_timers_are_late_asks_anew_instead_of_taking_the_lock() {
    let mut tabs = follower();
    tabs.handle_timeout(at(600));
    tabs.handle_timeout(at(60_000));
    assert_eq!(ops(&mut tabs), []);
    assert!(tabs.timeout().unwrap() > at(60_000));
}

#[test]
fn a_hidden_tab_only_says_that_it_is_there() {
    let mut tabs = follower();
    tabs.handle_hidden();
    assert_eq!(tabs.timeout(), Some(at(60_000)));
    tabs.handle_timeout(at(60_000));
    assert_eq!(tabs.timeout(), Some(at(120_000)));
    assert_eq!(letters(&mut tabs), [TabMessage::Ping]);
    tabs.handle_shown(at(70_000));
    assert_eq!(letters(&mut tabs), [TabMessage::Ping], "somebody looks at it");
}

#[test]
fn who_lost_the_lock_queues_for_it_again() {
    let mut tabs = leader();
    tabs.handle_lost(at(0));
    assert!(!tabs.may_connect());
    assert_eq!(ops(&mut tabs), [TabOp::Join]);
}

#[test]
fn an_edit_is_unreported_until_the_leader_says_that_it_was_applied_and_unstored_until_it_was_stored() {
    let mut tabs = follower();
    tabs.note_edit(&[1], &ranges(0));
    tabs.note_edit(&[2], &ranges(1));
    assert_eq!((tabs.unreported(), tabs.unstored()), (2, 2));
    hear(&mut tabs, ADA, TabMessage::Report(report(&[(ADA, 0, 0), (BOB, 1, 0)])), at(1));
    assert_eq!((tabs.unreported(), tabs.unstored()), (1, 2));
    hear(&mut tabs, ADA, TabMessage::Report(report(&[(ADA, 0, 0), (BOB, 2, 2)])), at(2));
    assert_eq!((tabs.unreported(), tabs.unstored()), (0, 0));
}

#[test]
fn what_the_leader_reports_as_unsynced_counts_beside_what_it_does_not_know() {
    let mut tabs = follower();
    tabs.note_edit(&[1], &ranges(0));
    let unsynced = EditSet::from(&ranges(7));
    hear(&mut tabs, ADA, TabMessage::Report(Report { unsynced, ..report(&[(BOB, 0, 0)]) }), at(1));
    assert_eq!(tabs.unsynced().len(), 2);
}

#[test]
fn an_edit_that_waits_for_what_it_builds_on_is_not_reported_as_applied() {
    let mut tabs = leader();
    let applied = |tabs: &mut Tabs| tabs.members.rows().iter().find(|row| row.tab == BOB).map(|row| row.applied);
    tabs.note_early(BOB, 1);
    tabs.note_applied(BOB, 2);
    assert_eq!(applied(&mut tabs), Some(0));
    tabs.note_complete();
    assert_eq!(applied(&mut tabs), Some(2));
}

#[test]
fn a_new_leader_is_told_what_nobody_else_may_have_told_it() {
    let mut tabs = follower();
    tabs.owe(EditSet::from(&ranges(3)), 1);
    assert!(tabs.owes());
    tabs.catch_up(vec![5]);
    let unsynced = EditSet::from(&ranges(3));
    assert_eq!(letters(&mut tabs), [TabMessage::CatchUp { number: 1, update: vec![5], unsynced }]);
    assert_eq!((tabs.owes(), tabs.unreported(), tabs.unstored()), (true, 1, 1));
    hear(&mut tabs, ADA, TabMessage::Report(report(&[(BOB, 1, 1)])), at(1));
    assert_eq!((tabs.owes(), tabs.unreported(), tabs.unstored()), (false, 0, 0));
}

#[test]
fn how_it_stands_is_told_once_and_again_when_it_changes_or_is_asked_for() {
    let mut tabs = leader();
    let unsynced = Unsynced::default();
    let told = |tabs: &mut Tabs, status: u8| {
        tabs.publish(&unsynced, vec![status], None, at(0));
        letters(tabs).len()
    };
    assert_eq!((told(&mut tabs, 1), told(&mut tabs, 1), told(&mut tabs, 2)), (1, 0, 1));
    hear(&mut tabs, BOB, TabMessage::Ping, at(0));
    assert_eq!((told(&mut tabs, 2), told(&mut tabs, 2)), (1, 0));
}

#[test]
fn large_reports_take_their_time() {
    let mut tabs = leader();
    let mut unsynced = Unsynced::default();
    let mut large = EditSet::default();
    (0..10_000).for_each(|n| large.deletions.insert(ClientId(9), n * 2..n * 2 + 1));
    unsynced.extend(&large);
    tabs.publish(&unsynced, Vec::new(), None, at(0));
    unsynced.note_change(&ranges(1));
    tabs.publish(&unsynced, Vec::new(), None, at(1));
    assert_eq!(letters(&mut tabs).len(), 1);
    let due = tabs.timeout().unwrap();
    assert!(due > at(200), "{due:?}");
    tabs.publish(&unsynced, Vec::new(), None, due);
    assert_eq!(letters(&mut tabs).len(), 1);
}

#[test]
fn a_leader_without_company_says_nothing() {
    let mut tabs = leader();
    hear(&mut tabs, BOB, TabMessage::Bye, at(0));
    tabs.note_edit(&[1], &ranges(0));
    tabs.relay(&[1], EditSet::default);
    tabs.publish(&Unsynced::default(), Vec::new(), None, at(0));
    assert_eq!(letters(&mut tabs), []);
}

#[test]
fn a_tab_that_was_not_heard_for_five_minutes_is_gone_and_its_number_free() {
    let mut tabs = leader();
    assert_eq!(tabs.members.rows().len(), 2);
    let due = tabs.timeout().unwrap();
    assert_eq!(due, at(300_000));
    tabs.handle_timeout(due);
    assert!(!tabs.has_company());
    hear(&mut tabs, TabId(8), TabMessage::Hello { state_vector: vec![0] }, due);
    let rows = tabs.members.rows();
    assert_eq!(rows.iter().find(|row| row.tab == TabId(8)).map(|row| row.label), Some(2));
}

#[test]
fn garbage_and_letters_to_others_change_nothing() {
    let mut tabs = follower();
    assert!(tabs.handle_message(&[1, 2, 3], at(1)).is_err());
    let letter = Letter { from: ADA, to: Some(TabId(9)), message: TabMessage::Forget };
    assert_eq!(tabs.handle_message(&letter.encode(), at(1)), Ok(Heard::Nothing));
    assert_eq!(hear(&mut tabs, BOB, TabMessage::Forget, at(1)), Heard::Nothing, "an echo");
}

#[test]
fn who_left_hears_and_says_nothing() {
    let mut tabs = follower();
    tabs.leave();
    assert_eq!(letters(&mut tabs), [TabMessage::Bye]);
    assert_eq!(hear(&mut tabs, ADA, TabMessage::Lead, at(1)), Heard::Nothing);
    tabs.note_edit(&[1], &ranges(0));
    assert_eq!((letters(&mut tabs), tabs.timeout()), (Vec::new(), None));
    assert!(tabs.may_store() && !tabs.may_connect());
}
