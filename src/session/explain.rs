//! Decides which sentence says why something is not saved, or that all is: from the same values as the status, so that the
//! two cannot disagree. For people and for support; without content and without tokens.

use super::Problem;
use super::status::{HeldBy, Phase, Status, StatusReason, StorePhase};
use crate::clock::Duration;
use crate::wire::Access;

/// What the sentence needs beside the status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Facts {
    /// For how long there have been edits that are not saved.
    pub(super) unsaved_for: Option<Duration>,
    /// How many bytes of early changes are held back.
    pub(super) held_bytes: usize,
    /// How much is kept out because it has killed a session.
    pub(super) poison: usize,
    /// What is waited for before there can be a connection, or before more is handed to it.
    pub(super) awaited: Awaited,
    /// Whether what the server sent and was refused is asked for again.
    pub(super) asking: Asking,
}

/// Whether what the server sent and was refused is asked for again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Asking {
    /// It is, ever less often.
    #[default]
    Goes,
    /// Not over this connection any more: what came was refused each time.
    Over,
}

/// What is waited for before there can be a connection, or before more is handed to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Awaited {
    /// Nothing.
    #[default]
    Nothing,
    /// The application is asked for a token.
    Token,
    /// The tab that has the connection is to be heard.
    Leader,
    /// The socket has to pass on what it was handed.
    Room,
}

/// Whether nothing can be lost: the others hold every edit, and so does this device where it is to.
pub(super) fn is_all_saved(status: &Status) -> bool {
    status.unsynced == 0 && status.refused == 0 && status.unstored.unwrap_or_default() == 0
}

/// One sentence, which begins with "All is saved" exactly if all is.
pub(super) fn explain(status: &Status, facts: &Facts) -> String {
    let mut sentence = Sentence(String::new());
    sentence.say_what(status, facts);
    if status.unsynced > 0 {
        sentence.add(": ");
        sentence.say_why(status, facts);
    } else if status.phase != Phase::Synced {
        sentence.add("; at the moment ");
        sentence.say_why(status, facts);
    } else if let Some(reason) = &status.reason {
        sentence.add("; what the server sent was refused: ");
        sentence.quote(&reason.message);
    }
    sentence.say_of_refused(status);
    sentence.say_of_device(status);
    sentence.say_of_others(status, facts);
    sentence.add(".");
    sentence.0
}

struct Sentence(String);

impl Sentence {
    fn say_what(&mut self, status: &Status, facts: &Facts) {
        if is_all_saved(status) {
            self.add("All is saved: ");
            self.add(match status.held_by {
                HeldBy::Server => "the server holds every edit",
                HeldBy::Peers => "others who are or were here hold every edit",
            });
            let is_kept = status.store.as_ref().is_some_and(|store| store.phase == StorePhase::Ready);
            self.add(if is_kept { ", and so does this device" } else { "" });
        } else if status.unsynced > 0 {
            self.count(status.unsynced, " edit is not saved", " edits are not saved");
            if let Some(unsaved_for) = facts.unsaved_for {
                self.add(if status.unsynced == 1 { ", for " } else { ", the oldest for " });
                self.time(unsaved_for);
            }
        } else if status.refused > 0 {
            self.count(status.refused, " edit is only here", " edits are only here");
            self.add(": the server has refused what it was sent");
        } else {
            let unstored = status.unstored.unwrap_or_default();
            self.count(unstored, " edit is not on this device yet", " edits are not on this device yet");
            self.add(match status.held_by {
                HeldBy::Server => ", but the server holds everything",
                HeldBy::Peers => ", but others who are or were here hold everything",
            });
        }
    }

    /// Why edits do not get to the server at the moment.
    fn say_why(&mut self, status: &Status, facts: &Facts) {
        let is_loading = status.store.as_ref().is_some_and(|store| store.phase == StorePhase::Loading);
        match (status.phase, facts.awaited) {
            (Phase::Closed, _) => self.add("the document is closed"),
            (Phase::Disconnected, _) => self.add("the application wants no connection, until it calls connect()"),
            (Phase::Connecting, _) if is_loading => self.add("what this device keeps is still being read"),
            (Phase::Connecting | Phase::Handshaking, Awaited::Token) => {
                self.add("the application was asked for a token and has not answered");
                self.say_after(status.reason.as_ref());
            }
            (Phase::Connecting, Awaited::Leader) => self.add("the tab that has the connection was not heard yet"),
            (Phase::Connecting, Awaited::Nothing | Awaited::Room) => {
                self.add("a connection is being opened");
                self.say_after(status.reason.as_ref());
            }
            (Phase::Handshaking, _) => self.say_why_over_connection(
                status.reason.as_ref(),
                facts,
                "the connection is open, and each side tells the other what it lacks",
            ),
            (Phase::Waiting, _) => {
                self.say_reason(status.reason.as_ref(), "there is no connection");
                self.add("; the next attempt is in ");
                self.time(status.retry_in.unwrap_or_default());
            }
            (Phase::Stopped, _) => {
                self.say_reason(status.reason.as_ref(), "the server refused for good");
                self.add("; it is not tried again before reconnect() is called, with another token if that was it");
            }
            (Phase::Synced, _) => self.say_why_unproven(status, facts),
        }
    }

