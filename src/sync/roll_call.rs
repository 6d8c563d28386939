//! Decides how somebody who has just come hears of those who are here, where the server does not tell.
//!
//! Some servers pass presence on and keep none of it (pycrdt-websocket): who comes would see the others only when they
//! renew their state, up to 15 s later. So the newcomer says of somebody who never was here that they left. To Yjs that
//! is nothing; who speaks as we do takes it for the question who is here.

use crate::clock::{Duration, Instant, earliest};
use crate::ids::ClientId;
use crate::rng::Rng;
use crate::wire::{AwarenessEntry, Shown};

/// How long the server may take after it answered to say who is here.
const GRACE: Duration = Duration::from_millis(500);

/// How long a reply waits at most, so that a crowd does not reply at once.
const HESITATION: Duration = Duration::from_millis(500);

/// The least time between two replies.
const BETWEEN_REPLIES: Duration = Duration::from_secs(2);

/// When to ask who is here, and when to reply.
#[derive(Debug)]
pub(super) struct RollCall {
    rng: Rng,
    call: Call,
    /// Somebody who never was here, and how often they were said to have left.
    stranger: ClientId,
    clock: u64,
    reply: Option<Instant>,
    replied: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    /// It may be unnecessary: the server has not answered yet.
    Early,
    /// It is made at this time, unless somebody was heard by then.
    At(Instant),
    /// It was made, or was unnecessary.
    Over,
}

impl RollCall {
    pub(super) fn new(mut rng: Rng) -> Self {
        let stranger = ClientId(rng.next_u64() >> 32);
        Self { rng, call: Call::Early, stranger, clock: 0, reply: None, replied: None }
    }

    /// Notes that the connection is lost.
    pub(super) const fn handle_lost(&mut self) {
        self.call = Call::Early;
        self.reply = None;
    }

    /// Notes that the server has answered.
    pub(super) fn handle_synced(&mut self, now: Instant) {
        if self.call == Call::Early {
            self.call = Call::At(now + GRACE);
        }
    }

    /// Notes that somebody asks who is here.
    pub(super) fn handle_call(&mut self, now: Instant) {
        if self.reply.is_none() {
            let hesitated = now + self.rng.up_to(HESITATION);
            self.reply = Some(self.replied.map_or(hesitated, |replied| hesitated.max(replied + BETWEEN_REPLIES)));
        }
    }

    /// Whether the time for the call has come.
    pub(super) fn is_call_due(&mut self, now: Instant) -> bool {
        let is_due = matches!(self.call, Call::At(at) if at <= now);
        if is_due {
            self.call = Call::Over;
        }
        is_due
    }

    /// The call: that a stranger left.
    pub(super) const fn call(&mut self) -> AwarenessEntry {
        self.clock += 1;
        AwarenessEntry { client: self.stranger, clock: self.clock, state: Shown::Gone }
    }

    /// Whether the time for the reply has come.
    pub(super) fn is_reply_due(&mut self, now: Instant) -> bool {
        let is_due = self.reply.take_if(|at| *at <= now).is_some();
        if is_due {
            self.replied = Some(now);
        }
        is_due
    }

    /// When one of both has come.
    pub(super) fn timeout(&self) -> Option<Instant> {
        let call = match self.call {
            Call::At(at) => Some(at),
            Call::Early | Call::Over => None,
        };
        earliest(&[call, self.reply])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn the_call_is_made_once_a_connection_and_after_a_grace() {
        let mut roll_call = RollCall::new(Rng::new(1));
        assert!(!roll_call.is_call_due(at(9_000)), "the server has not answered");
        (0..3).for_each(|_| roll_call.handle_synced(at(10_000)));
        assert!(!roll_call.is_call_due(at(10_499)));
        assert!(roll_call.is_call_due(at(10_500)));
        roll_call.handle_synced(at(20_000));
        assert_eq!((roll_call.is_call_due(at(30_000)), roll_call.timeout()), (false, None));
        roll_call.handle_lost();
        roll_call.handle_synced(at(40_000));
        assert!(roll_call.is_call_due(at(40_500)));
    }

    #[test]
    fn every_call_is_news_of_the_same_stranger() {
        let mut roll_call = RollCall::new(Rng::new(1));
        let (first, second) = (roll_call.call(), roll_call.call());
        assert_eq!((first.client, first.state), (second.client, Shown::Gone));
        assert!(second.clock > first.clock && first.clock > 0);
    }

    #[test]
    fn a_crowd_of_newcomers_is_replied_to_every_two_seconds_and_none_is_left_out() {
        let mut roll_call = RollCall::new(Rng::new(1));
        let mut replies = Vec::new();
        for now in (0..5_000).step_by(10) {
            roll_call.handle_call(at(now));
            if roll_call.is_reply_due(at(now)) {
                replies.push(now);
            }
        }
        assert_eq!(replies.len(), 3);
        assert!(replies.first().is_some_and(|first| *first <= 500));
        assert!(replies.windows(2).all(|pair| pair[1] - pair[0] >= 2_000));
        assert!(roll_call.timeout().is_some(), "the last newcomer waits for a reply");
    }
}
