//! Decides what is demanded of a session into which more comes than is written at once.

use super::*;
use crate::replica::{ChangeKind, DeltaOp};
use crate::store::{OpId, Record, RecordKey, StoreNews, StoreOp};
use crate::sync::EditSet;
use crate::wire::Frame;

/// How many blocks are written at once.
const PORTION: usize = 4;

/// How many parts the state of [`author`] is.
const PARTS: usize = 5;

fn config() -> Config {
    let mut config = Config::default();
    config.limits.portion = PORTION;
    config
}

/// Somebody whose text is of twenty blocks.
fn author() -> Replica {
    let mut author = Replica::new(ClientId(99), 1 << 20);
    let id = author.open("text", Kind::Text).unwrap();
    for _ in 0..PORTION * PARTS {
        author.text_insert(id, 0, "x", None).unwrap();
        author.commit();
    }
    author
}

/// The application observes the text; the server has said everything, and then asks for what it lacks.
fn behind() -> Stage {
    let mut stage = Stage::with_config(Protocol::YWebsocket, Source::None, config());
    stage.server = author();
    let doc = stage.doc;
    let observe = |replica: &mut Replica| {
        let id = replica.open("text", Kind::Text)?;
        replica.observe(id)
    };
    stage.session.edit(doc, observe).unwrap();
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.sent.clear();
    let everything = stage.server.encode_since(None).unwrap();
    stage.say(OLD, &Message::SyncStep2(everything));
    let held = stage.server.state_vector();
    stage.say(OLD, &Message::SyncStep1(held));
    stage
}

fn length(stage: &mut Stage) -> u32 {
    stage
        .session
        .edit(stage.doc, |replica| replica.open("text", Kind::Text).and_then(|id| replica.text_len(id)))
        .unwrap()
}

/// How much each change has inserted that was told since the last call.
fn told(stage: &mut Stage) -> Vec<usize> {
    let inserted = |operation: &DeltaOp| match operation {
        DeltaOp::Insert { value: crate::replica::Inserted::Text(text), .. } => text.len(),
        _ => 0,
    };
    let len = |kind: ChangeKind| match kind {
        ChangeKind::Text(delta) => delta.iter().map(inserted).sum(),
        _ => 0,
    };
    std::mem::take(&mut stage.changes).into_iter().map(|change| len(change.kind)).collect()
}

fn turn(stage: &mut Stage) {
    assert!(stage.wake <= Some(stage.now), "it wants to go on");
    stage.input(Session::handle_timeout);
}

#[test]
fn each_part_is_a_turn_and_a_change_and_the_last_is_in_step() {
    let mut stage = behind();
    for part in 0..PARTS {
        assert_eq!(length(&mut stage) as usize, part * PORTION);
        assert!(stage.session.is_catching_up());
        assert_eq!(stage.status().phase, Phase::Handshaking);
        turn(&mut stage);
        assert_eq!(told(&mut stage), [PORTION]);
    }
    assert!(!stage.session.is_catching_up());
    assert_eq!(stage.statuses.last().unwrap().phase, Phase::Synced);
    assert_eq!(length(&mut stage) as usize, PORTION * PARTS);
}

#[test]
fn what_comes_behind_is_heard_when_what_came_before_is_there() {
    let mut stage = behind();
    let said = |stage: &Stage| stage.sent.iter().any(|(_, message)| matches!(message, Message::SyncStep2(_)));
    assert!(!said(&stage), "the question has its turn behind the answer");
    for _ in 0..PARTS {
        turn(&mut stage);
    }
    assert!(said(&stage));
}

#[test]
fn an_edit_between_two_parts_is_written_at_once_and_the_rest_still_waits() {
    let mut stage = behind();
    turn(&mut stage);
    stage.write("mine ");
    assert_eq!(length(&mut stage) as usize, PORTION + 5);
    assert!(stage.session.is_catching_up());
    assert_eq!(stage.status().unsynced, 5);
    stage.run(Duration::from_millis(1));
    assert_eq!(length(&mut stage) as usize, PORTION * PARTS + 5);
    stage.greet(OLD);
    let id = stage.server.open("text", Kind::Text).unwrap();
    assert!(stage.server.text_string(id).unwrap().contains("mine "));
}

#[test]
fn what_the_application_brings_is_there_in_the_next_line_with_all_that_came_before() {
    let mut stage = behind();
    let mut other = author();
    let id = other.open("text", Kind::Text).unwrap();
    other.text_insert(id, 0, "!", None).unwrap();
    let update = other.encode_since(None).unwrap();
    stage.session.apply_update(stage.doc, &update, stage.now).unwrap();
    assert_eq!(length(&mut stage) as usize, PORTION * PARTS + 1);
}

#[test]
fn who_asks_for_the_whole_has_it_and_who_leaves_takes_it_along() {
    let mut stage = behind();
    let state = stage.session.edit(stage.doc, |replica| Ok(replica.state_vector())).unwrap();
    assert_eq!(state, stage.server.state_vector());
    let mut stage = behind();
    stage.input(Session::handle_frozen);
    assert!(!stage.session.is_catching_up());
    assert_eq!(length(&mut stage) as usize, PORTION * PARTS);
}