    /// Why what is sent in step with the server is not known to be held.
    fn say_why_unproven(&mut self, status: &Status, facts: &Facts) {
        let usual = match status.held_by {
            _ if status.unsent > 0 && facts.awaited == Awaited::Room => {
                "the connection is slow, and what is here goes out when what was sent before is through"
            }
            _ if status.unsent > 0 => "what is here goes out when the server has said what it holds",
            HeldBy::Server => "all was sent, and the server has not shown yet that it holds it",
            HeldBy::Peers => "all was sent, and nobody has shown yet to hold it",
        };
        if status.access == Some(Access::ReadOnly) {
            self.add("the document may only be read here, and the server takes no edits");
        } else {
            self.say_why_over_connection(status.reason.as_ref(), facts, usual);
        }
    }

    fn say_why_over_connection(&mut self, reason: Option<&StatusReason>, facts: &Facts, usual: &str) {
        match reason {
            None => self.add(usual),
            Some(reason) if [StatusReason::ALONE, Problem::SERVER_CHOKES].contains(&reason.code) => {
                self.quote(&reason.message);
            }
            Some(reason) => {
                self.add(match facts.asking {
                    Asking::Goes => "what the server sent was refused, and is asked for again: ",
                    Asking::Over => "what the server sent was refused, each time it was asked: ",
                });
                self.quote(&reason.message);
            }
        }
    }

    fn say_of_refused(&mut self, status: &Status) {
        if status.refused > 0 && status.unsynced > 0 {
            self.add("; ");
            self.count(status.refused, " more is only here", " more are only here");
            self.add(", as the server has refused what it was sent");
        }
        if status.access == Some(Access::ReadOnly) && (status.unsynced == 0 || status.phase != Phase::Synced) {
            self.add("; the document may only be read here");
        }
    }

    fn say_of_device(&mut self, status: &Status) {
        let Some(store) = &status.store else { return };
        let unstored = status.unstored.unwrap_or_default();
        if unstored > 0 && (status.unsynced > 0 || status.refused > 0) {
            self.add("; ");
            self.count(unstored, " edit is", " edits are");
            self.add(" not on this device either");
        }
        match store.phase {
            StorePhase::Loading if status.phase != Phase::Connecting => {
                self.add("; what this device keeps is still being read");
            }
            StorePhase::Loading | StorePhase::Ready => {}
            StorePhase::Failed => {
                self.add("; this device keeps nothing at the moment");
                if let Some(reason) = &store.reason {
                    self.add(": ");
                    self.quote(&reason.message);
                }
            }
            StorePhase::Forgotten => self.add("; this device keeps nothing any more, as the application asked"),
        }
    }

    fn say_of_others(&mut self, status: &Status, facts: &Facts) {
        if facts.held_bytes > 0 {
            self.add("; ");
            self.count(facts.held_bytes as u64, " byte", " bytes");
            self.add(" of changes that came early wait for what they build on");
        }
        if facts.poison > 0 {
            self.add("; ");
            self.count(facts.poison as u64, " change", " changes");
            self.add(" and what builds on that is kept out, as it has ended an instance of this page");
        }
        if let Some(tab) = status.tab.filter(|tab| tab.leader != tab.number) {
            self.add("; the connection is that of tab ");
            self.number(tab.leader.into());
            self.add(" of this browser");
        }
    }

    fn say_reason(&mut self, reason: Option<&StatusReason>, otherwise: &str) {
        match reason {
            Some(reason) => self.quote(&reason.message),
            None => self.add(otherwise),
        }
    }

    fn say_after(&mut self, reason: Option<&StatusReason>) {
        if let Some(reason) = reason {
            self.add(", after ");
            self.quote(&reason.message);
        }
    }

    fn add(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Adds what may have come from outside: one line of it, and not too much.
    fn quote(&mut self, text: &str) {
        let mut characters = text.chars();
        for character in characters.by_ref().take(MAX_QUOTE) {
            self.0.push(if character.is_control() { ' ' } else { character });
        }
        if characters.next().is_some() {
            self.add("…");
        }
    }

    fn count(&mut self, count: u64, one: &str, many: &str) {
        self.number(count);
        self.add(if count == 1 { one } else { many });
    }

    fn time(&mut self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (number, unit) = match millis {
            0..1_000 => (millis, " ms"),
            1_000..120_000 => (millis / 1_000, " s"),
            _ => (millis / 60_000, " min"),
        };
        self.number(number);
        self.add(unit);
    }

    fn number(&mut self, number: u64) {
        self.add(&number.to_string());
    }
}

/// The most characters of a text from outside. Reasons are cut to about as many before, but not what a device says.
const MAX_QUOTE: usize = 300;

#[cfg(test)]
mod tests;
