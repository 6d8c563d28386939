//! Decides what is demanded of a session whose socket does not pass on as much as it is handed.

use super::*;
use crate::replica::{Attributes, TypeId};
use crate::session::{Count, Posted};
use crate::wire::{Access, events};
use proptest::prelude::*;

const FULL: usize = 64 << 10;

/// One of which the socket holds as much as it may.
fn congested(protocol: Protocol) -> Stage {
    let mut stage = Stage::synced(protocol);
    // Until it was asked who is here.
    stage.run(Duration::from_secs(2));
    stage.sent.clear();
    clog(&mut stage);
    stage
}

fn clog(stage: &mut Stage) {
    stage.buffered = FULL;
    stage.write(&"x".repeat(FULL));
    assert_eq!(kinds(stage), ["update"], "what is handed over before the socket was asked");
}

/// Has the socket pass everything on, and the session notice.
fn clear(stage: &mut Stage) {
    stage.buffered = 0;
    stage.run(Duration::from_millis(50));
}

/// What was sent since the last call.
fn take(stage: &mut Stage) -> Vec<Message> {
    std::mem::take(&mut stage.sent).into_iter().map(|(_, message)| message).collect()
}

fn kinds(stage: &mut Stage) -> Vec<&'static str> {
    let kind = |message: Message| match message {
        Message::SyncStep1(_) => "question",
        Message::SyncStep2(_) => "answer",
        Message::Update(_) => "update",
        Message::Awareness(_) => "presence",
        Message::Marker(_) => "marker",
        Message::Stateless(_) => "stateless",
        _ => "other",
    };
    take(stage).into_iter().map(kind).collect()
}

fn update(stage: &mut Stage) -> Vec<u8> {
    let updates = take(stage).into_iter().filter_map(|message| match message {
        Message::Update(update) => Some(update),
        _ => None,
    });
    let [update] = updates.collect::<Vec<_>>().try_into().expect("one update");
    update
}

#[test]
fn edits_made_meanwhile_leave_as_one_update_of_what_became_of_them() {
    let mut stage = congested(Protocol::YWebsocket);
    let doc = stage.doc;
    let edit = |stage: &mut Stage, edit: &dyn Fn(&mut Replica, TypeId)| {
        stage.input(|session, now| {
            let replica = session.replica(doc).unwrap();
            let id = replica.open("text", Kind::Text).unwrap();
            edit(replica, id);
            session.commit(doc, now);
        });
    };
    for at in 0..1000 {
        edit(&mut stage, &|replica, id| replica.text_insert(id, at, "y", None).unwrap());
    }
    edit(&mut stage, &|replica, id| replica.text_delete(id, 50, 900).unwrap());
    assert_eq!(kinds(&mut stage), [""; 0]);
    assert_eq!(stage.status().unsent, 1000 + 900);
    clear(&mut stage);
    let update = update(&mut stage);
    assert!(update.len() < 100 + 100, "the letters that are left, and little more: {} bytes", update.len());
    assert_eq!(stage.status().unsent, 0);
    stage.run(Duration::from_secs(1));
    assert_eq!(kinds(&mut stage), ["question"], "proof, a second after the last was sent");
}

#[test]
fn the_socket_is_asked_only_while_it_may_hold_too_much() {
    let mut stage = congested(Protocol::YWebsocket);
    assert_eq!(stage.wake, Some(stage.now + Duration::from_millis(50)));
    clear(&mut stage);
    assert!(stage.wake.is_some_and(|wake| wake > stage.now + Duration::from_millis(500)), "{:?}", stage.wake);
}

#[test]
fn answers_do_not_wait_and_have_what_waited() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.write("y");
    stage.say(OLD, &Message::SyncStep1(vec![0]));
    assert_eq!(kinds(&mut stage), ["answer"]);
    assert_eq!(stage.status().unsent, 0);
    clear(&mut stage);
    assert_eq!(kinds(&mut stage), [""; 0]);
}