#[test]
fn a_socket_that_closes_behind_it_leaves_nothing_unread() {
    let mut stage = behind();
    let lost = CloseInfo { code: 1006, reason: String::new() };
    stage.input(|session, now| session.handle_closed(OLD, lost, now));
    assert!(!stage.session.is_catching_up());
    assert_eq!(length(&mut stage) as usize, PORTION * PARTS);
    assert_ne!(stage.status().phase, Phase::Synced);
}

#[test]
fn a_socket_that_closes_behind_garbage_is_not_closed_again() {
    let mut stage = behind();
    stage.input(|session, now| session.handle_frame(OLD, &Frame::Binary(vec![232, 236]), now));
    let lost = CloseInfo { code: 1006, reason: String::new() };
    stage.input(|session, now| session.handle_closed(OLD, lost, now));
    assert_eq!(stage.closed, []);
}

#[test]
fn who_is_in_step_stays_so_while_much_comes() {
    let mut stage = Stage::with_config(Protocol::YWebsocket, Source::None, config());
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.greet(OLD);
    stage.statuses.clear();
    let update = author().encode_since(None).unwrap();
    stage.say(OLD, &Message::Update(update));
    assert!(stage.session.is_catching_up());
    stage.run(Duration::from_millis(1));
    assert_eq!(length(&mut stage) as usize, PORTION * PARTS);
    assert_eq!(stage.statuses, []);
}

#[test]
fn a_document_is_opened_once_all_that_the_device_keeps_of_it_is_there() {
    let mut session = Session::new(config(), Protocol::YWebsocket, 1);
    let setup = DocumentSetup {
        route: Route::Only,
        client: ClientId(1),
        is_stored: true,
        is_shared: false,
        token: Source::None,
        journal: None,
    };
    let doc = session.open_document(setup, START);
    let load: OpId = std::iter::from_fn(|| Some(session.poll_output()))
        .find_map(|output| match output {
            Output::Store(_, StoreOp { id, .. }) => Some(id),
            _ => None,
        })
        .unwrap();
    let updates = vec![author().encode_since(None).unwrap()];
    let record = Record { updates, added: EditSet::default(), proven: EditSet::default() };
    let key = RecordKey { sequence: 1, writer: 5 };
    session.handle_store(doc, Some(load), StoreNews::Loaded(vec![(key, record.encode())]), START);
    let is_opened = |session: &mut Session| {
        let outputs = std::iter::from_fn(|| Some(session.poll_output()));
        let mut outputs = outputs.take_while(|output| !matches!(output, Output::Idle(_)));
        outputs.any(|output| matches!(output, Output::Event(Event::Opened(_))))
    };
    session.connect(doc, START);
    for _ in 0..PARTS {
        assert!(!is_opened(&mut session));
        assert_eq!(session.status(doc, START).unwrap().phase, Phase::Connecting);
        session.handle_timeout(START);
    }
    assert!(is_opened(&mut session));
    assert!(!session.is_catching_up());
}

/// Three updates of somebody, each brought in a task of its own.
fn bring(stage: &mut Stage) {
    let mut author = Replica::new(ClientId(98), 1 << 20);
    let id = author.open("text", Kind::Text).unwrap();
    for _ in 0..3 {
        author.text_insert(id, 0, "x", None).unwrap();
        author.commit();
        let update = author.poll_committed().unwrap().update;
        let doc = stage.doc;
        stage.input(|session, now| {
            session.apply_update(doc, &update, now).unwrap();
            session.end_task(doc, now);
        });
    }
}

fn updates(stage: &Stage) -> usize {
    stage.sent.iter().filter(|(_, message)| matches!(message, Message::Update(_))).count()
}

#[test]
fn what_is_brought_one_by_one_is_one_message_where_nobody_is_told_of_it() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.sent.clear();
    bring(&mut stage);
    assert_eq!(updates(&stage), 0);
    turn(&mut stage);
    assert_eq!((updates(&stage), length(&mut stage), stage.status().unsynced), (1, 3, 3));
}

#[test]
fn what_was_brought_is_there_for_whoever_looks_before_its_turn() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    bring(&mut stage);
    assert_eq!(length(&mut stage), 3);
    let mut stage = Stage::synced(Protocol::YWebsocket);
    bring(&mut stage);
    assert_eq!(stage.status().unsynced, 3);
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.sent.clear();
    bring(&mut stage);
    let doc = stage.doc;
    stage.input(|session, now| session.commit(doc, now));
    assert_eq!(updates(&stage), 1, "what follows from a commit is done at once");
}

#[test]
fn an_observer_is_told_at_the_end_of_each_task() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let observe = |replica: &mut Replica| {
        let id = replica.open("text", Kind::Text)?;
        replica.observe(id)
    };
    stage.session.edit(stage.doc, observe).unwrap();
    bring(&mut stage);
    assert_eq!(told(&mut stage), [1, 1, 1]);
}
