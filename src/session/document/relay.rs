//! Decides what a document says to peers behind a relay, and what it makes of what they say.

use super::Document;
use crate::clock::Instant;
use crate::connection::Reason;
use crate::ids::LinkId;
use crate::replica::{Refusal, decode_state_vector};
use crate::sync::question::{self, Purpose, Question};
use crate::sync::{Claims, Company, Due, EditSet, Peers, Speaker};
use crate::wire::{Message, Shown, awareness};

impl Document {
    /// Who else is there, where that is not a server.
    pub(in crate::session) fn company(&self) -> Option<Company> {
        self.peers.as_ref().map(Peers::company)
    }

    /// Greets whoever is there: what we have, and the question who they are.
    pub(super) fn greet_peers(&mut self, now: Instant) {
        self.dialogue.broadcast();
        self.ask_peers(Purpose::Ends, now);
        self.replies.push_back(Message::QueryAwareness);
    }

    /// Takes in a message that a relay has handed over; an error is a reason to give up the connection.
    pub(super) fn handle_peer_message(&mut self, message: Message, now: Instant) -> Result<(), Reason> {
        if self.peers.as_mut().is_some_and(|peers| peers.identify(&message) == Speaker::Own) {
            return Ok(());
        }
        match message {
            Message::SyncStep1(state_vector) => self.handle_question(&state_vector, now)?,
            Message::SyncStep2(update) => self.handle_peer_answer(&update, now),
            Message::Update(update) => self.handle_peer_update(&update, now),
            Message::Awareness(states) => self.handle_peer_presence(&states, now)?,
            Message::QueryAwareness => {
                self.note_heard(now);
                self.presence.handle_call(now);
                self.tabs.want_presence();
            }
            other => return self.handle_access(other, now),
        }
        self.judge_completeness(now);
        self.follow_peers(now);
        Ok(())
    }

    /// Whether somebody who is here has what is not here, or may have: nothing of theirs has come yet.
    pub(super) fn is_behind_peers(&self) -> bool {
        self.peers.as_ref().is_some_and(|peers| match peers.company() {
            Company::Offline | Company::Unmet(_) | Company::Alone => false,
            Company::Heard(_) => !self.is_synced() || peers.has_claims_beyond(&self.replica),
        })
    }

    /// Says what is due.
    pub(super) fn follow_peers(&mut self, now: Instant) {
        while let Some(due) = self.peers.as_mut().and_then(|peers| peers.poll(&self.replica, now)) {
            match due {
                Due::Answer(from) => {
                    self.commit(now);
                    let from = question::write_vector(&from);
                    self.replies.extend(self.dialogue.answer(&from, EditSet::default, &mut self.replica).ok());
                }
                Due::Tell(from) => {
                    let told = self.replica.encode_since(Some(&question::write_vector(&from)));
                    self.replies.extend(told.ok().map(Message::Update));
                }
                Due::Ask(purpose) => self.ask_peers(purpose, now),
                Due::Deserted => {
                    self.dialogue.handle_deserted();
                    self.judge_completeness(now);
                }
            }
        }
    }

    /// Asks for what is missing, or for a sign of life.
    pub(super) fn ask_peers_again(&mut self, now: Instant) {
        let purpose = if !self.is_synced() {
            Purpose::Ends
        } else if self.is_behind_peers() || self.replica.is_waiting() {
            Purpose::Lack
        } else {
            Purpose::Round
        };
        self.ask_peers(purpose, now);
    }

    /// Asks who holds what is unsynced. Where that was asked in vain, somebody lacks it and does not ask: it is said
    /// again.
    pub(super) fn ask_peers_for_proof(&mut self, now: Instant) {
        if self.proof_wanted.is_repeated() {
            let before = self.replica.state_vector_before(&self.unsynced.set().elements);
            self.replies.extend(self.replica.encode_since(Some(&before)).ok().map(Message::Update));
        }
        self.ask_peers(Purpose::Round, now);
    }

    /// Asks everybody. What is unsynced is asked for as if it were not here: what comes back is held by somebody.
    fn ask_peers(&mut self, purpose: Purpose, now: Instant) {
        self.commit(now);
        let Some(peers) = &mut self.peers else { return };
        let doubted = &self.unsynced.set().elements;
        let mut from = question::from(purpose, self.replica.clocks(), |client| {
            doubted.first(client).into_iter().chain(peers.latest_start(purpose, client)).min()
        });
        self.replica.keep_characters_whole(&mut from);
        peers.note_asked(purpose, &from, now);
        let question = question::write(peers.mark(), purpose, from);
        self.replies.push_back(Message::SyncStep1(question));
    }

    fn handle_question(&mut self, state_vector: &[u8], now: Instant) -> Result<(), Reason> {
        self.commit(now);
        let bad = |refusal: Refusal| Reason::BadFrame(refusal.to_string());
        let question = Question::read(decode_state_vector(state_vector).map_err(bad)?);
        self.note_heard(now);
        self.unsynced.note_held(&question.held);
        let (is_synced, crowd) = (self.is_synced(), self.presence.crowd());
        let Some(peers) = &mut self.peers else { return Ok(()) };
        let claims = peers.handle_question(&question, &self.replica, crowd, now);
        if claims == Claims::Known && is_synced {
            return Ok(());
        }
        if peers.ask_back(now) {
            self.ask_peers(if is_synced { Purpose::Lack } else { Purpose::Ends }, now);
        }
        // Asked again soon, however long it was asked in vain for something else.
        self.resync.settle();
        Ok(())
    }

    fn handle_peer_answer(&mut self, update: &[u8], now: Instant) {
        self.note_heard(now);
        let applied = match self.apply(update, LinkId::SERVER, now) {
            Ok(applied) => applied,
            Err(refusal) => return self.note_answer_refused(&refusal, now),
        };
        self.complaints.note_answer();
        if let Some(peers) = &mut self.peers {
            peers.handle_answer(&applied.evidence, &self.replica, now);
        }
        self.dialogue.handle_step2();
        self.trouble = None;
    }

    /// A refusal is reported as a problem and asked for again; the connection can stay.
    fn handle_peer_update(&mut self, update: &[u8], now: Instant) {
        self.note_heard(now);
        let Ok(applied) = self.apply(update, LinkId::SERVER, now) else { return };
        if let Some(peers) = &mut self.peers {
            peers.handle_update(&applied.evidence);
        }
    }

    /// Takes in who is here. Nobody tells a newcomer of us but ourselves.
    fn handle_peer_presence(&mut self, states: &[u8], now: Instant) -> Result<(), Reason> {
        let entries = awareness::decode(states).map_err(|error| Reason::BadFrame(error.to_string()))?;
        if entries.iter().any(|entry| self.presence.is_newcomer(entry)) {
            self.presence.handle_call(now);
        }
        if entries.iter().any(|entry| entry.state != Shown::Gone && !self.presence.is_own(entry.client)) {
            self.note_heard(now);
        }
        self.presence.handle_entries(entries, LinkId::SERVER, self.hearing(LinkId::SERVER), now);
        self.tabs.show_presence(states, true);
        Ok(())
    }

    fn note_heard(&mut self, now: Instant) {
        if let Some(peers) = &mut self.peers {
            peers.note_heard(now);
        }
    }
}
