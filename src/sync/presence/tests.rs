//! What presence does over time and with what others claim.

use super::*;

const ME: ClientId = ClientId(1);
const ADA: ClientId = ClientId(2);

fn at(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1000)
}

fn connected() -> Presence {
    let mut presence = Presence::new(ME, PresenceConfig::default(), Rng::new(1));
    presence.handle_connected(at(0));
    presence
}

fn entry(client: ClientId, clock: u64, state: Option<&str>) -> AwarenessEntry {
    AwarenessEntry { client, clock, state: state.map(str::to_owned).into() }
}

fn announced(presence: &mut Presence, now: Instant) -> Option<AwarenessEntry> {
    match presence.poll_message(now)? {
        Message::Awareness(bytes) => awareness::decode(&bytes).unwrap().pop(),
        other => panic!("not an announcement: {other:?}"),
    }
}

#[test]
fn several_changes_of_a_task_are_one_announcement_of_the_latest() {
    let mut presence = connected();
    for state in ["1", "2", "3"] {
        presence.set(Some(state.to_owned()));
    }
    assert_eq!(announced(&mut presence, at(0)), Some(entry(ME, 3, Some("3"))));
    assert_eq!(announced(&mut presence, at(0)), None);
}

#[test]
fn our_state_is_renewed_after_15_seconds_with_a_higher_clock() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    assert_eq!(presence.timeout(), Some(at(15)));
    presence.handle_timeout(at(15));
    assert_eq!(announced(&mut presence, at(15)), Some(entry(ME, 2, Some("{}"))));
}

#[test]
fn what_came_from_others_is_never_sent_back() {
    let mut presence = connected();
    presence.handle_entries(vec![entry(ADA, 1, Some("{}"))], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(announced(&mut presence, at(0)), None);
    assert_eq!(presence.states(), [(ADA, "{}".to_owned())]);
}

#[test]
fn someone_not_heard_of_for_30_seconds_is_gone_and_later_forgotten() {
    let mut presence = connected();
    presence.handle_entries(vec![entry(ADA, 1, Some("{}"))], LinkId::SERVER, Hearing::Live, at(0));
    presence.poll_change();
    presence.handle_timeout(at(29));
    assert_eq!(presence.poll_change(), None);
    presence.handle_timeout(at(30));
    assert_eq!(presence.poll_change().unwrap().removed, [ADA]);
    presence.handle_timeout(at(60));
    assert_eq!(presence.timeout(), None);
}

#[test]
fn an_older_or_repeated_state_changes_nothing_but_leaving_needs_no_higher_clock() {
    let mut presence = connected();
    presence.handle_entries(vec![entry(ADA, 5, Some("5"))], LinkId::SERVER, Hearing::Live, at(0));
    presence.handle_entries(
        vec![entry(ADA, 5, Some("again")), entry(ADA, 4, None)],
        LinkId::SERVER,
        Hearing::Live,
        at(1),
    );
    assert_eq!(presence.states(), [(ADA, "5".to_owned())]);
    presence.handle_entries(vec![entry(ADA, 5, None)], LinkId::SERVER, Hearing::Live, at(1));
    assert_eq!(presence.states(), []);
    presence.handle_entries(vec![entry(ADA, 5, Some("late copy"))], LinkId::SERVER, Hearing::Live, at(2));
    assert_eq!(presence.states(), []);
}

#[test]
fn a_claim_that_we_left_is_overruled() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    presence.handle_entries(vec![entry(ME, 7, None)], LinkId::SERVER, Hearing::Live, at(1));
    assert_eq!(announced(&mut presence, at(1)), Some(entry(ME, 8, Some("{}"))));
}

#[test]
fn our_own_echo_is_not_answered() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    let echo = announced(&mut presence, at(0)).unwrap();
    presence.handle_entries(vec![echo], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(announced(&mut presence, at(0)), None);
}

