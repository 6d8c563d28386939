//! Decides when a socket is opened, whether it is alive, and when and whether to try again: the reconnecting socket as a
//! state machine. It knows nothing of documents and does no I/O; the session drives it.
//!
//! Driven like quinn-proto's `Connection`: call one command (`connect`, …) or hand over one piece of news (`handle_*`),
//! then take every [`Action`] from [`poll_action`](Connection::poll_action) and arm one timer for
//! [`poll_timeout`](Connection::poll_timeout). A timer that fires early does no harm, so a driver may leave an earlier
//! one armed.
//!
//! ```text
//!                connect                        opened
//! Disconnected ───────────▶ Opening ─────────────────────────▶ Open
//!      ▲                    ▲     │ timeout, closed              │ silent, closed, fail
//!      │ disconnect         │     ▼                              ▼
//!  (any state)              └─ Waiting ◀────────────── back off or, if the reason is final, Stopped
//! ```
//!
//! Rules that hold throughout:
//! - There is never more than one socket. Each attempt has a new [`SocketId`]; news about any other is dropped and the
//!   method returns `false`. A socket that is left is closed before the next is opened, but its close is not awaited.
//! - Only commands change what the application wants. No news leads out of `Disconnected` or `Stopped`.
//! - The session learns that a socket is live from [`handle_opened`](Connection::handle_opened), and that it lost it by
//!   comparing [`live_socket`](Connection::live_socket) before and after a call. There is no action for either, so
//!   there is nothing that could be taken too late.

mod action;
mod backoff;
mod close_policy;
mod health;
mod reason;
mod state;

pub use action::{Action, CloseCode, ProbeStep};
pub(crate) use backoff::{Backoff, Pace};
pub use close_policy::CloseInfo;
pub(crate) use health::{Health, Verdict};
pub use reason::Reason;
pub use state::{ConnectionStatus, Phase};

use health::{Patience, at_least_a_tick, slept};
use state::{Open, Opening, Standing, State, Waiting};

use std::collections::VecDeque;

use crate::clock::{Duration, Instant};
use crate::config::{CloseAction, ConnectionConfig};
use crate::ids::SocketId;
use crate::rng::Rng;

/// A socket to one server that is opened again whenever it is lost.
#[derive(Debug)]
pub struct Connection {
    config: ConnectionConfig,
    rng: Rng,
    state: State,
    page: Page,
    backoff: Backoff,
    patience: Patience,
    last_socket: SocketId,
    actions: VecDeque<Action>,
}

/// Whether the browser runs the page. Nothing can be concluded from silence while it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Page {
    Running,
    Frozen,
}

/// Getters.
impl Connection {
    /// A connection that is not wanted yet.
    pub const fn new(config: ConnectionConfig, rng: Rng) -> Self {
        Self {
            backoff: Backoff::new(&config),
            config,
            rng,
            state: State::Disconnected,
            page: Page::Running,
            patience: Patience::USUAL,
            last_socket: SocketId(0),
            actions: VecDeque::new(),
        }
    }

    /// What the connection is doing.
    pub fn status(&self) -> ConnectionStatus {
        ConnectionStatus {
            phase: self.state.phase(),
            attempt: self.backoff.failures(),
            retry_at: match &self.state {
                State::Waiting(waiting) => Some(waiting.until),
                State::Disconnected | State::Opening(_) | State::Open(_) | State::Stopped { .. } => None,
            },
            reason: self.state.reason().cloned(),
        }
    }

    /// The socket over which can be sent; nothing while it is still being opened.
    pub const fn live_socket(&self) -> Option<SocketId> {
        match &self.state {
            State::Open(open) => Some(open.socket),
            State::Disconnected | State::Waiting(_) | State::Opening(_) | State::Stopped { .. } => None,
        }
    }
}

/// Commands.
impl Connection {
    /// The application wants to be connected. Starts afresh if disconnected or stopped; otherwise changes nothing, and
    /// [`reconnect`](Self::reconnect) is the way to be impatient.
    pub fn connect(&mut self, now: Instant) {
        match self.state {
            State::Disconnected | State::Stopped { .. } => {
                self.patience = Patience::USUAL;
                self.reconnect(now);
            }
            State::Waiting(_) | State::Opening(_) | State::Open(_) => {}
        }
    }

    /// The application does not want to be connected any more. Closes the socket, open or not, and keeps no timer.
    pub fn disconnect(&mut self) {
        self.leave_socket(CloseCode::Normal);
        self.state = State::Disconnected;
    }

    /// Opens a new socket at once in place of whatever there is: a socket, a wait (hinted by the server or not), or
    /// nothing. Forgets the failures, but not that the link is slow. Implies [`connect`](Self::connect).
    pub fn reconnect(&mut self, now: Instant) {
        self.leave_socket(CloseCode::Normal);
        self.backoff.reset();
        self.open_socket(None, now);
    }

    /// Leaves the socket because of what came over it. Stops if the reason is final, else counts a failure and waits.
    /// Without a socket, changes nothing.
    pub fn fail(&mut self, reason: Reason, now: Instant) {
        self.leave_socket(reason.answer());
        let action = if reason.is_final() { CloseAction::Stop } else { CloseAction::Retry };
        self.end(reason, action, now);
    }
}

