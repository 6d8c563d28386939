//! Decides how edits go out that seem to end connections: in portions, or not at all, as [`Caution`](crate::sync::Caution) says.

use super::{Document, Reason};
use crate::clock::Instant;
use crate::connection::CloseInfo;
use crate::ids::{ClientId, Clock, SocketId};
use crate::replica::{Barred, Excerpt, leave_out};
use crate::session::Session;
use crate::session::output::Problem;
use crate::session::status::StatusReason;
use crate::sync::{Blame, EditSet, Next, Part, Progress, Room};
use crate::wire::{Message, Sharing};
use std::ops::Range;

/// Whether it is for a document to try what may end the connection: where several share it, only one does at a time, or nobody
/// could say whose it was. And nobody does while the socket is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::session) enum Turn {
    /// It is.
    Own,
    /// It is not.
    NotYet,
}

impl Session {
    /// Has the documents look what of theirs may have ended the live socket. Who was trying something is the one.
    pub(in crate::session) fn suspect(&mut self, socket: SocketId, info: &CloseInfo, now: Instant) {
        let Some(blame) = self.network.blame(info).filter(|_| self.connection.live_socket() == Some(socket)) else {
            return;
        };
        let is_tried = self.documents.iter().any(|(_, document)| document.caution.is_trying());
        for (_, document) in &mut self.documents {
            if !is_tried || document.caution.is_trying() {
                document.suspect(blame, now);
            }
        }
    }

    /// Has each document send the next of what goes out in portions, if it is its turn.
    pub(in crate::session) fn follow_cautions(&mut self, room: Room, now: Instant) {
        let is_shared = self.codec.policy().sharing == Sharing::Together;
        for place in 0..self.documents.len() {
            let mut others = self.documents.iter().enumerate().filter(|(other, _)| *other != place);
            let is_tried = is_shared && others.any(|(_, (_, document))| document.caution.is_trying());
            let turn = if is_tried || room == Room::Full { Turn::NotYet } else { Turn::Own };
            if let Some((_, document)) = self.documents.get_mut(place) {
                document.follow_caution(turn, now);
            }
        }
        if self.documents.iter().any(|(_, document)| document.is_doubtful()) {
            self.connection.handle_doubt();
        }
    }
}

impl Document {
    /// Whether what it has sent may be what ends connections.
    pub(in crate::session) fn is_doubtful(&self) -> bool {
        self.caution.is_doubtful(self.unsynced.set())
    }

    /// Notes that the server has ended the connection, or this visit, perhaps over something that was sent.
    pub(super) fn suspect(&mut self, blame: Blame, now: Instant) {
        if self.peers.is_some() || self.seat.socket().is_none() {
            return;
        }
        self.commit(now);
        let exposed = self.exposed();
        if self.caution.handle_end(blame, exposed) {
            self.withhold();
        }
    }

    /// As [`Self::suspect`], where it is for the reason that a seat is lost.
    pub(super) fn suspect_visit(&mut self, reason: &Reason, now: Instant) {
        if matches!(reason, Reason::Dismissed(_)) {
            self.suspect(Blame::Content, now);
        }
    }

    /// Trusts all edits again, as the application asks for another try.
    pub(super) fn forget_suspicions(&mut self) {
        self.caution.reset();
    }

    /// What has gone out over this connection, and of which nothing is known yet.
    pub(super) fn exposed(&self) -> EditSet {
        let sent = self.sent();
        if self.caution.is_apart() { sent } else { sent.without(self.caution.passed()) }
    }

    /// What has gone out over this connection and is not proven, though the server may be known to live with it.
    pub(super) fn sent(&self) -> EditSet {
        if !self.dialogue.has_answered() {
            return EditSet::new();
        }
        let unproven = self.unsynced.set();
        if self.caution.is_apart() {
            return self.caution.out(unproven);
        }
        unproven.without(self.dialogue.waiting_edits()).without(&self.kept_back())
    }

    /// What may go out at once: nothing where it goes out in portions.
    pub(super) fn free(&self) -> EditSet {
        if self.caution.is_apart() { EditSet::new() } else { self.unsynced.set().without(&self.kept_back()) }
    }

    /// How many edits are unproven and withheld.
    pub(super) fn withheld(&self) -> u64 {
        self.kept_back().len()
    }

    /// The edits that are unproven and withheld, and the deletions of what is withheld.
    fn kept_back(&self) -> EditSet {
        let (withheld, unproven) = (self.caution.withheld(), self.unsynced.set());
        let mut kept = EditSet::new();
        if withheld.is_empty() {
            return kept;
        }
        kept.deletions = unproven.within(withheld).deletions;
        let of_withheld = |(client, range): (ClientId, Range<Clock>)| {
            let first = withheld.elements.first(client)?;
            Some((client, range.start.max(first)..range.end))
        };
        kept.elements.extend(unproven.elements.iter().filter_map(of_withheld));
        kept.deletions.extend(unproven.deletions.iter().filter_map(of_withheld));
        kept
    }

    /// How many edits were not handed to the connection that is open, now that the server has asked for them.
    pub(super) fn unsent(&self) -> u64 {
        let unsynced = self.unsynced.count();
        if self.caution.is_apart() {
            return unsynced - self.caution.out(self.unsynced.set()).len();
        }
        (self.dialogue.waiting() + self.withheld()).min(unsynced)
    }