#[test]
fn losing_the_connection_empties_the_room_and_the_next_snapshot_fills_it_again() {
    let mut presence = connected();
    presence.handle_entries(vec![entry(ADA, 3, Some("{}"))], LinkId::SERVER, Hearing::Live, at(0));
    presence.poll_change();
    presence.handle_lost(LinkId::SERVER);
    presence.handle_unreachable();
    assert_eq!(presence.poll_change().unwrap().removed, [ADA]);
    presence.handle_connected(at(1));
    presence.handle_entries(vec![entry(ADA, 3, Some("{}"))], LinkId::SERVER, Hearing::Live, at(1));
    assert_eq!(presence.poll_change().unwrap().added, [ADA]);
}

#[test]
fn a_new_connection_announces_our_state_with_a_higher_clock() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    presence.handle_lost(LinkId::SERVER);
    presence.handle_unreachable();
    presence.handle_connected(at(1));
    assert_eq!(announced(&mut presence, at(1)), Some(entry(ME, 2, Some("{}"))));
}

#[test]
fn a_farewell_withdraws_what_was_announced_and_nothing_else() {
    let mut presence = connected();
    assert_eq!(presence.farewell(), None);
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    let Some(Message::Awareness(bytes)) = presence.farewell() else { panic!("no farewell") };
    assert_eq!(awareness::decode(&bytes).unwrap(), [entry(ME, 1, None)]);
}

#[test]
fn who_left_announces_nothing_until_the_return() {
    let mut presence = connected();
    presence.handle_returned(at(0));
    presence.set(Some("1".to_owned()));
    announced(&mut presence, at(0));
    presence.farewell();
    presence.set(Some("2".to_owned()));
    presence.handle_timeout(at(20));
    assert_eq!((announced(&mut presence, at(20)), presence.farewell()), (None, None));
    presence.handle_returned(at(40));
    assert_eq!(announced(&mut presence, at(40)), Some(entry(ME, 3, Some("2"))));
}

