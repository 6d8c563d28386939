//! What is noted of a session: sentences, traces and counters from the life of a document.

use super::*;
use crate::session::{Count, Fact, Kind as Noted, Traced};

impl Stage {
    fn explain(&mut self) -> String {
        self.session.explain(self.doc, self.now).unwrap()
    }

    fn count(&mut self, count: Count) -> u64 {
        self.session.counters(self.doc, self.now).unwrap().of(count)
    }
}

/// What was noted, without times: kind, word, numbers.
fn told(traced: &Traced) -> Vec<String> {
    let told = |entry: &crate::session::Entry| {
        let numbers: Vec<String> = entry.numbers.iter().map(u32::to_string).collect();
        format!("{} {} {}", entry.kind.name(), entry.word().unwrap_or("-"), numbers.join(" "))
    };
    traced.entries.iter().map(told).collect()
}

#[test]
fn a_sentence_follows_an_edit_from_here_to_the_server() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write("abc");
    stage.run(Duration::from_secs(3));
    assert_eq!(stage.explain(), "3 edits are not saved, the oldest for 3 s: a connection is being opened.");
    stage.input(|session, now| session.handle_opened(OLD, now));
    assert_eq!(
        stage.explain(),
        "3 edits are not saved, the oldest for 3 s: the connection is open, and each side tells the other what it lacks."
    );
    stage.greet(OLD);
    assert_eq!(
        stage.explain(),
        "3 edits are not saved, the oldest for 3 s: all was sent, and the server has not shown yet that it holds it."
    );
    let held = stage.server.state_vector();
    stage.say(OLD, &Message::SyncStep1(held));
    assert_eq!(stage.explain(), "All is saved: the server holds every edit.");
    stage.input(|session, now| {
        session.handle_closed(OLD, CloseInfo { code: 1011, reason: "a hook\nfailed".to_owned() }, now);
    });
    let sentence = stage.explain();
    let expected = "All is saved: the server holds every edit; at the moment the connection was closed (close code 1011: \
                    a hook failed); the next attempt is in ";
    assert!(sentence.starts_with(expected), "{sentence}");
}

#[test]
fn what_is_edited_is_noted_before_it_is_sent_also_where_a_page_that_is_frozen_sends_it() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let doc = stage.doc;
    let write = |replica: &mut Replica| {
        let id = replica.open("text", Kind::Text)?;
        replica.text_insert(id, 0, "x", None)
    };
    stage.session.edit(doc, write).unwrap();
    stage.input(Session::handle_frozen);
    let kinds: Vec<_> = stage.session.trace().entries.iter().map(|entry| entry.kind).collect();
    let place = |kind| kinds.iter().rposition(|noted| *noted == kind).unwrap();
    assert!(place(Noted::Frozen) < place(Noted::Edit) && place(Noted::Edit) < place(Noted::Out), "{kinds:?}");
}

#[test]
fn edits_of_the_task_that_is_under_way_are_not_said_to_be_saved() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let doc = stage.doc;
    let write = |replica: &mut Replica| {
        let id = replica.open("text", Kind::Text)?;
        replica.text_insert(id, 0, "x", None)
    };
    stage.session.edit(doc, write).unwrap();
    assert!(stage.explain().starts_with("1 edit is not saved"));
}

#[test]
fn a_sentence_says_that_a_token_is_awaited_and_that_the_document_may_only_be_read() {
    let mut stage = Stage::with_token(Protocol::Hocuspocus, Source::Function);
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.write("a");
    assert_eq!(
        stage.explain(),
        "1 edit is not saved, for 0 ms: the application was asked for a token and has not answered."
    );
    stage.answer_questions();
    stage.say(OLD, &Message::Admitted(crate::wire::Access::ReadOnly));
    stage.greet(OLD);
    assert_eq!(
        stage.explain(),
        "1 edit is not saved, for 0 ms: the document may only be read here, and the server takes no edits."
    );
    stage.say(OLD, &Message::Receipt(crate::wire::Receipt::Refused));
    assert_eq!(
        stage.explain(),
        "1 edit is only here: the server has refused what it was sent; the document may only be read here."
    );
}

#[test]
fn a_trace_tells_what_came_what_went_and_what_followed() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write("abc");
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.greet(OLD);
    stage.input(|session, now| {
        session.handle_closed(OLD, CloseInfo { code: 1013, reason: "retry-after: 2".to_owned() }, now);
    });
    let wait = stage.status().retry_in.unwrap().as_millis();
    let traced = stage.session.trace();
    let told = told(&traced);
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    let waiting = format!("phase waiting 3 1 {wait}");
    let expected = [
        "session - 0 1 0",
        "document - 0 0 0",
        "phase disconnected 0 0 0",
        "connect - 0 0 0",
        "open - 1 0 0",
        "phase connecting 0 0 0",
        "edit - 3 0 0",
        "opened - 1 0 0",
        "out sync-step-1 6 0 0",
        "phase handshaking 0 0 0",
        "in sync-step-1 4 0 0",
        "out sync-step-2 19 0 0",
        "in sync-step-2 5 0 0",
        "phase synced 0 0 0",
        "closed - 1 1013 2001",
        &waiting,
    ];
    assert_eq!(told, expected);
    assert_eq!((traced.complete_from, traced.count), (0, 16));
}

