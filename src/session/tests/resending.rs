//! Decides what is demanded of a session whose edit did not arrive, or not as it was, over a connection that goes on.

use super::*;

/// One whose edit was lost.
fn bereft(protocol: Protocol) -> Stage {
    let mut stage = Stage::synced(protocol);
    stage.run(Duration::from_secs(2));
    stage.write("lost");
    stage.sent.clear();
    stage
}

/// Lets time pass, in which the server answers whatever it is asked and takes in what it is sent, if `takes`; returns how many
/// updates it was sent.
pub(super) fn serve(stage: &mut Stage, seconds: u64, takes: impl Fn(&[u8]) -> bool) -> usize {
    let mut updates = 0;
    for _ in 0..seconds {
        stage.run(Duration::from_secs(1));
        for (socket, message) in std::mem::take(&mut stage.sent) {
            match message {
                Message::SyncStep1(theirs) => {
                    let missing = stage.server.encode_since(Some(&theirs)).unwrap();
                    stage.say(socket, &Message::SyncStep2(missing));
                }
                Message::Awareness(states) => stage.say(socket, &Message::Awareness(states)),
                Message::Update(update) => {
                    updates += 1;
                    if takes(&update) {
                        stage.server.apply(&update, LinkId(7)).unwrap();
                        stage.say(socket, &Message::Update(update));
                    }
                }
                _ => {}
            }
        }
    }
    updates
}

#[test]
fn an_edit_that_did_not_arrive_is_sent_again_once_the_server_has_answered_without_it() {
    let mut stage = bereft(Protocol::YWebsocket);
    assert_eq!(stage.status().unsynced, 4);
    assert_eq!(serve(&mut stage, 3, |_| true), 1);
    assert_eq!((stage.status().unsynced, stage.opened.len()), (0, 1), "over the same connection");
}

#[test]
fn a_deletion_that_did_not_arrive_is_sent_again() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.write("kept");
    serve(&mut stage, 3, |_| true);
    let doc = stage.doc;
    stage.input(|session, now| {
        let delete = |replica: &mut Replica| {
            let id = replica.open("text", Kind::Text)?;
            replica.text_delete(id, 0, 2)
        };
        session.edit(doc, delete).unwrap();
        session.commit(doc, now);
    });
    stage.sent.clear();
    assert_eq!(serve(&mut stage, 3, |_| true), 1);
    assert_eq!(stage.status().unsynced, 0);
}

#[test]
fn what_a_server_drops_again_and_again_is_sent_ever_less_often() {
    let mut stage = bereft(Protocol::YWebsocket);
    assert!((8..=10).contains(&serve(&mut stage, 300, |_| false)));
    assert_eq!((stage.status().unsynced, stage.opened.len()), (4, 1));
}

#[test]
fn what_is_still_on_its_way_is_not_sent_again() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.run(Duration::from_secs(2));
    stage.write("lost");
    stage.sent.clear();
    stage.run(Duration::from_secs(1));
    let question = stage.sent.iter().any(|(_, message)| matches!(message, Message::SyncStep1(_)));
    assert!(question, "proof is asked for");
    stage.sent.clear();
    stage.write("later");
    stage.sent.clear();
    let held = stage.server.encode_since(None).unwrap();
    stage.say(OLD, &Message::SyncStep2(held));
    let [(_, Message::Update(update))] = &stage.sent[..] else { panic!("{:?}", stage.sent) };
    stage.server.apply(update, LinkId(7)).unwrap();
    assert_eq!(stage.server.clocks().count(), 1);
}
