//! Decides what is demanded of a session of whose handshake something did not arrive, while the server talks.

use super::resending::serve;
use super::*;

/// One whose first socket is open, and has said so much.
fn greeted(messages: &[Message]) -> Stage {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.input(|session, now| session.handle_opened(OLD, now));
    // The greeting is lost.
    stage.sent.clear();
    messages.iter().for_each(|message| stage.say(OLD, message));
    stage
}

/// Lets time pass in which the server says that somebody is here, and answers what it is asked.
fn chat(stage: &mut Stage, seconds: u64) -> usize {
    let mut updates = 0;
    for clock in 1..=seconds {
        let entry = AwarenessEntry { client: ClientId(7), clock, state: Some("{}".to_owned()).into() };
        let somebody = awareness::encode(&[entry]);
        stage.say(OLD, &Message::Awareness(somebody));
        updates += serve(stage, 1, |_| true);
    }
    updates
}

#[test]
fn a_greeting_that_did_not_arrive_is_said_again_where_the_server_talks() {
    let mut stage = greeted(&[Message::SyncStep1(vec![0])]);
    stage.sent.clear();
    stage.server.apply(&replica_of("theirs"), LinkId(7)).unwrap();
    chat(&mut stage, 8);
    assert_eq!((stage.status().phase, stage.opened.len()), (Phase::Synced, 1));
}

#[test]
fn a_question_that_did_not_come_is_answered_all_the_same_where_the_server_talks() {
    let mut stage = greeted(&[Message::SyncStep2(vec![0, 0])]);
    stage.write("mine");
    assert_eq!(chat(&mut stage, 8), 1);
    stage.write("more");
    chat(&mut stage, 2);
    assert_eq!((stage.status().unsynced, stage.opened.len()), (0, 1));
}

#[test]
fn an_answer_that_takes_long_is_not_asked_for_again_before_the_server_has_said_something_else() {
    let mut stage = greeted(&[Message::SyncStep1(vec![0])]);
    stage.sent.clear();
    stage.run(Duration::from_secs(8));
    assert!(!stage.sent.iter().any(|(_, message)| matches!(message, Message::SyncStep1(_))));
}

fn replica_of(text: &str) -> Vec<u8> {
    let mut replica = Replica::new(ClientId(7), 1 << 20);
    let id = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(id, 0, text, None).unwrap();
    replica.commit();
    replica.encode_since(None).unwrap()
}
