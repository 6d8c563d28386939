//! Decides what becomes of messages of the application, which are not part of the document: whoever is not there at the
//! moment does not get them.

use super::Document;
use crate::wire::{Message, Messages};

/// What became of a message of the application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Posted {
    /// It was handed to the connection, or to the tab that has one.
    Sent,
    /// There is no connection at the moment: it is gone.
    Lost,
    /// The protocol has no place for such messages.
    Unsupported,
}

impl Document {
    /// Sends a message to the server.
    pub(in crate::session) fn post(&mut self, text: String) -> Posted {
        if self.policy.messages == Messages::None {
            return Posted::Unsupported;
        }
        if self.tabs.role().is_led() {
            let is_connected = self.heard.as_ref().is_some_and(|(status, _)| status.phase.is_connected());
            if is_connected {
                self.tabs.post(text);
            }
            return if is_connected { Posted::Sent } else { Posted::Lost };
        }
        if self.seat.socket().is_none() || !self.is_admitted() {
            return Posted::Lost;
        }
        self.announcements.push_back(Message::Stateless(text));
        Posted::Sent
    }

    /// Hands a message of the server to the application, in every tab.
    pub(super) fn take_post(&mut self, text: String) {
        self.tabs.pass_on(&text);
        self.posts.push_back(text);
    }
}
