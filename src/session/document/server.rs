//! Decides what a document says to its server, and what it makes of what the server says: questions, answers, proof.

use super::access::Question;
use super::{Document, Reason, problem};
use crate::clock::Instant;
use crate::ids::LinkId;
use crate::replica::{Ranges, Refusal, decode_state_vector};
use crate::sync::{EditSet, Progress, Room};
use crate::wire::{Message, Pace, Probe, awareness};

impl Document {
    pub(super) fn take_message(&mut self, message: Message, now: Instant) -> Result<(), Reason> {
        if self.peers.is_some() {
            return self.handle_peer_message(message, now);
        }
        match message {
            Message::SyncStep1(state_vector) => self.handle_step1(&state_vector, now),
            Message::SyncStep2(update) => {
                self.handle_step2(&update, now);
                Ok(())
            }
            Message::Update(update) => {
                // A refusal is reported as a problem and asked for again; the connection can stay.
                self.apply(&update, LinkId::SERVER, now).ok();
                Ok(())
            }
            Message::Awareness(update) => {
                let entries = awareness::decode(&update).map_err(|error| Reason::BadFrame(error.to_string()))?;
                self.presence.handle_entries(entries, LinkId::SERVER, self.hearing(LinkId::SERVER), now);
                self.tabs.show_presence(&update, true);
                Ok(())
            }
            Message::QueryAwareness => {
                self.presence.handle_query();
                Ok(())
            }
            other => self.handle_access(other, now),
        }
    }

    /// Sends a sign of life that the server answers: our presence, which it echoes, or a question.
    pub(super) fn probe(&mut self, probe: Probe, now: Instant) {
        let is_asked = match probe {
            Probe::RenewPresence => self.presence.renew(),
            Probe::AskState => false,
            Probe::Mark => {
                self.replies.push_back(Message::Marker(self.dialogue.last_marker()));
                true
            }
        };
        if !is_asked {
            self.ask_state(now);
        }
    }

    /// Wants proof while something is unsynced and nothing new was proven.
    pub(in crate::session) fn watch_proof(&mut self, room: Room, now: Instant) {
        // What the socket holds too much of has not arrived. Where little is said without need, the question is also the
        // one that shows whether the connection lives.
        let is_due = room == Room::Free || self.policy.pace == Pace::Sparing;
        // Who asks needs the whole, and what would prove it may be in what waits.
        if is_due
            && !self.is_catching_up()
            && self.unsynced.count() > self.withheld()
            && self.dialogue.progress() == Progress::Complete
        {
            self.proof_wanted.request(now);
        } else {
            self.proof_wanted.settle();
        }
    }

    pub(super) fn note_evidence(&mut self, evidence: &Ranges) {
        let before = self.unsynced.count();
        self.unsynced.note_evidence(evidence);
        self.caution.note_shown(evidence);
        // Who may not edit today may do so tomorrow.
        self.refused.remove(evidence);
        if self.unsynced.count() < before {
            self.proof_wanted.settle();
        }
    }

    pub(super) fn greet(&mut self, now: Instant) {
        self.caution.handle_connected();
        let greeting = self.dialogue.greet(&mut self.replica);
        match &mut self.peers {
            Some(peers) => {
                peers.handle_connected(now);
                self.greet_peers(now);
            }
            None => self.ask(greeting, Question::State, now),
        }
    }

    pub(super) fn ask_state(&mut self, now: Instant) {
        if self.peers.is_some() {
            self.ask_peers_again(now);
        } else if self.dialogue.progress() != Progress::Silent {
            self.commit(now);
            let question = Message::SyncStep1(self.replica.state_vector());
            self.ask(question, Question::State, now);
        }
    }

    pub(super) fn ask(&mut self, message: Message, question: Question, now: Instant) {
        self.owed.note_asked(now);
        self.questions.push_back(question);
        self.replies.push_back(message);
    }