#[test]
fn of_presence_only_the_latest_leaves() {
    let mut stage = congested(Protocol::YWebsocket);
    for number in 0..100 {
        stage.input(|session, now| session.set_presence(DocId(0), Some(number.to_string()), now));
    }
    assert_eq!(kinds(&mut stage), [""; 0]);
    clear(&mut stage);
    let [Message::Awareness(states)] = &take(&mut stage)[..] else { panic!("not one announcement") };
    let entries = awareness::decode(states).unwrap();
    assert_eq!(entries.iter().map(|entry| &entry.state).collect::<Vec<_>>(), [&Shown::State("99".to_owned())]);
}

#[test]
fn presence_has_its_turn_beside_updates_that_fill_the_socket() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.input(|session, now| session.set_presence(DocId(0), Some("1".to_owned()), now));
    stage.write(&"y".repeat(FULL));
    stage.buffered = FULL - 1;
    stage.run(Duration::from_millis(50));
    assert_eq!(kinds(&mut stage), ["update", "presence"]);
}

#[test]
fn events_keep_their_order_and_those_that_are_too_many_are_not_taken() {
    let mut stage = congested(Protocol::YWebsocket);
    let mut posted = Vec::new();
    for number in 0..70 {
        stage.input(|session, now| posted.push(session.broadcast(DocId(0), number.to_string(), now)));
        stage.run(Duration::from_millis(100));
    }
    assert_eq!(posted.iter().filter(|posted| **posted == Posted::Sent).count(), 64);
    assert_eq!(posted[64..], [Posted::Lost; 6]);
    let counters = stage.session.counters(stage.doc, stage.now).unwrap();
    assert_eq!(counters.of(Count::Dropped), 6);
    clear(&mut stage);
    let [Message::Awareness(states)] = &take(&mut stage)[..] else { panic!("not one announcement") };
    let Shown::State(state) = &awareness::decode(states).unwrap()[0].state else { panic!("no state") };
    let told = events::split(state).unwrap().events;
    let expected: Vec<String> = (0..64).map(|number: u32| number.to_string()).collect();
    assert_eq!((told.first, told.fresh, told.events), (0, 0, expected.iter().map(String::as_str).collect()));
    stage.run(Duration::from_millis(1_900));
    assert_eq!(stage.sent.iter().filter(|(_, message)| matches!(message, Message::Awareness(_))).count(), 0);
    stage.run(Duration::from_millis(200));
    let taken_back = stage.sent.iter().filter(|(_, message)| matches!(message, Message::Awareness(_))).count();
    assert_eq!(taken_back, 1, "two seconds after they were told");
}

#[test]
fn events_that_waited_as_the_connection_was_lost_are_not_told_late() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.input(|session, now| {
        session.broadcast(DocId(0), "1".to_owned(), now);
    });
    let gone = CloseInfo { code: 1006, reason: String::new() };
    stage.input(|session, now| session.handle_closed(OLD, gone, now));
    stage.run(Duration::from_secs(3));
    stage.input(|session, now| session.handle_opened(NEW, now));
    assert!(!kinds(&mut stage).contains(&"presence"));
}

#[test]
fn messages_of_the_application_wait_up_to_a_number_and_go_in_order() {
    let mut stage = Stage::new(Protocol::Hocuspocus);
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.say(OLD, &Message::Admitted(Access::ReadWrite));
    stage.greet(OLD);
    stage.run(Duration::from_secs(2));
    stage.sent.clear();
    clog(&mut stage);
    let mut posted = Vec::new();
    for number in 0..65 {
        stage.input(|session, now| posted.push(session.post(DocId(0), number.to_string(), now)));
    }
    assert_eq!((posted[63], posted[64]), (Posted::Sent, Posted::Lost));
    clear(&mut stage);
    let expected: Vec<Message> = (0..64).map(|number: u32| Message::Stateless(number.to_string())).collect();
    assert_eq!(take(&mut stage), expected);
}

#[test]
fn whoever_leaves_takes_everything_along_in_its_order() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.input(|session, now| session.set_presence(DocId(0), Some("1".to_owned()), now));
    stage.write("last");
    let doc = stage.doc;
    stage.input(|session, now| session.close_document(doc, now));
    assert_eq!(kinds(&mut stage), ["update", "presence"]);
}

