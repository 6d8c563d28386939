//! Decides how long events of the application travel with our presence, and which events of others are news.
//!
//! Of a presence state the latest wins, wherever it passes: what was announced a moment ago may never be seen. So an event
//! stays in our state for a while, numbered, and whoever has heard it passes over it. What a sender told before we came is
//! not for us. [`super::Presence`] owns this and decides when is announced.

use crate::clock::{Duration, Instant};
use crate::ids::ClientId;
use crate::queue::Queue;
use crate::sorted::SortedMap;
use crate::wire::events::{self, Events};

/// How long an event is repeated by whatever else is announced.
const KEPT: Duration = Duration::from_secs(2);

/// How long an event may be on its way, beyond that.
const ON_THE_WAY: Duration = Duration::from_secs(2);

/// How long an event is fresh to somebody who has just come: who is here must hear it also where the announcement that told it
/// is lost, or overtaken by the next one, as behind functions that run at the same time.
const FRESH: Duration = Duration::from_millis(500);

/// How many events are repeated at most, and how many bytes of them: older ones are not, however young they are.
const MAX_EVENTS: usize = 16;
const MAX_BYTES: usize = 16 << 10;

/// How many events wait at most to be told while the socket has no room, and how many bytes of them. Nobody reads more than
/// 64 in one state.
const MAX_UNTOLD: u64 = 64;
const MAX_UNTOLD_BYTES: usize = 64 << 10;

/// Of how many senders it is known what was heard of them.
const MAX_SENDERS: usize = 10_000;

/// An event that somebody else has told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broadcast {
    /// Who told it.
    pub from: ClientId,
    /// What was told, as JSON.
    pub event: String,
}

/// Whether what is heard happens at this moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hearing {
    /// Yes.
    Live,
    /// Yes, or somebody passes on to a newcomer what others told before.
    Retold,
    /// It may be what is told to everybody who comes.
    Past,
}

/// The events of one document.
#[derive(Debug, Default)]
pub struct Broadcasts {
    own: Queue<Own>,
    /// The number of our next event.
    next: u64,
    /// The number of the first event that was not announced yet.
    untold: u64,
    /// By sender, the number of the next event that is news.
    heard: SortedMap<ClientId, u64>,
    /// When we came to where others are.
    came: Option<Instant>,
    received: Queue<Broadcast>,
}

#[derive(Debug)]
struct Own {
    event: String,
    /// When it was told; before that, when it was made.
    at: Instant,
}

/// Whether an event can be told: it is JSON that others are able to read, and at most 16 KiB long.
pub fn is_fit(event: &str) -> bool {
    event.len() <= MAX_BYTES && events::fits(event)
}

/// Our events.
impl Broadcasts {
    /// Whether one more event can wait to be announced.
    pub fn has_room_for(&self, event: &str) -> bool {
        let untold = self.next - self.untold;
        let waiting = self.own.iter().rev().zip(0..untold).map(|(own, _)| own.event.len());
        untold < MAX_UNTOLD && waiting.sum::<usize>() + event.len() <= MAX_UNTOLD_BYTES
    }

    /// Adds an event, to be announced.
    pub fn push(&mut self, event: String, now: Instant) {
        self.own.push_back(Own { event, at: now });
        self.next += 1;
    }

    /// Whether our state holds no event.
    pub const fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// The state to be announced where we show `shown`: the events are told by that, and repeated for a while from here on.
    pub fn announce(&mut self, shown: Option<&str>, now: Instant) -> Option<String> {
        self.trim(now);
        let untold = usize::try_from(self.next - self.untold).unwrap_or(usize::MAX);
        let told = self.own.len().saturating_sub(untold);
        self.own.iter_mut().skip(told).for_each(|own| own.at = now);
        self.untold = self.next;
        self.preview(shown, now)
    }

