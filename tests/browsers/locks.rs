//! Decides who holds the lock of a document in a simulated browser.

use crate::world::Seat;
use std::collections::VecDeque;

/// The lock of one document.
#[derive(Default)]
pub struct Locks {
    holder: Option<Request>,
    queue: VecDeque<Request>,
}

/// A request for the lock. A tab that makes another one has given up those before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    pub seat: Seat,
    pub number: u32,
}

impl Locks {
    pub const fn holder(&self) -> Option<Request> {
        self.holder
    }

    /// Waits for the lock; returns who gets it by that.
    pub fn queue(&mut self, request: Request) -> Option<Request> {
        self.queue.push_back(request);
        self.give_up(|other| other.seat == request.seat && other.number != request.number)
    }

    /// Takes the lock; returns who has lost it.
    pub fn steal(&mut self, request: Request) -> Option<Request> {
        self.queue.retain(|other| other.seat != request.seat);
        self.holder.replace(request).filter(|other| other.seat != request.seat)
    }

    /// Gives up requests; returns who gets the lock by that.
    pub fn give_up(&mut self, is_given_up: impl Fn(&Request) -> bool) -> Option<Request> {
        self.queue.retain(|request| !is_given_up(request));
        self.holder.take_if(|holder| is_given_up(holder));
        if self.holder.is_none() {
            self.holder = self.queue.pop_front();
            return self.holder;
        }
        None
    }
}
