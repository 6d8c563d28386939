//! Decides what news from outside leads to: of the sockets, the machine and the page.

use super::action::CloseCode;
use super::close_policy::{self, CloseInfo};
use super::habits::{Company, Questions};
use super::health::{Health, Patience, at_least_a_tick, slept};
use super::reason::Reason;
use super::state::{Open, Standing, State};
use super::succession::Succession;
use super::{Connection, Page};
use crate::clock::{Duration, Instant};
use crate::config::CloseAction;
use crate::ids::SocketId;

/// News about the socket. Each method says whether it was about the current one.
impl Connection {
    /// The socket is open.
    ///
    /// If it is the successor of one that works, it takes its place, and that one is closed: no failure, no gap.
    pub fn handle_opened(&mut self, socket: SocketId, now: Instant) -> bool {
        let began = match &self.state {
            State::Opening(opening) if opening.socket == socket => opening.began,
            State::Open(Open { socket: old, succession: Succession::Opening(successor), .. })
                if successor.socket == socket =>
            {
                let (old, began) = (*old, successor.began);
                self.credit(now);
                self.leave(old, CloseCode::Normal);
                began
            }
            _ => return false,
        };
        let quiet = self.config.quiet_timeout.unwrap_or(self.habits.quiet_timeout);
        let answer = self.patience.window(self.config.answer_timeout);
        self.state = State::Open(Open {
            socket,
            began,
            health: Health::with_habits(&self.habits, quiet, answer, now),
            standing: Standing::Unproven,
            succession: self.plan_succession(now),
        });
        true
    }

    /// Something arrived over the socket, whatever it is.
    pub fn handle_received(&mut self, socket: SocketId, now: Instant) -> bool {
        match &mut self.state {
            State::Open(open) if open.socket == socket => {
                open.health.received(now);
                true
            }
            _ => false,
        }
    }

    /// The handshake over the live socket is complete. If the socket stays for the configured time from here, it was
    /// useful and earlier failures are forgotten.
    pub fn handle_synced(&mut self, now: Instant) {
        if let State::Open(open) = &mut self.state {
            self.patience = Patience::USUAL;
            open.health.set_answer(self.config.answer_timeout);
            if let Standing::Unproven | Standing::Doubted = open.standing {
                open.standing = Standing::Synced { useful_at: now + at_least_a_tick(self.config.useful_after) };
            }
        }
    }

    /// What is sent over the live socket may be what has ended those before it: it is not useful by staying, until it is said
    /// again that it is in step.
    pub fn handle_doubt(&mut self) {
        if let State::Open(Open { standing: standing @ Standing::Synced { .. }, .. }) = &mut self.state {
            *standing = Standing::Doubted;
        }
    }

    /// So many bytes were handed to the live socket. No answer can come before they are through.
    pub fn note_sent(&mut self, bytes: usize, now: Instant) {
        if let State::Open(open) = &mut self.state {
            open.health.sent(bytes, now);
        }
    }

    /// The live socket has passed on some of what it was handed, and this much is left.
    pub fn note_drained(&mut self, left: usize, now: Instant) {
        if let State::Open(open) = &mut self.state {
            open.health.drained(left, now);
        }
    }

    /// Something was asked over the live socket that the server always answers. Where its habits say that this counts,
    /// it is asked again if nothing comes, and given up within the answer timeout.
    pub fn note_asked(&mut self, now: Instant) {
        if let (State::Open(open), Questions::Watched) = (&mut self.state, self.habits.questions) {
            open.health.asked(now);
        }
    }

    /// Somebody is known to be at the other end of a relay, or nobody any more. It is about the live socket: the next one
    /// begins alone.
    pub fn handle_company(&mut self, company: Company, now: Instant) {
        if let State::Open(open) = &mut self.state {
            open.health.handle_company(company, now);
        }
    }

    /// The socket was closed, by the server or by the network, before or after it opened. A socket that could not even
    /// be created is reported like this as well, with code 1006.
    pub fn handle_closed(&mut self, socket: SocketId, close: CloseInfo, now: Instant) -> bool {
        let CloseInfo { code, reason } = close;
        // Probes that were not sent yet; and its own end, where something that it brought was heard only now.
        self.actions.retain(|action| action.socket() != socket);
        let successor = self.state.successor().filter(|successor| successor.socket == socket);
        if successor.is_none() && self.state.socket() != Some(socket) {
            return false;
        }
        if let Some(successor) = successor {
            // Whatever it says: the old socket works, and once it does not the next attempt hears the same.
            self.put_off_succession(successor, close_policy::hinted_delay(&reason).unwrap_or_default(), now);
            return true;
        }
        let action = close_policy::action_for(code, &self.config.close_codes);
        let reason = match (action, &self.state) {
            (CloseAction::Stop, _) => Reason::ServerRefused { code, reason },
            (_, State::Opening(_)) => Reason::Unreachable { code },
            _ => Reason::Closed { code, reason },
        };
        self.end(reason, action, now);
        true
    }

