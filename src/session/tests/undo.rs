//! What is undone goes the way of every edit, and time decides what is a step.

use super::Stage;
use crate::clock::Duration;
use crate::ids::Origin;
use crate::replica::{ChangeKind, Kind, Replica, TypeId, UndoChange, UndoId, UndoStack};
use crate::session::{Event, Output};
use crate::wire::{Message, Protocol};

impl Stage {
    /// Opens an undo manager for the text that [`write`](Self::write) writes.
    fn open_undo(&mut self) -> (TypeId, UndoId) {
        let open = |replica: &mut Replica| {
            let text = replica.open("text", Kind::Text)?;
            replica.observe(text)?;
            Ok((text, replica.open_undo(&[text], Duration::from_millis(500))?))
        };
        self.session.edit(self.doc, open).unwrap()
    }

    fn undo(&mut self, undo: UndoId) -> bool {
        let (doc, mut is_undone) = (self.doc, false);
        self.input(|session, now| {
            is_undone = session.edit(doc, |replica| replica.undo(undo)).unwrap();
            session.commit(doc, now);
        });
        is_undone
    }

    fn content(&mut self, text: TypeId) -> String {
        self.session.edit(self.doc, |replica| replica.text_string(text)).unwrap()
    }
}

#[test]
fn what_is_undone_is_sent_and_unsynced_until_the_server_shows_it() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let (text, undo) = stage.open_undo();
    stage.write("a mistake");
    let confirm = |stage: &mut Stage| {
        for (socket, message) in std::mem::take(&mut stage.sent) {
            if let Message::Update(update) = message {
                stage.say(socket, &Message::Update(update));
            }
        }
    };
    confirm(&mut stage);
    assert_eq!(stage.status().unsynced, 0);
    assert!(stage.undo(undo));
    assert_eq!(stage.status().unsynced, 9);
    let sent = stage.sent.iter().filter(|(_, message)| matches!(message, Message::Update(_))).count();
    assert_eq!(sent, 1, "one message");
    confirm(&mut stage);
    assert_eq!((stage.status().unsynced, stage.content(text).as_str()), (0, ""));
}

#[test]
fn steps_end_with_time_also_where_reading_has_written() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let (text, undo) = stage.open_undo();
    stage.write("a");
    stage.run(Duration::from_millis(400));
    stage.write("b");
    stage.run(Duration::from_millis(600));
    let (doc, now) = (stage.doc, stage.now);
    let replica = stage.session.replica(doc).unwrap();
    assert!(replica.groups_by_time());
    replica.note_time(now);
    replica.text_insert(text, 0, "c", None).unwrap();
    assert_eq!(stage.content(text), "cba");
    assert!(stage.undo(undo));
    assert_eq!(stage.content(text), "ba");
    assert!(stage.undo(undo));
    assert_eq!(stage.content(text), "");
}

#[test]
fn the_steps_are_told_behind_the_changes_of_the_same_edit() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let (text, undo) = stage.open_undo();
    let (doc, now) = (stage.doc, stage.now);
    stage.session.edit(doc, |replica| replica.text_insert(text, 0, "a", None)).unwrap();
    stage.session.commit(doc, now);
    stage.session.edit(doc, |replica| replica.undo(undo)).unwrap();
    stage.session.commit(doc, now);
    let outputs = std::iter::from_fn(|| match stage.session.poll_output() {
        Output::Idle(_) => None,
        output => Some(output),
    });
    let told = outputs.filter_map(|output| match output {
        Output::Event(Event::Change(_, change)) => {
            assert_eq!(change.origin, Origin::Local);
            Some(matches!(change.kind, ChangeKind::Text(_)).then_some("change"))
        }
        Output::Event(Event::Undo(_, event)) => Some(match (event.stack, event.change) {
            (UndoStack::Undo, UndoChange::Added(_)) => Some("added"),
            (UndoStack::Redo, UndoChange::Added(_)) => Some("can be redone"),
            (UndoStack::Undo, UndoChange::Popped(_)) => Some("popped"),
            _ => None,
        }),
        _ => None,
    });
    let told: Option<Vec<&str>> = told.collect();
    assert_eq!(told.unwrap(), ["change", "added", "change", "can be redone", "popped"]);
}
