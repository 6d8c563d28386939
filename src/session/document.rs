//! Decides what belongs to one document: its replica, its dialogue with the server, its presence and its status.

use super::output::{Event, Problem};
use super::status::{Phase, Status, StatusReason};
use crate::clock::Instant;
use crate::config::Config;
use crate::connection::{Connection, Phase as ConnectionPhase, Reason};
use crate::ids::{ClientId, DocId, LinkId, Origin};
use crate::replica::{Applied, Ranges, Refusal, Replica, decode_state_vector};
use crate::sync::{Dialogue, Presence, Progress, Resync, Unsynced};
use crate::wire::{Message, Policy, Probe, Proof, Route, awareness};
use std::collections::VecDeque;

/// A document on a connection. It learns of the connection only that it is there or not.
#[derive(Debug)]
pub(super) struct Document {
    route: Route,
    proof: Proof,
    replica: Replica,
    dialogue: Dialogue,
    presence: Presence,
    unsynced: Unsynced,
    /// When to ask again for what we lack.
    resync: Resync,
    /// When to ask for proof of what is unsynced: the server does not echo what it had from elsewhere already.
    proof_wanted: Resync,
    /// What keeps the document from being in step although the connection works.
    trouble: Option<Problem>,
    replies: VecDeque<Message>,
    problems: VecDeque<Problem>,
    reported: Option<Status>,
}

impl Document {
    pub(super) fn new(route: Route, client: ClientId, policy: Policy, config: &Config) -> Self {
        Self {
            route,
            proof: policy.proof,
            replica: Replica::new(client, config.limits.max_held_bytes),
            dialogue: Dialogue::default(),
            presence: Presence::new(client, config.presence.clone()),
            unsynced: Unsynced::default(),
            resync: Resync::default(),
            proof_wanted: Resync::default(),
            trouble: None,
            replies: VecDeque::new(),
            problems: VecDeque::new(),
            reported: None,
        }
    }

    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    pub(super) fn replica_mut(&mut self) -> &mut Replica {
        &mut self.replica
    }

    pub(super) fn is_synced(&self) -> bool {
        self.dialogue.is_synced()
    }

    pub(super) fn handle_connected(&mut self, now: Instant) {
        self.commit();
        self.presence.handle_connected(now);
        let greeting = self.dialogue.greet(&mut self.replica);
        self.replies.push_back(greeting);
    }

    pub(super) fn handle_disconnected(&mut self) {
        self.dialogue.hang_up();
        self.presence.handle_disconnected();
        self.replies.clear();
        self.resync.settle();
    }

    /// Commits pending edits and routes what was committed to every link but the one it came from.
    pub(super) fn commit(&mut self) {
        self.replica.commit();
        while let Some(committed) = self.replica.poll_committed() {
            if committed.origin != Origin::Link(LinkId::SERVER) {
                self.unsynced.note_change(&committed.ranges);
                self.dialogue.push(committed.update);
            }
        }
    }

    /// Commits, and says goodbye to those who see our presence.
    pub(super) fn leave(&mut self) {
        self.commit();
        self.replies.extend(self.dialogue.poll_message());
        self.replies.extend(self.presence.farewell());
    }

    /// Notes that the page runs again: those who saw us leave see us again.
    pub(super) fn handle_returned(&mut self, now: Instant) {
        self.presence.handle_returned(now);
    }

    pub(super) fn set_presence(&mut self, state: Option<String>) {
        self.presence.set(state);
    }

    pub(super) fn presence_states(&self) -> Vec<(ClientId, String)> {
        self.presence.states()
    }

