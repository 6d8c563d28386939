//! The sentences, one for each case.

use super::*;
use crate::session::status::{StoreView, TabView};
use proptest::prelude::*;

fn status(phase: Phase) -> Status {
    Status {
        phase,
        unsynced: 0,
        held_by: HeldBy::Server,
        unsent: 0,
        unstored: None,
        refused: 0,
        access: None,
        attempt: 0,
        retry_in: None,
        reason: None,
        store: None,
        tab: None,
    }
}

fn reason(code: &'static str, message: &str) -> Option<StatusReason> {
    Some(StatusReason { code, message: message.to_owned(), close_code: None })
}

fn stored(phase: StorePhase, unstored: u64, reason: Option<StatusReason>, status: Status) -> Status {
    Status { unstored: Some(unstored), store: Some(StoreView { phase, reason }), ..status }
}

fn say(status: &Status) -> String {
    explain(status, &Facts::default())
}

#[test]
fn all_is_saved() {
    let saved = status(Phase::Synced);
    assert_eq!(say(&saved), "All is saved: the server holds every edit.");
    let kept = stored(StorePhase::Ready, 0, None, saved.clone());
    assert_eq!(say(&kept), "All is saved: the server holds every edit, and so does this device.");
    let relay = Status { held_by: HeldBy::Peers, ..saved.clone() };
    assert_eq!(say(&relay), "All is saved: others who are or were here hold every edit.");
    let follower = Status { tab: Some(TabView { number: 2, leader: 1 }), ..saved };
    assert_eq!(
        say(&follower),
        "All is saved: the server holds every edit; the connection is that of tab 1 of this browser."
    );
}

#[test]
fn all_is_saved_and_there_is_something_to_say_nevertheless() {
    let offline = status(Phase::Disconnected);
    assert_eq!(
        say(&offline),
        "All is saved: the server holds every edit; at the moment the application wants no connection, until it calls \
         connect()."
    );
    let forgotten = stored(StorePhase::Forgotten, 0, None, status(Phase::Synced));
    assert_eq!(
        say(&Status { unstored: None, ..forgotten }),
        "All is saved: the server holds every edit; this device keeps nothing any more, as the application asked."
    );
    let reader = Status { access: Some(Access::ReadOnly), ..status(Phase::Synced) };
    assert_eq!(say(&reader), "All is saved: the server holds every edit; the document may only be read here.");
    let facts = Facts { held_bytes: 120, ..Facts::default() };
    assert_eq!(
        explain(&status(Phase::Synced), &facts),
        "All is saved: the server holds every edit; 120 bytes of changes that came early wait for what they build on."
    );
    let troubled = Status { reason: reason("unsupported-content", "unsupported content: X"), ..status(Phase::Synced) };
    assert_eq!(
        say(&troubled),
        "All is saved: the server holds every edit; what the server sent was refused: unsupported content: X."
    );
}

#[test]
fn edits_wait_for_a_connection() {
    let unsynced = |phase| Status { unsynced: 3, unsent: 3, ..status(phase) };
    let away = reason("unreachable", "the server cannot be reached (close code 1006)");
    let waiting =
        Status { retry_in: Some(Duration::from_millis(4_200)), reason: away.clone(), ..unsynced(Phase::Waiting) };
    let facts = Facts { unsaved_for: Some(Duration::from_secs(12)), ..Facts::default() };
    assert_eq!(
        explain(&waiting, &facts),
        "3 edits are not saved, the oldest for 12 s: the server cannot be reached (close code 1006); the next attempt is \
         in 4 s."
    );
    assert_eq!(say(&unsynced(Phase::Connecting)), "3 edits are not saved: a connection is being opened.");
    assert_eq!(
        say(&Status { reason: away, ..unsynced(Phase::Connecting) }),
        "3 edits are not saved: a connection is being opened, after the server cannot be reached (close code 1006)."
    );
    assert_eq!(
        say(&unsynced(Phase::Disconnected)),
        "3 edits are not saved: the application wants no connection, until it calls connect()."
    );
    assert_eq!(
        say(&unsynced(Phase::Handshaking)),
        "3 edits are not saved: the connection is open, and each side tells the other what it lacks."
    );
    assert_eq!(say(&unsynced(Phase::Closed)), "3 edits are not saved: the document is closed.");
    assert_eq!(
        say(&Status { reason: reason("denied", "access was denied: no"), ..unsynced(Phase::Stopped) }),
        "3 edits are not saved: access was denied: no; it is not tried again before reconnect() is called, with another \
         token if that was it."
    );
}