    /// Hands a change to the server, with as much of it as may be sent at this moment.
    pub(super) fn send_on(&mut self, update: Vec<u8>, edits: EditSet) {
        if self.caution.is_apart() {
            return;
        }
        if self.caution.withheld().is_empty() {
            return self.dialogue.push(update, edits);
        }
        if let Some(Excerpt { update, ranges }) = self.screen(&update) {
            self.dialogue.push(update, EditSet::from(&ranges));
        }
    }

    /// A message as it may be sent: without what is withheld.
    pub(super) fn screen_message(&mut self, message: Message) -> Option<Message> {
        match message {
            Message::Update(update) if !self.caution.withheld().is_empty() => {
                self.screen(&update).map(|excerpt| Message::Update(excerpt.update))
            }
            message => Some(message),
        }
    }

    /// What of everything that the server lacks is the answer to its question, with the edits in it; nothing where it is
    /// everything.
    pub(super) fn partial_answer(
        &mut self,
        everything: impl FnOnce(&mut Self) -> Vec<u8>,
    ) -> Option<(Vec<u8>, EditSet)> {
        if self.caution.is_apart() {
            return Some((EMPTY.to_vec(), EditSet::new()));
        }
        if self.caution.withheld().is_empty() {
            return None;
        }
        let everything = everything(self);
        let lacking = self.unsynced.set().without(&self.kept_back());
        let answer = self.screen(&everything).map_or_else(|| EMPTY.to_vec(), |excerpt| excerpt.update);
        Some((answer, lacking))
    }

    /// Sends the next of what goes out in portions.
    fn follow_caution(&mut self, turn: Turn, now: Instant) {
        if !self.caution.is_apart() || !self.dialogue.has_answered() || self.is_catching_up() {
            return;
        }
        self.commit(now);
        while let (Next::Send(part), Turn::Own) = (self.caution.next(self.unsynced.set(), now), turn) {
            if !self.send_part(part) {
                return self.follow_suspects();
            }
        }
    }

    /// Tries what is suspected by itself, once everything else has got through; or nothing is, and edits go out as they are made.
    fn follow_suspects(&mut self) {
        // What the server says that it holds may leave something to be sent.
        if self.dialogue.progress() == Progress::Complete
            && let Some(Next::Send(part)) = self.caution.next_suspect()
            && !self.send_part(part)
        {
            self.caution.drop_suspect();
        }
    }

    /// Sends the first of a part; says whether there was anything to send.
    fn send_part(&mut self, part: Part) -> bool {
        let mut lacking = self.unsynced.set().clone();
        // What was refused is refused again, and what comes after it cannot be taken in without.
        lacking.elements.extend(self.refused.elements.iter());
        if self.dialogue.progress() == Progress::Complete {
            // A server that went back to an older state lacks some that it has shown to hold before.
            lacking.deletions.extend(self.replica.deletions().iter());
            lacking.deletions.subtract(self.caution.shown());
            lacking.deletions.extend(self.unsynced.set().deletions.iter());
        }
        lacking.subtract(self.caution.passed());
        let limit = match part {
            Part::Rest { limit } => limit,
            Part::Suspect => 1,
        };
        let EditSet { elements, deletions } = &self.caution.barred(part);
        let excerpt =
            self.replica.encode_first(&lacking.elements, &lacking.deletions, Barred { elements, deletions }, limit);
        let Some(Excerpt { update, ranges }) = excerpt else { return false };
        let edits = EditSet::from(&ranges);
        self.caution.note_out(part, edits.clone(), update.len(), self.unsynced.set());
        self.dialogue.push(update, edits);
        // At once: the next portion is not to become one message with it.
        self.replies.extend(self.dialogue.poll_message(&self.replica));
        true
    }

    /// When the next of what goes out in portions is due.
    pub(super) fn caution_timeout(&self) -> Option<Instant> {
        self.caution.timeout().filter(|_| self.dialogue.has_answered() && !self.is_catching_up())
    }

    /// Notes what builds on what is withheld from here on, and tells the application.
    fn withhold(&mut self) {
        let unsynced = self.unsynced.set();
        let nothing = EditSet::new();
        let nothing = Barred { elements: &nothing.elements, deletions: &nothing.deletions };
        let lacking = self.replica.encode_first(&unsynced.elements, &unsynced.deletions, nothing, u64::MAX);
        if let Some(lacking) = lacking {
            self.screen(&lacking.update);
        }
        let message = self.withheld_message();
        self.problems.push_back(Problem { code: Problem::SERVER_CHOKES, message });
    }

    fn screen(&mut self, update: &[u8]) -> Option<Excerpt> {
        let EditSet { elements, deletions } = self.caution.withheld_mut();
        leave_out(update, elements, deletions)
    }

    /// Why some of the edits do not go out as they are made.
    pub(super) fn caution_reason(&self) -> Option<StatusReason> {
        let message = if self.withheld() > 0 {
            self.withheld_message()
        } else if self.caution.is_apart() && self.is_doubtful() {
            "connections have ended whenever certain edits were sent: they are sent in small portions, to find out which"
                .to_owned()
        } else {
            return None;
        };
        Some(StatusReason { code: Problem::SERVER_CHOKES, message, close_code: None })
    }

    fn withheld_message(&self) -> String {
        let withheld = self.withheld();
        let (edits, are) = if withheld == 1 { ("edit", "is") } else { ("edits", "are") };
        format!(
            "the server ends the connection whenever it is sent a certain edit: {withheld} {edits} {are} withheld until \
             reconnect() is called"
        )
    }
}

/// The update that says nothing.
const EMPTY: &[u8] = &[0, 0];
