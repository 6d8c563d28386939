//! Decides when a document takes part in what is said over the connection: where several share one, each comes, goes and
//! comes back by itself, and one that fails does not disturb the others.

use super::access::Question;
use super::{Document, Intent, Reason};
use crate::clock::{Duration, Instant};
use crate::config::ConnectionConfig;
use crate::connection::{Backoff, Health, Pace, ProbeStep, Verdict};
use crate::ids::{LinkId, SocketId};
use crate::rng::Rng;
use crate::session::habits;
use crate::wire::{Message, Policy, Sharing};

/// The place of a document on its connection.
#[derive(Debug)]
pub(super) struct Seat {
    sharing: Sharing,
    state: State,
    backoff: Backoff,
    rng: Rng,
    quiet: Duration,
    answer: Duration,
    useful_after: Duration,
}

#[derive(Debug)]
enum State {
    /// It takes no part; where it was lost, that is why.
    Away { reason: Option<Reason> },
    /// It takes part.
    Taken(Taken),
    /// The server does not serve it although the socket lives. It is tried again then.
    Waiting { until: Instant, reason: Reason },
    /// The server does not want it, until the application says so again.
    Stopped { reason: Reason },
}

#[derive(Debug)]
struct Taken {
    socket: SocketId,
    since: Instant,
    /// The liveness of this document, where the socket tells nothing about it: others may keep that alive.
    health: Health,
    /// From when on earlier failures are forgotten; nothing before the first sync.
    useful_at: Option<Instant>,
}

/// What a document with its own place is doing, where that is not what its connection does.
pub(super) enum SeatView<'a> {
    /// What the connection does.
    AsConnection {
        /// Why the place was lost before, if it was.
        reason: Option<&'a Reason>,
    },
    /// It waits.
    Waiting {
        /// Until then.
        until: Instant,
        /// Because of this.
        reason: &'a Reason,
    },
    /// It was refused.
    Stopped {
        /// Because of this.
        reason: &'a Reason,
    },
}

impl Seat {
    pub(super) const fn new(policy: &Policy, config: &ConnectionConfig, rng: Rng) -> Self {
        Self {
            sharing: policy.sharing,
            state: State::Away { reason: None },
            backoff: Backoff::new(config),
            rng,
            quiet: match config.quiet_timeout {
                Some(quiet) => quiet,
                None => habits::rhythm(policy.pace).quiet_timeout,
            },
            answer: config.answer_timeout,
            useful_after: config.useful_after,
        }
    }

    pub(super) const fn socket(&self) -> Option<SocketId> {
        match &self.state {
            State::Taken(taken) => Some(taken.socket),
            State::Away { .. } | State::Waiting { .. } | State::Stopped { .. } => None,
        }
    }