#[test]
fn of_documents_that_share_a_slow_socket_each_has_its_turn() {
    let mut stage = Stage::new(Protocol::Hocuspocus);
    let route = Route::Named("s".to_owned());
    let (client, token) = (ClientId(2), Source::None);
    let setup =
        DocumentSetup { route: route.clone(), client, is_stored: false, is_shared: false, token, journal: None };
    let other = stage.session.open_document(setup, stage.now);
    stage.input(|session, now| session.connect(other, now));
    stage.input(|session, now| session.handle_opened(OLD, now));
    let docs = [(stage.doc, stage.route.clone()), (other, route)];
    for (_, route) in &docs {
        stage.route = route.clone();
        stage.say(OLD, &Message::Admitted(Access::ReadWrite));
        stage.say(OLD, &Message::SyncStep1(vec![0]));
        stage.say(OLD, &Message::SyncStep2(vec![0, 0]));
    }
    stage.run(Duration::from_secs(2));
    stage.sent.clear();
    clog(&mut stage);
    let mut served = [0; 2];
    for _ in 0..10 {
        for (doc, _) in &docs {
            stage.doc = *doc;
            stage.write(&"y".repeat(100));
        }
        // There is room for one of them.
        stage.buffered = FULL - 1;
        stage.run(Duration::from_millis(50));
        for ((doc, _), served) in docs.iter().zip(&mut served) {
            *served += usize::from(stage.session.status(*doc, stage.now).unwrap().unsent == 0);
        }
    }
    assert_eq!(served, [5, 5]);
}

#[test]
fn proof_is_not_asked_for_what_cannot_have_arrived() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.write("y");
    stage.run(Duration::from_secs(5));
    assert_eq!(kinds(&mut stage), [""; 0]);
    clear(&mut stage);
    stage.run(Duration::from_millis(1_050));
    assert_eq!(kinds(&mut stage), ["update", "question"]);
}

#[test]
fn a_link_that_moves_is_not_given_up_and_one_that_stands_is() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.buffered = 4 << 20;
    for _ in 0..600 {
        stage.buffered -= 1 << 10;
        stage.run(Duration::from_millis(100));
    }
    assert_eq!(stage.closed, [], "a minute at ten kilobytes a second");
    stage.run(Duration::from_secs(150));
    assert_eq!(stage.closed.first(), Some(&(OLD, CloseCode::Silent)));
}

#[test]
fn a_full_socket_to_a_sparing_server_that_stands_is_given_up_soon() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.run(Duration::from_secs(2));
    stage.buffered = FULL;
    stage.write(&"x".repeat(FULL));
    stage.run(Duration::from_secs(15));
    assert_eq!(stage.closed.first(), Some(&(OLD, CloseCode::Silent)));
}

#[test]
fn a_new_socket_has_room_whatever_the_old_one_held() {
    let mut stage = congested(Protocol::YWebsocket);
    stage.write("y");
    let gone = CloseInfo { code: 1006, reason: String::new() };
    stage.input(|session, now| session.handle_closed(OLD, gone, now));
    stage.run(Duration::from_secs(1));
    stage.input(|session, now| session.handle_opened(NEW, now));
    stage.buffered = 0;
    stage.greet(NEW);
    stage.write("z");
    assert_eq!(kinds(&mut stage), ["update"]);
}

/// An edit: where, how much is deleted, what is inserted.
#[derive(Clone, Debug)]
enum Edit {
    Replace { at: u32, deleted: u32, inserted: String },
    Format { at: u32, len: u32 },
    Set { key: u8, value: u8 },
    Theirs { at: u32, inserted: String },
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        4 => (0..40_u32, 0..8_u32, "[a-zé😀]{0,4}")
            .prop_map(|(at, deleted, inserted)| Edit::Replace { at, deleted, inserted }),
        1 => (0..40_u32, 1..8_u32).prop_map(|(at, len)| Edit::Format { at, len }),
        1 => (0..4_u8, 0..9_u8).prop_map(|(key, value)| Edit::Set { key, value }),
        1 => (0..40_u32, "[A-Z]{1,4}").prop_map(|(at, inserted)| Edit::Theirs { at, inserted }),
    ];
    prop::collection::vec(edit, 1..60)
}

