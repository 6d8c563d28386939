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
//! - One socket is relied on. Each attempt has a new [`SocketId`]; news about a socket that was left is dropped and the
//!   method returns `false`. A socket that is left is closed before the next is opened, but its close is not awaited.
//! - Only a socket that works has a second one beside it: its successor, which takes its place in the moment it is open.
//! - Only commands change what the application wants. No news leads out of `Disconnected` or `Stopped`.
//! - The session learns that a socket is live from [`handle_opened`](Connection::handle_opened), and that it lost it by
//!   comparing [`live_socket`](Connection::live_socket) before and after a call. There is no action for either, so
//!   there is nothing that could be taken too late.

mod action;
mod backoff;
mod close_policy;
mod habits;
mod health;
mod news;
mod reason;
mod state;
mod succession;

pub use action::{Action, CloseCode, ProbeStep};
pub(crate) use backoff::{Backoff, Pace};
pub use close_policy::{CloseInfo, Suspicion};
pub use habits::{Company, Greeting, Habits, Liveness, Questions};
pub(crate) use health::{Health, Verdict};
pub use reason::Reason;
pub use state::{ConnectionStatus, Phase};

use health::{Patience, at_least_a_tick};
use state::{Open, Opening, Standing, State, Waiting};
use succession::Successor;

use crate::queue::Queue;

use crate::clock::{Duration, Instant};
use crate::config::{CloseAction, ConnectionConfig};
use crate::ids::SocketId;
use crate::rng::Rng;

/// A socket to one server that is opened again whenever it is lost.
#[derive(Debug)]
pub struct Connection {
    config: ConnectionConfig,
    habits: Habits,
    rng: Rng,
    state: State,
    page: Page,
    backoff: Backoff,
    patience: Patience,
    last_socket: SocketId,
    actions: Queue<Action>,
}

/// Whether the browser runs the page. Nothing can be concluded from silence while it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Page {
    Running,
    Frozen,
}

/// Getters.
impl Connection {
    /// A connection that is not wanted yet, to a server with these habits.
    pub const fn new(config: ConnectionConfig, habits: Habits, rng: Rng) -> Self {
        Self {
            backoff: Backoff::new(&config),
            config,
            habits,
            rng,
            state: State::Disconnected,
            page: Page::Running,
            patience: Patience::USUAL,
            last_socket: SocketId(0),
            actions: Queue::new(),
        }
    }

    /// What the connection is doing.
    pub fn status(&self) -> ConnectionStatus {
        ConnectionStatus {
            phase: self.phase(),
            attempt: self.backoff.failures(),
            retry_at: match &self.state {
                State::Waiting(waiting) => Some(waiting.until),
                State::Disconnected | State::Opening(_) | State::Open(_) | State::Stopped { .. } => None,
            },
            reason: self.state.reason().cloned(),
        }
    }

    /// What it is doing, without the rest of [`Self::status`].
    pub const fn phase(&self) -> Phase {
        self.state.phase()
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
        self.leave_all();
        self.state = State::Disconnected;
    }

    /// Opens a new socket at once in place of whatever there is: a socket, a wait (hinted by the server or not), or
    /// nothing. Forgets the failures, but not that the link is slow. Implies [`connect`](Self::connect).
    pub fn reconnect(&mut self, now: Instant) {
        self.leave_all();
        self.backoff.reset();
        self.open_socket(None, now);
    }

    /// Tries again by itself after a refusal, once what was refused may be another: waits as after any failure, and
    /// keeps the reason. Changes nothing unless stopped.
    pub fn try_again(&mut self, now: Instant) {
        if let State::Stopped { reason } = &self.state {
            let reason = reason.clone();
            self.wait(reason, Pace::Usual, now, now);
        }
    }

    /// Leaves the socket because of what came over it. Stops if the reason is final, else goes on with the successor if
    /// one is being opened, else counts a failure and waits. Without a socket, changes nothing.
    pub fn fail(&mut self, reason: Reason, now: Instant) {
        let Some(socket) = self.state.socket() else { return };
        self.leave(socket, reason.answer());
        let action = if reason.is_final() { CloseAction::Stop } else { CloseAction::Retry };
        self.end(reason, action, now);
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
    fn next_socket(&mut self) -> SocketId {
        self.last_socket = SocketId(self.last_socket.0.wrapping_add(1));
        self.last_socket
    }

    fn open_socket(&mut self, reason: Option<Reason>, now: Instant) {
        let socket = self.next_socket();
        let deadline = now + at_least_a_tick(self.config.connect_timeout);
        self.state = State::Opening(Opening { socket, began: now, deadline, reason });
        self.actions.push_back(Action::Open(socket));
    }

    /// Has every socket closed that there is.
    fn leave_all(&mut self) {
        let successor = self.state.successor().map(|successor| successor.socket);
        for socket in self.state.socket().into_iter().chain(successor) {
            self.leave(socket, CloseCode::Normal);
        }
    }

    /// Has a socket closed. What was asked for it and not taken yet is withdrawn; if that includes its opening, there is
    /// nothing to close.
    fn leave(&mut self, socket: SocketId, code: CloseCode) {
        let opened = !self.actions.iter().any(|action| *action == Action::Open(socket));
        self.actions.retain(|action| action.socket() != socket);
        if opened {
            self.actions.push_back(Action::Close(socket, code));
        }
    }

    /// Goes on from the socket relied on, which is closed or left: stops, waits for the next attempt, or goes on with the
    /// successor, unless the server wants us to stay away for a while.
    fn end(&mut self, reason: Reason, action: CloseAction, now: Instant) {
        let Some(began) = self.state.began() else { return };
        self.credit(now);
        let reason = reason.shortened();
        let hint = match &reason {
            Reason::Closed { reason, .. } => close_policy::hinted_delay(reason),
            _ => None,
        };
        let successor = self.state.successor();
        if let (CloseAction::Retry, None, Some(Successor { socket, began, deadline })) = (action, hint, successor) {
            self.state = State::Opening(Opening { socket, began, deadline, reason: Some(reason) });
            return;
        }
        if let Some(successor) = successor {
            self.leave(successor.socket, CloseCode::Normal);
        }
        match (action, hint) {
            (CloseAction::Stop, _) => self.state = State::Stopped { reason },
            (_, Some(hint)) => self.wait(reason, Pace::Hinted(hint), began, now),
            (CloseAction::Later, None) => self.wait(reason, Pace::Later, began, now),
            (CloseAction::Retry, None) => self.wait(reason, Pace::Usual, began, now),
        }
    }

    /// Counts a failure of the attempt that began at `began`, and waits for the next.
    fn wait(&mut self, reason: Reason, pace: Pace, began: Instant, now: Instant) {
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
            Verdict::Replace => self.hasten_succession(now),
            Verdict::Silent => {
                if open.standing == Standing::Unproven {
                    self.patience = self.patience.doubled();
                }
                self.fail(Reason::Silent, now);
            }
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

#[cfg(test)]
mod tests;
