//! Decides what is demanded of a session in which somebody begins to edit a long text.

use super::*;

const LONG: usize = 1 << 14;

/// As long as it may take from an edit to the look.
const PAUSE: Duration = Duration::from_millis(20);

/// The server has a text of this length, which is here as well.
fn with_text(len: usize) -> Stage {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let id = stage.server.open("text", Kind::Text).unwrap();
    stage.server.text_insert(id, 0, &"x".repeat(len), None).unwrap();
    stage.server.commit();
    let everything = stage.server.encode_since(None).unwrap();
    stage.say(OLD, &Message::Update(everything));
    assert!(!stage.session.is_catching_up());
    stage
}

fn wants_look(stage: &mut Stage) -> bool {
    stage.session.edit(stage.doc, |replica| Ok(replica.wants_look_ahead())).unwrap()
}

/// Edits, and does not end the task.
fn begin(stage: &mut Stage) {
    let edit = |replica: &mut Replica| {
        let id = replica.open("text", Kind::Text)?;
        replica.text_insert(id, 7, "x", None)
    };
    stage.session.edit(stage.doc, edit).unwrap();
}

fn end(stage: &mut Stage) {
    let doc = stage.doc;
    stage.input(|session, now| session.commit(doc, now));
}

#[test]
fn a_long_text_is_looked_at_in_the_pause_behind_the_first_edit() {
    let mut stage = with_text(LONG);
    assert!(!wants_look(&mut stage), "nobody edits it");
    begin(&mut stage);
    end(&mut stage);
    assert!(wants_look(&mut stage));
    stage.run(PAUSE);
    assert!(!wants_look(&mut stage));
}

#[test]
fn a_short_text_is_looked_at_when_it_is_needed() {
    let mut stage = with_text(LONG - 2);
    begin(&mut stage);
    end(&mut stage);
    assert!(!wants_look(&mut stage));
}

#[test]
fn what_is_being_edited_is_looked_at_behind_its_commit() {
    let mut stage = with_text(LONG);
    begin(&mut stage);
    end(&mut stage);
    begin(&mut stage);
    stage.run(PAUSE);
    assert!(wants_look(&mut stage), "an edit is pending");
    end(&mut stage);
    stage.run(PAUSE);
    assert!(!wants_look(&mut stage));
}