#[test]
fn invented_clients_and_huge_states_are_bounded() {
    let mut presence = connected();
    let crowd = (10..20_000).map(|id| entry(ClientId(id), 1, Some("{}"))).collect();
    presence.handle_entries(crowd, LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(presence.states().len(), MAX_OTHERS);
    let huge = "x".repeat(MAX_STATE_BYTES + 1);
    presence.handle_entries(vec![entry(ClientId(10), 2, Some(&huge))], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(presence.states()[0], (ClientId(11), "{}".to_owned()), "what is too long is not shown");
    presence.handle_entries(vec![entry(ME, (1 << 53) - 1, None)], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(presence.clock, 0);
}

#[test]
fn a_state_that_cannot_be_read_is_not_shown_and_takes_its_turn() {
    let mut presence = connected();
    let unreadable = |clock| AwarenessEntry { client: ADA, clock, state: Shown::Unreadable };
    let mut hear = |entry| {
        presence.handle_entries(vec![entry], LinkId::SERVER, Hearing::Live, at(0));
        (presence.states(), presence.knows(ADA), presence.poll_change().unwrap_or_default())
    };
    let shown = |state: &str| vec![(ADA, state.to_owned())];
    let added = PresenceChange { added: vec![ADA], ..PresenceChange::default() };
    let removed = PresenceChange { removed: vec![ADA], ..PresenceChange::default() };
    let nothing = PresenceChange::default();
    assert_eq!(hear(unreadable(1)), (vec![], true, nothing.clone()));
    assert_eq!(hear(entry(ADA, 1, Some("{}"))), (vec![], true, nothing.clone()), "it is not later");
    assert_eq!(hear(entry(ADA, 2, Some("{}"))), (shown("{}"), true, added.clone()));
    assert_eq!(hear(unreadable(4)), (vec![], true, removed));
    assert_eq!(hear(entry(ADA, 3, Some("{}"))), (vec![], true, nothing), "it is from before");
    assert_eq!(hear(entry(ADA, 5, Some("[]"))), (shown("[]"), true, added));
}

#[test]
fn a_claim_about_us_that_cannot_be_read_is_overruled() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    let claim = AwarenessEntry { client: ME, clock: 7, state: Shown::Unreadable };
    presence.handle_entries(vec![claim], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(announced(&mut presence, at(0)), Some(entry(ME, 8, Some("{}"))));
}

#[test]
fn a_tab_that_is_offline_tells_the_next_tab_of_its_state() {
    let mut presence = Presence::new(ME, PresenceConfig::default(), Rng::new(1));
    presence.set(Some("1".into()));
    assert_eq!(presence.poll_message(at(0)), None, "there is nobody");
    presence.handle_reachable(at(0));
    assert_eq!(presence.poll_message(at(0)), None, "who came has the snapshot");
    presence.set(Some("2".into()));
    assert!(presence.poll_message(at(0)).is_some());
}

#[test]
fn a_tab_that_is_not_heard_of_any_more_is_said_to_have_left() {
    let mut presence = connected();
    presence.handle_entries(vec![entry(ADA, 3, Some("{}"))], LinkId::TAB, Hearing::Live, at(0));
    presence.handle_timeout(at(31));
    let Some(Message::Awareness(states)) = presence.poll_message(at(31)) else { panic!("nothing was said") };
    assert_eq!(awareness::decode(&states).unwrap(), [entry(ADA, 3, None)]);
}

#[test]
fn who_is_told_of_nobody_asks_by_saying_that_a_stranger_left() {
    let mut presence = connected();
    presence.handle_synced(at(0));
    presence.handle_timeout(at(1));
    let call = announced(&mut presence, at(1)).unwrap();
    assert_eq!((call.state, call.client == ME), (Shown::Gone, false));
}

#[test]
fn who_is_told_of_somebody_does_not_ask() {
    let mut presence = connected();
    presence.handle_entries(vec![entry(ADA, 1, Some("{}"))], LinkId::SERVER, Hearing::Live, at(0));
    presence.handle_synced(at(0));
    presence.handle_timeout(at(1));
    assert_eq!(announced(&mut presence, at(1)), None);
}

#[test]
fn our_state_is_renewed_for_whoever_says_that_a_stranger_left() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    presence.handle_entries(vec![entry(ADA, 1, None)], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(announced(&mut presence, at(0)), None, "not by all at once");
    presence.handle_timeout(at(1));
    assert_eq!(announced(&mut presence, at(1)), Some(entry(ME, 2, Some("{}"))));
}

#[test]
fn somebody_who_was_here_and_leaves_is_no_question() {
    let mut presence = connected();
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(0));
    presence.handle_entries(vec![entry(ADA, 1, Some("{}"))], LinkId::SERVER, Hearing::Live, at(0));
    presence.handle_entries(vec![entry(ADA, 1, None), entry(ADA, 1, None)], LinkId::SERVER, Hearing::Live, at(0));
    presence.handle_timeout(at(1));
    assert_eq!(announced(&mut presence, at(1)), None);
}

fn told(presence: &mut Presence, now: Instant) -> String {
    match announced(presence, now).unwrap().state {
        Shown::State(state) => state,
        other => panic!("not a state: {other:?}"),
    }
}

fn heard(presence: &mut Presence) -> Vec<(ClientId, String)> {
    std::iter::from_fn(|| presence.poll_broadcast()).map(|told| (told.from, told.event)).collect()
}

#[test]
fn an_event_travels_beside_our_state_and_is_taken_back_after_two_seconds() {
    let mut presence = connected();
    presence.set(Some(r#"{"name":"Ada"}"#.to_owned()));
    announced(&mut presence, at(0));
    assert!(presence.broadcast("1".to_owned(), at(1)));
    let state = told(&mut presence, at(1));
    assert_eq!(state, r#"{"name":"Ada","syncline:events":{"first":0,"fresh":0,"events":[1]}}"#);
    assert_eq!(presence.states(), [(ME, r#"{"name":"Ada"}"#.to_owned())]);

    presence.set(Some(r#"{"name":"Eve"}"#.to_owned()));
    assert!(told(&mut presence, at(2)).contains("[1]"), "an event was lost with another state");
    assert_eq!(presence.timeout(), Some(at(3)));
    presence.handle_timeout(at(3));
    assert_eq!(told(&mut presence, at(3)), r#"{"name":"Eve"}"#);
}

#[test]
fn who_shows_nothing_and_tells_an_event_is_not_here_for_others() {
    let (mut ada, mut presence) = (connected(), connected());
    ada.client = ADA;
    ada.broadcast("1".to_owned(), at(0));
    presence.handle_entries(vec![announced(&mut ada, at(0)).unwrap()], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(heard(&mut presence), [(ADA, "1".to_owned())]);
    ada.handle_timeout(at(2));
    presence.set(Some("{}".to_owned()));
    announced(&mut presence, at(2));
    presence.poll_change();
    presence.handle_entries(vec![announced(&mut ada, at(2)).unwrap()], LinkId::SERVER, Hearing::Live, at(2));
    presence.handle_timeout(at(3));
    assert_eq!(announced(&mut presence, at(3)), None, "who falls silent was taken for a newcomer");
    assert_eq!((presence.poll_change(), presence.crowd()), (None, 0));
}

#[test]
fn a_state_beside_which_events_come_and_go_has_not_changed() {
    let mut presence = connected();
    let with_event = r#"{"a":1,"syncline:events":{"first":0,"fresh":0,"events":[1]}}"#;
    presence.handle_entries(vec![entry(ADA, 1, Some(r#"{"a":1}"#))], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(presence.poll_change().unwrap().added, [ADA]);
    presence.handle_entries(vec![entry(ADA, 2, Some(with_event))], LinkId::SERVER, Hearing::Live, at(0));
    presence.handle_entries(vec![entry(ADA, 3, Some(r#"{"a":1}"#))], LinkId::SERVER, Hearing::Live, at(0));
    assert_eq!(presence.poll_change(), None);
    assert_eq!(presence.states(), [(ADA, r#"{"a":1}"#.to_owned())]);
    assert_eq!(heard(&mut presence), [(ADA, "1".to_owned())]);
}

#[test]
fn an_event_into_a_connection_that_is_lost_is_told_over_the_next_if_that_comes_soon() {
    for (back, expected) in [(1, true), (3, false)] {
        let mut presence = connected();
        presence.set(Some("{}".to_owned()));
        presence.broadcast("1".to_owned(), at(0));
        announced(&mut presence, at(0));
        presence.handle_lost(LinkId::SERVER);
        presence.handle_unreachable();
        assert!(!presence.broadcast("2".to_owned(), at(0)), "there is nobody");
        presence.handle_connected(at(back));
        assert_eq!(told(&mut presence, at(back)).contains("[1]"), expected);
    }
}

#[test]
fn who_leaves_takes_the_events_along() {
    let mut presence = connected();
    presence.broadcast("1".to_owned(), at(0));
    announced(&mut presence, at(0));
    assert!(presence.farewell().is_some());
    assert!(!presence.broadcast("2".to_owned(), at(0)));
    presence.handle_returned(at(1));
    assert_eq!(announced(&mut presence, at(1)), None);
}

#[test]
fn a_tab_that_comes_is_told_who_is_here_without_events() {
    let mut presence = connected();
    let with_event = r#"{"a":1,"syncline:events":{"first":0,"fresh":0,"events":[1]}}"#;
    presence.handle_entries(vec![entry(ADA, 1, Some(with_event))], LinkId::SERVER, Hearing::Live, at(0));
    presence.set(Some("{}".to_owned()));
    presence.broadcast("1".to_owned(), at(0));
    let states = awareness::decode(&presence.snapshot().unwrap()).unwrap();
    let states: Vec<_> = states.into_iter().map(|entry| entry.state).collect();
    assert_eq!(states, ["{}", r#"{"a":1}"#].map(|state| Shown::State(state.to_owned())));
}