    /// An attempt could not even be begun, for want of something. It counts as failed; that of a successor is put off.
    pub fn give_up(&mut self, socket: SocketId, reason: Reason, now: Instant) -> bool {
        if let Some(successor) = self.state.successor().filter(|successor| successor.socket == socket) {
            self.leave(socket, CloseCode::Normal);
            self.put_off_succession(successor, Duration::ZERO, now);
            return true;
        }
        let is_current = self.state.socket() == Some(socket);
        if is_current {
            self.fail(reason, now);
        }
        is_current
    }
}

/// News about the machine and the page. None of it is taken for a truth about the network.
impl Connection {
    /// The browser believes that there is a network.
    pub fn handle_online(&mut self, now: Instant) {
        if self.page == Page::Running {
            self.look_again(now);
        }
    }

    /// The browser believes that there is no network. An open socket is asked at once: the belief may be wrong, but if
    /// it is right, it is known within the answer timeout.
    pub fn handle_offline(&mut self, now: Instant) {
        if let (State::Open(open), Page::Running) = (&mut self.state, self.page) {
            let verdict = open.health.doubt(now);
            self.follow(verdict, now);
        }
    }

    /// The page is shown, or runs again (`visibilitychange`, `pageshow`, `resume`).
    pub fn handle_visible(&mut self, now: Instant) {
        match self.page {
            Page::Running => self.look_again(now),
            Page::Frozen => self.thaw(now),
        }
    }

    /// The browser is about to stop running the page (`freeze`, `pagehide` into the back-forward cache). From here on
    /// nothing is given up and nothing is begun until [`handle_visible`](Self::handle_visible), commands excepted.
    pub const fn handle_frozen(&mut self) {
        self.page = Page::Frozen;
    }

    /// Time has passed. Does what is due; nothing if nothing is.
    ///
    /// If it is due for more than 5 s, the machine slept or timers are throttled: an open socket is asked anew
    /// rather than given up, and a wait ends at once.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(due) = self.poll_timeout().filter(|due| *due <= now) else { return };
        let slept = slept(due, now);
        self.credit(now);
        // First: an attempt whose time is over must not become the one under way.
        self.follow_succession(now);
        match &mut self.state {
            State::Waiting(_) => self.hasten(now),
            State::Opening(_) => self.fail(Reason::ConnectTimeout, now),
            State::Open(open) => {
                let verdict = open.health.look(due, now);
                self.follow(verdict, now);
            }
            State::Disconnected | State::Stopped { .. } => {}
        }
        if slept {
            self.hasten(now);
        }
    }
}

/// Steps.
impl Connection {
    /// The network may have changed: does not wait longer than necessary, and trusts only a socket that was heard of
    /// just now.
    fn look_again(&mut self, now: Instant) {
        match &mut self.state {
            State::Waiting(_) => self.hasten(now),
            State::Open(open) if open.health.quiet_for(now) > RECENT => {
                let verdict = open.health.doubt(now);
                self.follow(verdict, now);
            }
            State::Open(_) | State::Opening(_) | State::Disconnected | State::Stopped { .. } => {}
        }
    }

    /// The page runs again: whatever was under way gets its full time once more.
    fn thaw(&mut self, now: Instant) {
        self.page = Page::Running;
        self.credit(now);
        match &mut self.state {
            State::Waiting(_) => self.hasten(now),
            // The socket may have opened meanwhile, with the news right behind this.
            State::Opening(opening) => opening.deadline = now + at_least_a_tick(self.config.connect_timeout),
            State::Open(open) => {
                if let Succession::Opening(successor) = &mut open.succession {
                    successor.deadline = now + at_least_a_tick(self.config.connect_timeout);
                }
                let verdict = open.health.resume(now);
                self.follow(verdict, now);
            }
            State::Disconnected | State::Stopped { .. } => {}
        }
    }
}

/// A socket heard of this recently needs no probe when the page is shown.
const RECENT: Duration = Duration::from_secs(2);