    pub(super) const fn view(&self) -> SeatView<'_> {
        match &self.state {
            State::Away { reason } => SeatView::AsConnection { reason: reason.as_ref() },
            State::Taken(_) => SeatView::AsConnection { reason: None },
            State::Waiting { until, reason } => SeatView::Waiting { until: *until, reason },
            State::Stopped { reason } => SeatView::Stopped { reason },
        }
    }

    /// Since when it takes part.
    pub(super) const fn taken_since(&self) -> Option<Instant> {
        match &self.state {
            State::Taken(taken) => Some(taken.since),
            State::Away { .. } | State::Waiting { .. } | State::Stopped { .. } => None,
        }
    }

    /// How many times in a row it was lost.
    pub(super) const fn failures(&self) -> u32 {
        self.backoff.failures()
    }

    /// Whether a connection is of use to it.
    const fn is_wanted(&self) -> bool {
        matches!(self.state, State::Away { .. } | State::Taken(_))
    }

    /// Whether it watches over the document itself.
    const fn is_watched(&self) -> bool {
        matches!(self.sharing, Sharing::Together)
    }

    fn take(&mut self, socket: SocketId, now: Instant) {
        // Longer than the connection waits: where the whole socket is dead, that is to be found out first.
        let health = Health::new(self.quiet, self.answer + self.answer / 4, now);
        self.state = State::Taken(Taken { socket, since: now, health, useful_at: None });
    }

    fn leave(&mut self, now: Instant) {
        self.credit(now);
        if let State::Taken(_) = self.state {
            self.state = State::Away { reason: None };
        }
    }

    fn lose(&mut self, reason: Reason, now: Instant) {
        self.credit(now);
        let reason = reason.shortened();
        self.state = if reason.is_final() {
            State::Stopped { reason }
        } else {
            let wait = self.backoff.fail(Pace::Usual, &mut self.rng);
            State::Waiting { until: now + wait.delay, reason }
        };
    }

    /// Forgets failures, and what followed from them.
    fn start_over(&mut self) {
        self.backoff.reset();
        if !matches!(self.state, State::Taken(_)) {
            self.state = State::Away { reason: None };
        }
    }

    /// Forgets earlier failures if the place stayed useful until now.
    fn credit(&mut self, now: Instant) {
        if let State::Taken(Taken { useful_at: Some(at), .. }) = self.state
            && at <= now
        {
            self.backoff.reset();
        }
    }

    pub(super) fn note_heard(&mut self, now: Instant) {
        if let State::Taken(taken) = &mut self.state {
            taken.health.received(now);
        }
    }

    pub(super) fn note_synced(&mut self, now: Instant) {
        if let State::Taken(taken) = &mut self.state {
            taken.useful_at.get_or_insert(now + self.useful_after);
        }
    }

    /// Notes that what is sent may be what has ended earlier visits: this one is not useful by staying.
    pub(super) const fn note_doubt(&mut self) {
        if let State::Taken(taken) = &mut self.state {
            taken.useful_at = None;
        }
    }

    pub(super) fn timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Taken(taken) if self.is_watched() => Some(taken.health.deadline()),
            State::Waiting { until, .. } => Some(*until),
            State::Away { .. } | State::Taken(_) | State::Stopped { .. } => None,
        }
    }

    /// Does what is due; says what the document has to do about it.
    fn expire(&mut self, now: Instant) -> Verdict {
        let Some(due) = self.timeout().filter(|due| *due <= now) else { return Verdict::Fine };
        match &mut self.state {
            State::Taken(taken) => return taken.health.look(due, now),
            State::Waiting { reason, .. } => self.state = State::Away { reason: Some(reason.clone()) },
            State::Away { .. } | State::Stopped { .. } => {}
        }
        Verdict::Fine
    }
}

/// What the application wants.
impl Document {
    /// Wants a connection from here on, of its own or that of another tab. A refusal is forgotten.
    pub(in crate::session) fn connect(&mut self, now: Instant) {
        self.intent = Intent::Connected;
        if let SeatView::Stopped { .. } = self.seat.view() {
            self.seat.start_over();
        }
        self.join(now);
    }

    /// As [`connect`](Self::connect), and without waiting. Says whether it is now up to the connection.
    pub(in crate::session) fn hasten(&mut self, now: Instant) -> Haste {
        let had_place = matches!(self.seat.view(), SeatView::AsConnection { .. });
        self.intent = Intent::Connected;
        self.seat.start_over();
        self.forget_suspicions();
        self.join(now);
        if self.ask_leader_to_connect() || !had_place { Haste::Done } else { Haste::Connection }
    }

    /// Wants no connection from here on. Whatever is said last is to be sent before the next input.
    pub(in crate::session) fn disconnect(&mut self) {
        self.intent = Intent::Disconnected;
        self.seat.start_over();
        self.say_goodbye();
    }

    /// Whether a connection is of use to it: it is wanted, it has what this device keeps, no other tab has it, and the
    /// server has not sent the document away.
    pub(in crate::session) fn wants_connection(&self) -> bool {
        self.intent == Intent::Connected && self.seat.is_wanted() && self.may_connect()
    }
}

/// Whether something is left to be done by the connection for a document in a hurry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::session) enum Haste {
    /// No: another tab was asked, or only the document had been waiting.
    Done,
    /// It has to try at once.
    Connection,
}

/// What becomes of the place.
impl Document {
    /// Takes part over the socket that is live, or not any more.
    pub(in crate::session) fn follow_socket(&mut self, live: Option<SocketId>, now: Instant) {
        let socket = live.filter(|_| self.wants_connection());
        if socket == self.seat.socket() {
            return;
        }
        let had_place = self.seat.socket().is_some();
        self.seat.leave(now);
        match socket {
            Some(socket) if had_place => {
                self.seat.take(socket, now);
                self.move_over(now);
            }
            Some(socket) => {
                self.seat.take(socket, now);
                self.introduce(now);
            }
            None => self.hang_up(),
        }
    }