    /// Takes in a message of the server; an error is a reason to give up the connection.
    pub(super) fn handle_message(&mut self, message: Message, now: Instant) -> Result<(), Reason> {
        match message {
            Message::SyncStep1(state_vector) => self.handle_step1(&state_vector),
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
                self.presence.handle_entries(entries, now);
                Ok(())
            }
            Message::Denied(reason) => Err(Reason::Denied(reason)),
            Message::QueryAwareness => {
                self.presence.handle_query();
                Ok(())
            }
            Message::Unknown(_) => Ok(()),
        }
    }

    /// Applies an update that came over `link`; whatever it changed is routed on.
    pub(super) fn apply(&mut self, update: &[u8], link: LinkId, now: Instant) -> Result<Applied, Refusal> {
        self.commit();
        let applied = self.replica.apply(update, link);
        self.commit();
        if let Ok(Applied { refused, .. }) = &applied {
            self.problems.extend(refused.iter().map(problem));
        }
        match &applied {
            Ok(applied) if link == LinkId::SERVER => match self.proof {
                Proof::Echo => self.note_evidence(&applied.evidence),
            },
            Ok(_) => {}
            Err(refusal) => {
                let problem = problem(refusal);
                if link == LinkId::SERVER {
                    self.trouble = Some(problem.clone());
                    self.resync.request(now);
                }
                self.problems.push_back(problem);
            }
        }
        self.judge_completeness(now);
        applied
    }

    /// Sends a sign of life that the server answers: our presence, which it echoes, or a question.
    pub(super) fn probe(&mut self, probe: Probe) {
        let is_asked = match probe {
            Probe::RenewPresence => self.presence.renew(),
            Probe::AskState => false,
        };
        if !is_asked {
            self.ask_state();
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.presence.handle_timeout(now);
        let lacks = self.resync.poll(now);
        let wants_proof = self.proof_wanted.poll(now);
        if lacks || wants_proof {
            self.ask_state();
        }
    }

    pub(super) fn timeout(&self) -> Option<Instant> {
        let timeouts = [self.presence.timeout(), self.resync.timeout(), self.proof_wanted.timeout()];
        timeouts.into_iter().flatten().min()
    }

    /// Wants proof while something is unsynced and nothing new was proven.
    pub(super) fn watch_proof(&mut self, now: Instant) {
        if self.unsynced.count() > 0 && self.dialogue.progress() == Progress::Complete {
            self.proof_wanted.request(now);
        } else {
            self.proof_wanted.settle();
        }
    }

    /// The next message for the server: answers first, then edits, then presence.
    pub(super) fn poll_message(&mut self, now: Instant) -> Option<Message> {
        let message = self.replies.pop_front().or_else(|| self.dialogue.poll_message());
        message.or_else(|| self.presence.poll_message(now))
    }

    /// The next event for the application.
    pub(super) fn poll_event(&mut self, doc: DocId, connection: &Connection, now: Instant) -> Option<Event> {
        if let Some(change) = self.replica.poll_change() {
            return Some(Event::Change(doc, change));
        }
        if let Some(change) = self.presence.poll_change() {
            return Some(Event::Presence(doc, change));
        }
        if let Some(problem) = self.problems.pop_front() {
            return Some(Event::Problem(doc, problem));
        }
        let status = self.status(connection, now);
        if self.reported.as_ref().is_some_and(|reported| reported.is_same_apart_from_time(&status)) {
            return None;
        }
        self.reported = Some(status.clone());
        Some(Event::Status(doc, status))
    }

    pub(super) fn status(&self, connection: &Connection, now: Instant) -> Status {
        let connection = connection.status();
        let phase = match connection.phase {
            ConnectionPhase::Disconnected => Phase::Disconnected,
            ConnectionPhase::Waiting => Phase::Waiting,
            ConnectionPhase::Connecting => Phase::Connecting,
            ConnectionPhase::Open if self.is_synced() => Phase::Synced,
            ConnectionPhase::Open => Phase::Handshaking,
            ConnectionPhase::Stopped => Phase::Stopped,
        };
        Status {
            phase,
            unsynced: self.unsynced.count(),
            attempt: connection.attempt,
            retry_in: connection.retry_at.map(|at| at.since(now)),
            reason: connection
                .reason
                .as_ref()
                .map(connection_reason)
                .or_else(|| self.trouble.as_ref().map(trouble_reason)),
        }
    }

    fn note_evidence(&mut self, evidence: &Ranges) {
        let before = self.unsynced.count();
        self.unsynced.note_evidence(evidence);
        if self.unsynced.count() < before {
            self.proof_wanted.settle();
        }
    }

    fn ask_state(&mut self) {
        let question = Message::SyncStep1(self.replica.state_vector());
        self.replies.push_back(question);
    }

    fn handle_step1(&mut self, state_vector: &[u8]) -> Result<(), Reason> {
        self.commit();
        let bad = |refusal: Refusal| Reason::BadFrame(refusal.to_string());
        let answer = self.dialogue.answer(state_vector, &mut self.replica).map_err(bad)?;
        let theirs = decode_state_vector(state_vector).map_err(bad)?;
        self.unsynced.note_state_vector(&theirs, self.replica.clocks());
        self.replies.push_back(answer);
        Ok(())
    }

    fn handle_step2(&mut self, update: &[u8], now: Instant) {
        if self.apply(update, LinkId::SERVER, now).is_ok() {
            self.dialogue.handle_step2();
            self.trouble = None;
            self.judge_completeness(now);
        }
    }

    /// Asks again for what is missing as long as something is.
    fn judge_completeness(&mut self, now: Instant) {
        if self.replica.is_waiting() {
            self.resync.request(now);
        } else if self.trouble.is_none() {
            self.resync.settle();
        }
    }
}

fn problem(refusal: &Refusal) -> Problem {
    Problem { code: refusal.code(), message: refusal.to_string() }
}

fn connection_reason(reason: &Reason) -> StatusReason {
    StatusReason { code: reason.code(), message: reason.to_string(), close_code: reason.close_code() }
}

fn trouble_reason(problem: &Problem) -> StatusReason {
    StatusReason { code: problem.code, message: problem.message.clone(), close_code: None }
}