/// The nearest index at or before `at` that lies in the text and in no surrogate pair.
fn boundary(replica: &mut Replica, id: TypeId, at: u32) -> u32 {
    let units: Vec<u16> = replica.text_string(id).unwrap().encode_utf16().collect();
    let at = (at as usize).min(units.len());
    let splits = units.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
    u32::try_from(at - usize::from(splits)).unwrap()
}

fn replace(replica: &mut Replica, at: u32, deleted: u32, inserted: &str) {
    let id = replica.open("text", Kind::Text).unwrap();
    let (from, to) = (boundary(replica, id, at), boundary(replica, id, at + deleted));
    replica.text_delete(id, from, to - from).unwrap();
    replica.text_insert(id, from, inserted, None).unwrap();
}

fn perform(stage: &mut Stage, edit: Edit) {
    let doc = stage.doc;
    if let Edit::Theirs { at, inserted } = edit {
        replace(&mut stage.server, at, 3, &inserted);
        stage.server.commit();
        let update = stage.server.poll_committed().unwrap().update;
        return stage.say(OLD, &Message::Update(update));
    }
    stage.input(|session, now| {
        let replica = session.replica(doc).unwrap();
        match edit {
            Edit::Replace { at, deleted, inserted } => replace(replica, at, deleted, &inserted),
            Edit::Format { at, len } => {
                let id = replica.open("text", Kind::Text).unwrap();
                let (from, to) = (boundary(replica, id, at), boundary(replica, id, at + len));
                let bold = Attributes::from([("bold".into(), true.into())]);
                replica.text_format(id, from, to - from, bold).unwrap();
            }
            Edit::Set { key, value } => {
                let id = replica.open("map", Kind::Map).unwrap();
                replica.map_set(id, &key.to_string(), i32::from(value).into()).unwrap();
            }
            Edit::Theirs { .. } => {}
        }
        session.commit(doc, now);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_waited_has_the_same_effect_as_what_is_sent_at_once(before in edits(), during in edits()) {
        let mut stage = Stage::synced(Protocol::YWebsocket);
        before.into_iter().for_each(|edit| perform(&mut stage, edit));
        for message in take(&mut stage) {
            let Message::Update(update) = message else { continue };
            stage.server.apply(&update, LinkId(7)).unwrap();
        }
        while stage.server.poll_committed().is_some() {}
        clog(&mut stage);
        let all = stage.session.replica(stage.doc).unwrap().encode_since(None).unwrap();
        stage.server.apply(&all, LinkId(7)).unwrap();
        while stage.server.poll_committed().is_some() {}

        let is_local = during.iter().any(|edit| !matches!(edit, Edit::Theirs { .. }));
        during.into_iter().for_each(|edit| perform(&mut stage, edit));
        let waiting = stage.status().unsent;
        prop_assert!(is_local || waiting == 0);
        clear(&mut stage);
        let sent = take(&mut stage);
        prop_assert!(sent.len() <= 1 && (waiting == 0) == sent.is_empty(), "{:?}", sent);
        for message in sent {
            let Message::Update(update) = message else { continue };
            let applied = stage.server.apply(&update, LinkId(7)).unwrap();
            prop_assert!(applied.refused.is_empty());
        }
        prop_assert!(!stage.server.is_waiting());
        let theirs = stage.server.encode_since(None).unwrap();
        stage.server.poll_committed();
        // What comes back from the server proves everything.
        stage.say(OLD, &Message::SyncStep2(theirs));
        prop_assert_eq!(stage.status().unsynced, 0);
        let describe = |replica: &mut Replica| {
            let id = replica.open("text", Kind::Text).unwrap();
            (replica.text_delta(id).unwrap(), replica.state_vector().len(), replica.deletions().clone())
        };
        let ours = describe(stage.session.replica(stage.doc).unwrap());
        prop_assert_eq!(ours, describe(&mut stage.server));
    }
}