    /// Takes it that the server does not serve this document any more, for `reason`.
    pub(in crate::session) fn lose_seat(&mut self, reason: Reason, now: Instant) {
        self.suspect_visit(&reason, now);
        self.hang_up();
        if matches!(reason, Reason::Denied(_)) && self.may_try_another_token() {
            return self.introduce(now);
        }
        // Who was sent away need not take leave.
        if !matches!(reason, Reason::Denied(_) | Reason::Dismissed(_)) {
            self.say_goodbye();
        }
        self.seat.lose(reason, now);
    }

    /// Whether a message is about what is said over this connection: what comes before the server has let the document
    /// in may belong to an earlier visit, which it has not seen the end of.
    pub(super) fn is_heard(&self, message: &Message) -> bool {
        let is_about_access = matches!(message, Message::Admitted(_) | Message::Denied(_) | Message::TokenWanted);
        self.seat.socket().is_some() && (self.is_admitted() || is_about_access)
    }

    /// Notes that so much was handed to the socket, by whichever document.
    pub(in crate::session) fn note_uploading(&mut self, bytes: u64, now: Instant) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.owed.note_uploading(bytes, now);
        if let State::Taken(taken) = &mut self.seat.state {
            taken.health.sent(bytes, now);
        }
    }

    /// Notes that the socket has passed on some of what it was handed.
    pub(in crate::session) fn note_drained(&mut self, left: usize, now: Instant) {
        self.owed.note_drained(left, now);
        if let State::Taken(taken) = &mut self.seat.state {
            taken.health.drained(left, now);
        }
    }

    /// Asks for a sign of life where this document has not heard of the server for too long; an error is a reason to give
    /// up its place.
    pub(in crate::session) fn watch_seat(&mut self, now: Instant) -> Result<(), Reason> {
        if self.owed.is_overdue(now) {
            return Err(Reason::Silent);
        }
        match self.seat.expire(now) {
            // Nobody but the connection can be replaced.
            Verdict::Fine | Verdict::Replace => Ok(()),
            Verdict::Ask(_) if self.waits_for_token() => {
                self.seat.note_heard(now);
                Ok(())
            }
            Verdict::Ask(step) => {
                self.ask_for_life(step, now);
                Ok(())
            }
            Verdict::Silent => Err(Reason::Silent),
        }
    }

    /// Sends a sign of life that the server answers.
    pub(in crate::session) fn ask_for_life(&mut self, step: ProbeStep, now: Instant) {
        let probe = match step {
            ProbeStep::First => self.policy.first_probe,
            ProbeStep::Second => self.policy.second_probe,
        };
        self.probe(probe, now);
    }

    /// Says who it is and greets, as soon as it can say who it is.
    pub(super) fn introduce(&mut self, now: Instant) {
        self.replies.clear();
        if !self.present_token(now) {
            return;
        }
        self.commit(now);
        self.presence.handle_connected(now);
        self.tabs.want_presence();
        self.greet(now);
    }

    /// Goes on over the socket that took the place of the one before: what was lost on the way between them goes over the
    /// new one. The document stays in step meanwhile, and those who are here stay.
    fn move_over(&mut self, now: Instant) {
        self.replies.clear();
        self.commit(now);
        // The server may tell the others that we left with the socket.
        self.presence.renew();
        self.tabs.want_presence();
        self.questions.clear();
        self.owed.settle();
        self.draft.hang_up();
        if !self.present_token(now) {
            return self.hang_up();
        }
        if self.peers.is_some() {
            // Who is there has to show itself over every connection.
            return self.greet(now);
        }
        self.caution.handle_connected();
        let greeting = self.dialogue.greet_anew(&mut self.replica);
        self.ask(greeting, Question::State, now);
    }

    fn say_goodbye(&mut self) {
        if self.policy.sharing == Sharing::Together {
            // Behind everything else that is to be said.
            if self.is_admitted() {
                self.announcements.push(Message::Goodbye);
            } else {
                self.replies.push_back(Message::Goodbye);
            }
        }
    }

    fn hang_up(&mut self) {
        self.dialogue.hang_up();
        self.caution.handle_disconnected();
        self.complaints.handle_disconnected();
        if let Some(peers) = &mut self.peers {
            peers.handle_disconnected();
        }
        self.access = None;
        self.questions.clear();
        self.owed.settle();
        self.draft.hang_up();
        self.presence.handle_lost(LinkId::SERVER);
        if !self.tabs.has_company() {
            self.presence.handle_unreachable();
        }
        self.replies.clear();
        self.announcements.clear();
        self.resync.settle();
    }
}