/// News about the socket. Each method says whether it was about the current one.
impl Connection {
    /// The socket is open.
    pub fn handle_opened(&mut self, socket: SocketId, now: Instant) -> bool {
        match &self.state {
            State::Opening(opening) if opening.socket == socket => {
                let answer = self.patience.window(self.config.answer_timeout);
                self.state = State::Open(Open {
                    socket,
                    began: opening.began,
                    health: Health::new(self.config.quiet_timeout, answer, now),
                    standing: Standing::Unproven,
                });
                true
            }
            _ => false,
        }
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
            if open.standing == Standing::Unproven {
                open.standing = Standing::Synced { useful_at: now + at_least_a_tick(self.config.useful_after) };
            }
        }
    }

    /// The socket was closed, by the server or by the network, before or after it opened. A socket that could not even
    /// be created is reported like this as well, with code 1006.
    pub fn handle_closed(&mut self, socket: SocketId, close: CloseInfo, now: Instant) -> bool {
        if self.state.socket() != Some(socket) {
            return false;
        }
        // Probes that were not sent yet.
        self.actions.retain(|action| action.socket() != socket);
        let CloseInfo { code, reason } = close;
        let action = close_policy::action_for(code, &self.config.close_codes);
        let reason = match (action, &self.state) {
            (CloseAction::Stop, _) => Reason::ServerRefused { code, reason },
            (_, State::Opening(_)) => Reason::Unreachable { code },
            _ => Reason::Closed { code, reason },
        };
        self.end(reason, action, now);
        true
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

/// What to do next.
impl Connection {
    /// The next action. All of them are to be taken after every call that changes the connection.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.page {
            Page::Running => self.state.deadline(),
            Page::Frozen => None,
        }
    }
}

/// Steps.
impl Connection {
    fn open_socket(&mut self, reason: Option<Reason>, now: Instant) {
        let socket = SocketId(self.last_socket.0.wrapping_add(1));
        self.last_socket = socket;
        let deadline = now + at_least_a_tick(self.config.connect_timeout);
        self.state = State::Opening(Opening { socket, began: now, deadline, reason });
        self.actions.push_back(Action::Open(socket));
    }

    /// Has the socket closed, if there is one. What was asked for it and not taken yet is withdrawn; if that includes
    /// its opening, there is nothing to close.
    fn leave_socket(&mut self, code: CloseCode) {
        let Some(socket) = self.state.socket() else { return };
        let opened = !self.actions.contains(&Action::Open(socket));
        self.actions.retain(|action| action.socket() != socket);
        if opened {
            self.actions.push_back(Action::Close(socket, code));
        }
    }

    /// Goes on from a socket that is closed or left: stops, or waits for the next attempt.
    fn end(&mut self, reason: Reason, action: CloseAction, now: Instant) {
        let Some(began) = self.state.began() else { return };
        self.credit(now);
        let reason = reason.shortened();
        let hint = match &reason {
            Reason::Closed { reason, .. } => close_policy::hinted_delay(reason),
            _ => None,
        };
        let pace = match (action, hint) {
            (CloseAction::Stop, _) => {
                self.state = State::Stopped { reason };
                return;
            }
            (_, Some(hint)) => Pace::Hinted(hint),
            (CloseAction::Later, None) => Pace::Later,
            (CloseAction::Retry, None) => Pace::Usual,
        };
        let wait = self.backoff.fail(pace, &mut self.rng);
        self.state = State::Waiting(Waiting {
            until: now + at_least_a_tick(wait.delay),
            earliest: (began + MIN_GAP).max(now + wait.floor),
            reason,
        });
    }

    /// Forgets earlier failures if the socket stayed useful until now.
    fn credit(&mut self, now: Instant) {
        if let State::Open(Open { standing, .. }) = &mut self.state
            && let Standing::Synced { useful_at } = *standing
            && useful_at <= now
        {
            *standing = Standing::Useful;
            self.backoff.reset();
        }
    }

    /// Does what the state of health of the open socket calls for.
    fn follow(&mut self, verdict: Verdict, now: Instant) {
        let State::Open(open) = &self.state else { return };
        match verdict {
            Verdict::Fine => {}
            Verdict::Ask(step) => self.actions.push_back(Action::Probe(open.socket, step)),
            Verdict::Silent => {
                if open.standing == Standing::Unproven {
                    self.patience = self.patience.doubled();
                }
                self.fail(Reason::Silent, now);
            }
        }
    }

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
                let verdict = open.health.resume(now);
                self.follow(verdict, now);
            }
            State::Disconnected | State::Stopped { .. } => {}
        }
    }

    /// Brings a waiting attempt forward as far as is allowed.
    fn hasten(&mut self, now: Instant) {
        let State::Waiting(waiting) = &mut self.state else { return };
        waiting.until = waiting.until.min(waiting.earliest.max(now));
        if waiting.until <= now {
            let reason = waiting.reason.clone();
            self.open_socket(Some(reason), now);
        }
    }
}

/// Signs of a better network begin an attempt no sooner than this after the previous one began: networks that flap send
/// them in bursts.
const MIN_GAP: Duration = Duration::from_secs(1);

/// A socket heard of this recently needs no probe when the page is shown.
const RECENT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