#[test]
fn a_trace_tells_what_messages_did_and_never_what_they_said() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let id = stage.server.open("text", Kind::Text).unwrap();
    stage.server.text_insert(id, 0, "news", None).unwrap();
    stage.server.commit();
    let update = stage.server.poll_committed().unwrap().update;
    stage.write("ours");
    stage.say(OLD, &Message::Update(update));
    stage.say(OLD, &Message::Update(vec![9, 9, 9]));
    stage.say(OLD, &Message::SyncStep1(vec![7]));
    let facts: Vec<_> = stage.session.trace().entries.into_iter().filter(|entry| entry.kind == Noted::In).collect();
    let facts: Vec<u32> = facts.iter().skip(2).map(|entry| entry.numbers[1]).collect();
    assert_eq!(facts, [Fact::NEWS, Fact::REFUSED, Fact::REFUSED]);
    let told = told(&stage.session.trace());
    assert!(told.contains(&"problem bad-update 0 0 0".to_owned()));
    assert!(told.last().unwrap().starts_with("phase waiting 5 1 "), "{told:?}");
}

#[test]
fn counters_tell_how_much_went_over_the_connection_and_how_long_edits_took() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    for (text, millis) in [("a", 40), ("b", 60)] {
        stage.write(text);
        stage.run(Duration::from_millis(millis));
        let sent = std::mem::take(&mut stage.sent);
        for (_, message) in sent {
            stage.say(OLD, &message);
        }
    }
    let counted =
        [Count::Attempts, Count::Opened, Count::Reconnects, Count::FramesIn, Count::FramesOut, Count::UpdatesOut];
    assert_eq!(counted.map(|count| stage.count(count)), [1, 1, 0, 4, 4, 3]);
    assert!(stage.count(Count::BytesOut) > stage.count(Count::FramesOut));
    assert_eq!([Count::Proven, Count::LatencyP50, Count::LatencyMax].map(|count| stage.count(count)), [2, 40, 60]);
    stage.run(Duration::from_millis(900));
    assert_eq!(stage.count(Count::SyncedMs), 1_000);
    stage.input(|session, now| {
        session.handle_closed(OLD, CloseInfo { code: 1006, reason: String::new() }, now);
    });
    stage.run(Duration::from_secs(1));
    assert_eq!([Count::Failures, Count::Attempts, Count::SyncedMs].map(|count| stage.count(count)), [1, 2, 1_000]);
    stage.input(|session, now| session.handle_opened(NEW, now));
    assert_eq!([Count::Opened, Count::Reconnects].map(|count| stage.count(count)), [2, 1]);
    stage.greet(NEW);
    // Useful by then: the failure before is forgotten in the moment of the next one.
    stage.now = stage.now + Duration::from_secs(8);
    stage.input(|session, now| {
        session.handle_closed(NEW, CloseInfo { code: 1006, reason: String::new() }, now);
    });
    assert_eq!((stage.count(Count::Failures), stage.status().attempt), (2, 1));
}

#[test]
fn what_is_early_and_what_is_refused_is_counted() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let id = stage.server.open("text", Kind::Text).unwrap();
    for text in ["first", "second"] {
        stage.server.text_insert(id, 0, text, None).unwrap();
        stage.server.commit();
    }
    let updates: Vec<_> = std::iter::from_fn(|| stage.server.poll_committed()).collect();
    stage.say(OLD, &Message::Update(updates[1].update.clone()));
    assert!(stage.count(Count::HeldBytes) > 0);
    assert!(stage.explain().contains(" bytes of changes that came early wait for what they build on."));
    stage.say(OLD, &Message::Update(updates[0].update.clone()));
    stage.say(OLD, &Message::Update(vec![9, 9, 9]));
    let counted = [Count::HeldBytes, Count::UpdatesIn, Count::Refused].map(|count| stage.count(count));
    assert_eq!(counted, [0, 2, 1]);
}

#[test]
fn nothing_is_told_of_a_document_that_is_closed() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let doc = stage.doc;
    stage.input(|session, now| session.close_document(doc, now));
    assert_eq!((stage.session.explain(doc, stage.now), stage.session.counters(doc, stage.now)), (None, None));
}