#[test]
fn edits_wait_for_the_application_the_device_or_another_tab() {
    let unsynced = |phase| Status { unsynced: 1, unsent: 1, ..status(phase) };
    let asked = Facts { awaited: Awaited::Token, unsaved_for: Some(Duration::from_millis(800)), ..Facts::default() };
    assert_eq!(
        explain(&unsynced(Phase::Connecting), &asked),
        "1 edit is not saved, for 800 ms: the application was asked for a token and has not answered."
    );
    let unled = Facts { awaited: Awaited::Leader, ..Facts::default() };
    assert_eq!(
        explain(&unsynced(Phase::Connecting), &unled),
        "1 edit is not saved: the tab that has the connection was not heard yet."
    );
    let loading = stored(StorePhase::Loading, 1, None, unsynced(Phase::Connecting));
    assert_eq!(
        say(&loading),
        "1 edit is not saved: what this device keeps is still being read; 1 edit is not on this device either."
    );
    let unavailable = reason("token-unavailable", "no token could be had: the endpoint answered 503");
    let waiting = Status { reason: unavailable, retry_in: Some(Duration::from_secs(240)), ..unsynced(Phase::Waiting) };
    assert_eq!(
        say(&waiting),
        "1 edit is not saved: no token could be had: the endpoint answered 503; the next attempt is in 4 min."
    );
}

#[test]
fn edits_were_sent_and_are_not_proven() {
    let unsynced = Status { unsynced: 2, ..status(Phase::Synced) };
    assert_eq!(
        say(&unsynced),
        "2 edits are not saved: all was sent, and the server has not shown yet that it holds it."
    );
    assert_eq!(
        say(&Status { held_by: HeldBy::Peers, ..unsynced.clone() }),
        "2 edits are not saved: all was sent, and nobody has shown yet to hold it."
    );
    assert_eq!(
        say(&Status { unsent: 2, ..unsynced.clone() }),
        "2 edits are not saved: what is here goes out when the server has said what it holds."
    );
    let slow = Facts { awaited: Awaited::Room, ..Facts::default() };
    assert_eq!(
        explain(&Status { unsent: 2, ..unsynced.clone() }, &slow),
        "2 edits are not saved: the connection is slow, and what is here goes out when what was sent before is through."
    );
    assert_eq!(explain(&unsynced, &slow), say(&unsynced), "all of it was handed over");
    assert_eq!(
        say(&Status { access: Some(Access::ReadOnly), ..unsynced.clone() }),
        "2 edits are not saved: the document may only be read here, and the server takes no edits."
    );
    let troubled = Status { reason: reason("bad-update", "malformed update: x at byte 3"), ..unsynced.clone() };
    assert_eq!(
        say(&troubled),
        "2 edits are not saved: what the server sent was refused, and is asked for again: malformed update: x at byte 3."
    );
    let alone = reason(StatusReason::ALONE, "nobody else is here who could have the document");
    assert_eq!(
        say(&Status { phase: Phase::Handshaking, held_by: HeldBy::Peers, reason: alone, ..unsynced }),
        "2 edits are not saved: nobody else is here who could have the document."
    );
}

#[test]
fn edits_were_refused_or_are_not_stored() {
    let refused = Status { refused: 4, access: Some(Access::ReadOnly), ..status(Phase::Synced) };
    assert_eq!(
        say(&refused),
        "4 edits are only here: the server has refused what it was sent; the document may only be read here."
    );
    let both = Status { unsynced: 1, refused: 4, ..status(Phase::Synced) };
    assert_eq!(
        say(&both),
        "1 edit is not saved: all was sent, and the server has not shown yet that it holds it; 4 more are only here, \
         as the server has refused what it was sent."
    );
    let unstored = stored(StorePhase::Ready, 1, None, status(Phase::Synced));
    assert_eq!(say(&unstored), "1 edit is not on this device yet, but the server holds everything.");
    let quota = reason("store-quota", "this site may not store more on this device");
    let failed = stored(StorePhase::Failed, 5, quota, Status { unsynced: 5, ..status(Phase::Synced) });
    assert_eq!(
        say(&failed),
        "5 edits are not saved: all was sent, and the server has not shown yet that it holds it; 5 edits are not on \
         this device either; this device keeps nothing at the moment: this site may not store more on this device."
    );
}

#[test]
fn words_from_outside_are_one_line_and_not_too_much() {
    let words = format!("{}\n{}", "é".repeat(200), "x".repeat(200));
    let stopped = Status { reason: reason("denied", &words), ..status(Phase::Stopped) };
    let sentence = say(&stopped);
    assert!(!sentence.contains('\n') && sentence.contains(&format!("é {}…;", "x".repeat(99))));
}

proptest! {
    #[test]
    fn all_is_said_to_be_saved_exactly_if_it_is(
        phase in prop::sample::select(Phase::ALL),
        (unsynced, refused) in (0..3_u64, 0..3_u64),
        unstored in prop::option::of(0..3_u64),
        store in prop::option::of(prop::sample::select(StorePhase::ALL.to_vec())),
        awaited in prop::sample::select(vec![Awaited::Nothing, Awaited::Token, Awaited::Leader]),
    ) {
        let store = store.map(|phase| StoreView { phase, reason: None });
        let status = Status { unsynced, refused, unstored, store, ..status(phase) };
        let sentence = explain(&status, &Facts { awaited, ..Facts::default() });
        let is_saved = unsynced == 0 && refused == 0 && unstored.is_none_or(|unstored| unstored == 0);
        prop_assert_eq!(sentence.starts_with("All is saved: "), is_saved);
        prop_assert_eq!(sentence.matches('.').count(), 1, "{}", sentence);
    }
}
