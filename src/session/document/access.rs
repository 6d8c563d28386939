//! Decides what a document does about what the server lets it do: who it is, what it may, and what became of its edits.

use super::{Document, Reason};
use crate::clock::Instant;
use crate::replica::Change;
use crate::sync::{EditSet, Progress};
use crate::wire::{Access, Admission, Message, Receipt};

/// What was asked with a SyncStep1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// What is lacking here.
    State,
    /// Proof of these edits, sent before: whoever answers has lived through them, and those of which there is none did not arrive
    /// as they were.
    Proof(EditSet),
    /// Proof of these edits, which the server has read: those of which there is none it has dropped.
    Fate(EditSet),
    /// All that the server holds, to tell what of ours it refused.
    Everything,
}

/// Whether the application is to be told what was refused. What that is shows only beside what the server holds.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Draft {
    /// Nothing was refused that it was not told of.
    Unneeded,
    /// Something was. The server is asked once it has said what became of everything.
    Wanted,
    /// The server was asked.
    Asked,
    /// This is to be told.
    Ready(Vec<Change>),
}

impl Draft {
    /// What was asked is not answered any more.
    pub(super) fn hang_up(&mut self) {
        if *self == Self::Asked {
            *self = Self::Wanted;
        }
    }
}

impl Document {
    /// Takes in a message about access; an error is a reason to give up the connection.
    pub(super) fn handle_access(&mut self, message: Message, now: Instant) -> Result<(), Reason> {
        match message {
            // Who was let in was not refused: something went wrong on the server, and its next answer tells which.
            Message::Denied(words) if self.access.is_some() => return Err(Reason::Dismissed(self.scrub(&words))),
            Message::Denied(words) => return Err(Reason::Denied(self.scrub(&words))),
            Message::TokenWanted => drop(self.present_token(now)),
            Message::Admitted(access) => {
                self.access = Some(access);
                self.credential.handle_accepted(now);
            }
            Message::Receipt(receipt) => self.handle_receipt(receipt),
            Message::Marker(marker) => self.handle_marker(marker, now),
            Message::Stateless(text) => self.take_post(text),
            // The socket would stay, but nothing would come over it any more.
            Message::Dismissed(words) => return Err(Reason::Dismissed(self.scrub(&words))),
            _ => {}
        }
        Ok(())
    }

    /// Asks what the server holds once it has said what became of everything, where something was refused.
    pub(in crate::session) fn follow_refusals(&mut self, now: Instant) {
        let is_settled = self.dialogue.progress() == Progress::Complete
            && !self.dialogue.is_unconfirmed()
            && !self.questions.iter().any(|question| matches!(question, Question::Fate(_)));
        if self.draft == Draft::Wanted && is_settled {
            self.draft = Draft::Asked;
            self.ask(Message::SyncStep1(NOTHING.to_vec()), Question::Everything, now);
        }
    }

    /// Whether the server talks about the document.
    pub(super) fn is_admitted(&self) -> bool {
        self.policy.admission == Admission::Open || self.access.is_some()
    }

    /// What the server lets us do, if it said so.
    pub(super) fn access(&self) -> Option<Access> {
        self.access
    }

    /// Tells the application what the server has refused, now that this is what it holds.
    pub(super) fn tell_refused(&mut self, everything: &[u8]) {
        // Without an answer that can be read, nothing can be told; the edits still count as refused.
        let changes = self.replica.changes_beyond(everything).unwrap_or_default();
        self.tabs.tell_refused(everything);
        self.draft = if changes.is_empty() { Draft::Unneeded } else { Draft::Ready(changes) };
    }

    /// Takes it for refused what of these edits is still unproven.
    pub(super) fn decide_fate(&mut self, edits: &EditSet) {
        let dropped = edits.within(self.unsynced.set());
        self.note_refused(&dropped);
    }

    fn handle_receipt(&mut self, receipt: Receipt) {
        let edits = self.dialogue.confirm();
        match receipt {
            Receipt::Applied => {
                self.unsynced.settle(&edits);
                self.refused.subtract(&edits);
            }
            Receipt::Refused => self.note_refused(&edits),
        }
    }

    /// The server has read everything before the marker: what it applied it has echoed, or shows when it is asked.
    fn handle_marker(&mut self, marker: u64, now: Instant) {
        let edits = self.dialogue.confirm_until(marker);
        let unproven = edits.within(self.unsynced.set());
        if !unproven.is_empty() {
            let question = Message::SyncStep1(self.replica.state_vector_before(&unproven.elements));
            self.ask(question, Question::Fate(unproven), now);
        }
    }

    fn note_refused(&mut self, edits: &EditSet) {
        if !edits.without(&self.refused).is_empty() {
            self.draft = Draft::Wanted;
        }
        self.unsynced.settle(edits);
        self.refused.extend(edits);
    }
}

/// The state vector of one who has nothing.
const NOTHING: &[u8] = &[0];