    /// Asks for what is unsynced as if it were not here: what the server sends back it holds.
    pub(super) fn ask_proof(&mut self, now: Instant) {
        if self.peers.is_some() {
            return self.ask_peers_for_proof(now);
        }
        self.commit(now);
        let doubted = &self.unsynced.set().elements;
        let question = Message::SyncStep1(self.replica.state_vector_before(doubted));
        // Who answers that has read what was sent before it.
        self.ask(question, Question::Proof(self.sent()), now);
    }

    /// Sends once more what the server has been asked to prove and does not hold, although it has read all that was sent before
    /// the question: it did not arrive as it was, or was dropped. It is asked ever less often.
    pub(super) fn send_again(&mut self, sent: &EditSet) {
        let lost = sent.within(self.unsynced.set());
        if !lost.is_empty() {
            let update = self.replica.encode_edits(&lost.elements, &lost.deletions);
            self.dialogue.push(update, lost);
        }
    }

    fn handle_step1(&mut self, state_vector: &[u8], now: Instant) -> Result<(), Reason> {
        self.commit(now);
        let bad = |refusal: Refusal| Reason::BadFrame(refusal.to_string());
        let theirs = decode_state_vector(state_vector).map_err(bad)?;
        // What is kept out of the document and came from nowhere else is not held either.
        let left_out = self.replica.ends_left_out();
        let clocks = self.replica.clocks().filter(|(client, _)| left_out.iter().all(|(other, _)| client != other));
        self.unsynced.note_state_vector(&theirs, clocks.chain(left_out.iter().copied()));
        let everything = |document: &mut Self| document.replica.encode_since(Some(state_vector)).unwrap_or_default();
        let answer = match self.partial_answer(everything) {
            Some((update, edits)) => self.dialogue.answer_with(update, || edits),
            None => {
                let lacking = || self.unsynced.set().clone();
                self.dialogue.answer(state_vector, lacking, &mut self.replica).map_err(bad)?
            }
        };
        theirs.iter().for_each(|(client, clock)| self.refused.elements.remove(*client, 0..*clock));
        self.unsynced.settle(&self.refused);
        self.replies.push_back(answer);
        Ok(())
    }

    fn handle_step2(&mut self, update: &[u8], now: Instant) {
        let question = self.questions.pop_front();
        self.owed.note_answered(self.questions.len(), now);
        if question == Some(Question::Everything) {
            self.tell_refused(update);
        }
        if let Some(Question::Proof(edits)) = &question {
            self.caution.absolve(edits);
        }
        let applied = self.apply(update, LinkId::SERVER, now);
        if let Err(refusal) = &applied {
            self.note_answer_refused(refusal, now);
        } else {
            match question {
                Some(Question::Fate(edits)) => self.decide_fate(&edits),
                Some(Question::Proof(sent)) => self.send_again(&sent),
                Some(Question::State | Question::Everything) | None => {}
            }
            self.complaints.note_answer();
            self.dialogue.handle_step2();
            // Where messages are paid for, the server tells who is here.
            if self.policy.pace == Pace::Lively {
                self.presence.handle_synced(now);
            }
            self.trouble = None;
            self.judge_completeness(now);
        }
    }

    /// Notes that what was asked for was refused: it is asked for again, ever less often, and in the end no more.
    pub(super) fn note_answer_refused(&mut self, refusal: &Refusal, now: Instant) {
        self.trouble = Some(problem(refusal));
        self.resync.request(now);
        if self.complaints.note_answer_refused() {
            self.resync.give_up();
        }
    }

    /// Asks again for what is missing as long as something is.
    pub(super) fn judge_completeness(&mut self, now: Instant) {
        if self.replica.is_waiting() || self.is_behind_peers() || self.is_handshake_stuck(now) {
            self.resync.request(now);
        } else if self.trouble.is_none() {
            self.resync.settle();
        }
    }
}
