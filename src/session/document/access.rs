//! Decides what a document does about what the server lets it do: who it is, what it may, and what became of its edits.

use super::{Document, Reason};
use crate::replica::Change;
use crate::sync::Progress;
use crate::wire::{Access, Admission, Message, Receipt};

/// What was asked with a SyncStep1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// What is lacking here, or proof of what is unsynced.
    State,
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
    pub(super) fn handle_access(&mut self, message: Message) -> Result<(), Reason> {
        match message {
            Message::Denied(reason) => return Err(Reason::Denied(reason)),
            Message::TokenWanted => self.replies.push_back(Message::Token(self.token.clone())),
            Message::Admitted(access) => self.access = Some(access),
            Message::Receipt(receipt) => self.handle_receipt(receipt),
            // The socket would stay, but nothing would come over it any more.
            Message::Dismissed(reason) => return Err(Reason::Dismissed(reason)),
            _ => {}
        }
        Ok(())
    }

    /// Asks what the server holds once it has said what became of everything, where something was refused.
    pub(in crate::session) fn follow_refusals(&mut self) {
        let is_settled = self.dialogue.progress() == Progress::Complete && !self.dialogue.is_unconfirmed();
        if self.draft == Draft::Wanted && is_settled {
            self.draft = Draft::Asked;
            self.ask(Message::SyncStep1(NOTHING.to_vec()), Question::Everything);
        }
    }

    /// Whether the server talks about the document.
    pub(super) fn is_admitted(&self) -> bool {
        self.admission == Admission::Open || self.access.is_some()
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

    fn handle_receipt(&mut self, receipt: Receipt) {
        let edits = self.dialogue.confirm();
        self.unsynced.settle(&edits);
        match receipt {
            Receipt::Applied => self.refused.subtract(&edits),
            Receipt::Refused => {
                let is_news = !edits.without(&self.refused).is_empty();
                self.refused.extend(&edits);
                if is_news {
                    self.draft = Draft::Wanted;
                }
            }
        }
    }
}

/// The state vector of one who has nothing.
const NOTHING: &[u8] = &[0];
