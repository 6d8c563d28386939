//! Decides how the tabs of a simulated browser share a lock and a channel.

use super::{Coming, Seat, TabInput, World};
use crate::locks::Request;
use crate::tab::Tab;
use syncline::clock::{Duration, Instant};
use syncline::tabs::{TabNews, TabOp};

/// What a tab has broadcast.
#[derive(Clone)]
pub(super) struct Letter {
    from: Seat,
    at: Instant,
    pub(super) bytes: Vec<u8>,
}

impl Coming {
    /// Whether it is a letter of one of these tabs that nobody has got yet.
    pub(super) fn was_said_by(&self, seats: &[Seat], now: Instant) -> bool {
        match self {
            Self::ForTab(_, TabInput::Letter(_, letter)) => seats.contains(&letter.from) && letter.at == now,
            _ => false,
        }
    }
}

impl World {
    pub(super) fn perform(&mut self, seat: Seat, op: TabOp) {
        match op {
            TabOp::Join => {
                let tab = self.tab(seat);
                if !std::mem::replace(&mut tab.is_joined, true) {
                    tab.joined += 1;
                }
                let request = Self::next_request(tab, seat);
                let granted = self.browsers[seat.browser].locks.queue(request);
                self.tell_lock(granted, TabNews::Granted);
            }
            TabOp::Steal => {
                let request = Self::next_request(self.tab(seat), seat);
                let robbed = self.browsers[seat.browser].locks.steal(request);
                if let Some(tab) = robbed.and_then(|robbed| self.find(robbed.seat)) {
                    tab.is_deposed = true;
                }
                self.tell_lock(robbed, TabNews::Lost);
                self.tell_lock(Some(request), TabNews::Granted);
            }
            TabOp::Leave => {
                let tab = self.tab(seat);
                (tab.is_joined, tab.is_deposed) = (false, false);
                tab.request += 1;
                self.release(seat);
            }
            TabOp::Broadcast(letter) => self.broadcast(seat, letter),
        }
    }

    fn next_request(tab: &mut Tab, seat: Seat) -> Request {
        tab.request += 1;
        Request { seat, number: tab.request }
    }

    pub(super) fn tell_lock(&mut self, request: Option<Request>, news: TabNews) {
        let Some(Request { seat, number }) = request else { return };
        let at = self.now + self.rng.up_to(Duration::from_millis(3));
        self.come(at, Coming::ForTab(seat, TabInput::Lock(number, news)));
    }

    fn broadcast(&mut self, from: Seat, bytes: Vec<u8>) {
        let letter = Letter { from, at: self.now, bytes };
        let delay = self.rng.up_to(Duration::from_millis(4));
        let browser = &mut self.browsers[from.browser];
        browser.last_letter = browser.last_letter.max(self.now + Duration::from_millis(1) + delay);
        let at = browser.last_letter;
        let others = browser.tabs.iter().flatten().filter(|(seat, tab)| *seat != from && tab.is_joined);
        let heard: Vec<_> = others.map(|(seat, tab)| (*seat, tab.joined)).collect();
        for (seat, joined) in heard {
            self.come(at, Coming::ForTab(seat, TabInput::Letter(joined, letter.clone())));
        }
    }

    /// Gives up what a tab wants of the lock.
    pub(super) fn release(&mut self, seat: Seat) {
        let granted = self.browsers[seat.browser].locks.give_up(|request| request.seat == seat);
        self.tell_lock(granted, TabNews::Granted);
    }
}
