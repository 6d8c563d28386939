//! Decides when a socket that works is replaced, and how: its successor is opened while it goes on working, and takes
//! its place in the moment it is open. So a server that ends connections at a set age is never met with a gap, a
//! failure or a wait; and over a relay, where a lone socket cannot be asked, a doubt is settled without a verdict.
//!
//! A successor that fails costs nothing but another try a little later. If the old socket is lost first, the successor
//! is the attempt that is under way.

use super::action::{Action, CloseCode};
use super::health::at_least_a_tick;
use super::state::{Open, State};
use super::{Connection, MIN_GAP};
use crate::clock::{Duration, Instant};
use crate::ids::SocketId;

/// What is planned for an open socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Succession {
    /// It works alone.
    Planned {
        /// When its successor is opened, if it has to have one.
        at: Option<Instant>,
        /// The soonest that a doubt may bring that forward to.
        earliest: Instant,
    },
    /// Its successor is being opened.
    Opening(Successor),
}

/// A socket that takes the place of the open one as soon as it is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Successor {
    pub(super) socket: SocketId,
    pub(super) began: Instant,
    pub(super) deadline: Instant,
}

impl Succession {
    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Planned { at, .. } => *at,
            Self::Opening(successor) => Some(successor.deadline),
        }
    }
}

impl Connection {
    /// The plan for a socket that is open since `now`: its successor is opened at eleven twelfths of the age at which
    /// the server ends it and up to a fifteenth later, at 1 h 50 to 1 h 58 of two hours. The sockets of clients that
    /// were cut off together do not stay together by that.
    pub(super) fn plan_succession(&mut self, now: Instant) -> Succession {
        let age = self.lifetime().map(|lifetime| lifetime / 12 * 11 + self.rng.up_to(lifetime / 15));
        Succession::Planned { at: age.map(|age| now + at_least_a_tick(age)), earliest: now + DOUBT_GAP }
    }

    /// Opens the successor, or gives it up, when it is time.
    pub(super) fn follow_succession(&mut self, now: Instant) {
        let State::Open(open) = &self.state else { return };
        match open.succession {
            Succession::Planned { at: Some(at), .. } if at <= now => self.open_successor(now),
            Succession::Opening(successor) if successor.deadline <= now => {
                self.leave(successor.socket, CloseCode::Normal);
                self.put_off_succession(successor, Duration::ZERO, now);
            }
            Succession::Planned { .. } | Succession::Opening(_) => {}
        }
    }

    /// Opens the successor as soon as may be.
    pub(super) fn hasten_succession(&mut self, now: Instant) {
        let State::Open(Open { succession: Succession::Planned { at, earliest }, .. }) = &mut self.state else {
            return;
        };
        let soonest = now.max(*earliest);
        *at = Some(at.map_or(soonest, |at| at.min(soonest)));
        self.follow_succession(now);
    }

    /// Plans another try, no sooner than after `hint`: the successor did not open, and the old socket still works.
    pub(super) fn put_off_succession(&mut self, failed: Successor, hint: Duration, now: Instant) {
        let pause = self.lifetime().map_or(DOUBT_GAP, |lifetime| (lifetime / 240).max(MIN_GAP));
        let delay = pause + self.rng.up_to(pause);
        if let State::Open(open) = &mut self.state {
            let earliest = (failed.began + MIN_GAP).max(now + hint);
            open.succession = Succession::Planned { at: Some(now + delay.max(hint)), earliest };
        }
    }

    fn open_successor(&mut self, now: Instant) {
        let socket = self.next_socket();
        let deadline = now + at_least_a_tick(self.config.connect_timeout);
        if let State::Open(open) = &mut self.state {
            open.succession = Succession::Opening(Successor { socket, began: now, deadline });
            self.actions.push_back(Action::Open(socket));
        }
    }

    fn lifetime(&self) -> Option<Duration> {
        self.config.lifetime.or(self.habits.lifetime)
    }
}

/// Doubts lead to a successor no sooner than this after the socket opened: people switch between tabs more often.
const DOUBT_GAP: Duration = Duration::from_secs(10);