    /// The same for some of the others only: the events are still to be told to the rest.
    pub fn preview(&self, shown: Option<&str>, now: Instant) -> Option<String> {
        if self.own.is_empty() {
            return shown.map(str::to_owned);
        }
        let first = self.first();
        let (mut fresh, mut events) = (first, Vec::new());
        for own in self.own.iter() {
            fresh += u64::from(own.at + FRESH <= now);
            events.push(own.event.as_str());
        }
        Some(events::join(shown, &Events { first, fresh, events }))
    }

    /// Notes that the connection is lost: what waited is told over the next one if that comes soon.
    pub const fn handle_lost(&mut self) {
        self.untold = self.next;
    }

    /// Forgets what was repeated for long enough; says whether the state that the others see has to be another one.
    ///
    /// An event is not taken away by itself while newer ones are told: that would double the announcements.
    pub fn expire(&mut self, now: Instant) -> bool {
        let is_over = self.timeout().is_some_and(|at| at <= now);
        if is_over {
            self.clear();
        }
        is_over
    }

    /// When [`Broadcasts::expire`] is due.
    pub fn timeout(&self) -> Option<Instant> {
        self.own.iter().next_back().filter(|_| self.untold == self.next).map(|last| last.at + KEPT)
    }

    /// Forgets all of our events.
    pub fn clear(&mut self) {
        self.own.clear();
        self.untold = self.next;
    }

    fn first(&self) -> u64 {
        self.next.saturating_sub(self.own.len() as u64)
    }

    /// Drops of what was told what is too old to be repeated, and the oldest where there is too much.
    fn trim(&mut self, now: Instant) {
        let bytes = |own: &Queue<Own>| own.iter().map(|own| own.event.len()).sum::<usize>();
        let is_old = |own: &Queue<Own>| own.iter().next().is_some_and(|own| own.at + KEPT <= now);
        while self.first() < self.untold
            && (is_old(&self.own) || self.own.len() > MAX_EVENTS || bytes(&self.own) > MAX_BYTES)
        {
            self.own.pop_front();
        }
    }
}

/// The events of others.
impl Broadcasts {
    /// Notes that we came to where others are.
    pub const fn handle_came(&mut self, now: Instant) {
        self.came = Some(now);
    }

    /// Notes a state of `sender` without events: whatever it tells next is told after that.
    pub fn hear_nothing(&mut self, sender: ClientId) {
        if !self.heard.contains_key(&sender) {
            self.remember(sender, 0);
        }
    }

    /// Takes in the events in a state of `sender`.
    pub fn hear(&mut self, sender: ClientId, told: &Events<'_>, hearing: Hearing, now: Instant) {
        let end = told.first + told.events.len() as u64;
        let heard = self.heard.get(&sender).copied();
        let news = match (hearing, heard) {
            (Hearing::Past, _) => end,
            (_, Some(next)) => next,
            (Hearing::Live, None) if self.is_newcomer(now) => told.fresh,
            (Hearing::Retold, None) if self.is_newcomer(now) => end,
            (_, None) => told.first,
        };
        for (number, event) in (told.first..).zip(&told.events) {
            if number >= news {
                self.received.push_back(Broadcast { from: sender, event: (*event).to_owned() });
            }
        }
        self.remember(sender, end.max(heard.unwrap_or_default()));
    }

    /// The next event for the application.
    pub fn poll(&mut self) -> Option<Broadcast> {
        self.received.pop_front()
    }

    fn remember(&mut self, sender: ClientId, next: u64) {
        let any = self.heard.iter().next().map(|(id, _)| *id);
        if let Some(any) = any.filter(|_| self.heard.len() >= MAX_SENDERS) {
            self.heard.remove(&any);
        }
        self.heard.insert(sender, next);
    }

    /// Whether we came so lately that an event may be repeated which was told before.
    fn is_newcomer(&self, now: Instant) -> bool {
        self.came.is_none_or(|came| now < came + KEPT + ON_THE_WAY)
    }
}

#[cfg(test)]
mod tests;
