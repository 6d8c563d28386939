//! Decides what of presence and of the messages of the application waits for room in the socket: of who is here only the
//! latest, unless an earlier state tells events that a later one does not repeat; of messages as many as are bounded.

use crate::ids::ClientId;
use crate::queue::Queue;
use crate::wire::{AwarenessEntry, Message, Shown, awareness, events};

/// What waits beside the edits.
#[derive(Debug, Default)]
pub(super) struct Announcements {
    states: Vec<AwarenessEntry>,
    messages: Queue<Message>,
}

impl Announcements {
    /// Adds a message; says how many events had to be dropped for it.
    pub(super) fn push(&mut self, message: Message) -> usize {
        let Message::Awareness(states) = &message else {
            self.messages.push_back(message);
            return 0;
        };
        // What another tab sends may be anything; what cannot be read is reported where it is taken in.
        let entries = awareness::decode(states).unwrap_or_default();
        entries.into_iter().map(|entry| self.push_state(entry)).sum()
    }

    /// Whether one more message of the application can wait.
    pub(super) fn has_room_for(&self, text: &str) -> bool {
        let bytes: usize = self.messages.iter().map(len_of_text).sum();
        self.messages.is_empty() || (self.messages.len() < MAX_TEXTS && bytes + text.len() <= MAX_BYTES)
    }

    /// The next message: who is here first, all of them at once.
    pub(super) fn poll(&mut self) -> Option<Message> {
        let is_repeated = |place: usize, entry: &AwarenessEntry| {
            self.states.iter().take(place).any(|other| other.client == entry.client)
        };
        let distinct = (0..).zip(&self.states).take_while(|(place, entry)| !is_repeated(*place, entry)).count();
        if distinct == 0 {
            return self.messages.pop_front();
        }
        let entries: Vec<_> = self.states.drain(..distinct).collect();
        Some(Message::Awareness(awareness::encode(&entries)))
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds a state, in place of the last one of the same client if that is worth nothing beside it.
    fn push_state(&mut self, entry: AwarenessEntry) -> usize {
        let places = self.places_of(entry.client);
        if places.is_empty() && self.states.len() >= MAX_CLIENTS {
            return 0;
        }
        let told = |place: Option<&usize>| self.states.get(*place?).and_then(told);
        let last = places.last();
        let before = places.len().checked_sub(2).and_then(|place| places.get(place));
        let is_repeated = told(last).is_none_or(|(first, _)| {
            let first = told(before).map_or(first, |(_, end)| end.max(first));
            self::told(&entry).is_some_and(|(repeated_from, _)| repeated_from <= first)
        });
        if let Some(last) = last.filter(|_| is_repeated) {
            self.states.remove(*last);
        }
        self.states.push(entry);
        self.drop_oldest_of(&places)
    }

    /// Drops the first state of a client that had them at these places, if one more is too many.
    fn drop_oldest_of(&mut self, places: &[usize]) -> usize {
        let [oldest, next, ..] = places else { return 0 };
        let client = self.states.get(*oldest).map(|entry| entry.client);
        if client.is_none_or(|client| self.places_of(client).len() <= MAX_STATES) {
            return 0;
        }
        let repeated_from = self.states.get(*next).and_then(told).map_or(u64::MAX, |(first, _)| first);
        let dropped = told(&self.states.remove(*oldest));
        let count = dropped.map_or(0, |(first, end)| end.min(repeated_from).saturating_sub(first));
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    fn places_of(&self, client: ClientId) -> Vec<usize> {
        let places = (0..).zip(&self.states).filter(|(_, entry)| entry.client == client);
        places.map(|(place, _)| place).collect()
    }
}

/// The numbers of the events that a state tells: from the first until before the second.
fn told(entry: &AwarenessEntry) -> Option<(u64, u64)> {
    let Shown::State(state) = &entry.state else { return None };
    let told = events::split(state)?.events;
    (!told.events.is_empty()).then(|| (told.first, told.first + told.events.len() as u64))
}

fn len_of_text(message: &Message) -> usize {
    if let Message::Stateless(text) = message { text.len() } else { 0 }
}

/// How many states of one client wait at most; only events make it more than one.
const MAX_STATES: usize = 4;

/// How many clients are spoken of at most: there are fewer tabs, and their messages may be anything.
const MAX_CLIENTS: usize = 1000;

/// How many messages of the application wait at most, and how many bytes of them if they are more than one.
const MAX_TEXTS: usize = 64;
const MAX_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::events::Events;

    fn says(client: u64, clock: u64, state: &str) -> Message {
        let state = Shown::from((state != "null").then(|| state.to_owned()));
        Message::Awareness(awareness::encode(&[AwarenessEntry { client: ClientId(client), clock, state }]))
    }

    /// A state of client 1 that tells the events of these numbers.
    fn tells(clock: u64, first: u64, end: u64) -> Message {
        let told: Vec<String> = (first..end).map(|number| number.to_string()).collect();
        let told = told.iter().map(String::as_str).collect();
        says(1, clock, &events::join(Some("{}"), &Events { first, fresh: first, events: told }))
    }

    /// The clocks of the states in each message.
    fn drain(announcements: &mut Announcements) -> Vec<Vec<(u64, u64)>> {
        let clocks = |message| match message {
            Message::Awareness(states) => {
                let entries = awareness::decode(&states).unwrap();
                entries.iter().map(|entry| (entry.client.0, entry.clock)).collect()
            }
            _ => Vec::new(),
        };
        std::iter::from_fn(|| announcements.poll()).map(clocks).collect()
    }

    #[test]
    fn of_each_client_only_the_latest_state_waits_and_all_are_one_message() {
        let mut announcements = Announcements::default();
        for clock in 0..100 {
            for client in [1, 2] {
                assert_eq!(announcements.push(says(client, clock, "{\"x\":1}")), 0);
            }
        }
        announcements.push(says(2, 99, "null"));
        announcements.push(Message::Goodbye);
        assert_eq!(drain(&mut announcements), [vec![(1, 99), (2, 99)], vec![]]);
        assert_eq!(announcements.poll(), None);
    }

    #[test]
    fn a_state_is_kept_for_the_events_that_a_later_one_does_not_repeat() {
        let mut announcements = Announcements::default();
        announcements.push(tells(1, 0, 2));
        announcements.push(tells(2, 0, 3));
        announcements.push(says(1, 3, "{}"));
        announcements.push(says(1, 4, "{}"));
        assert_eq!(drain(&mut announcements), [[(1, 2)], [(1, 4)]]);
    }

    #[test]
    fn of_events_that_come_and_come_no_more_states_wait_than_it_takes_to_tell_them() {
        let mut announcements = Announcements::default();
        let dropped: usize = (0..64).map(|end: u64| announcements.push(tells(end, end.saturating_sub(16), end))).sum();
        assert_eq!(dropped, 0);
        let entries = announcements.states.iter().filter_map(told);
        let heard: Vec<u64> = entries.flat_map(|(first, end)| first..end).collect();
        assert!((0..63).all(|event| heard.contains(&event)), "{heard:?}");
        assert!(announcements.states.len() <= MAX_STATES, "{}", announcements.states.len());
    }

    #[test]
    fn events_that_are_too_many_are_dropped_from_the_oldest_on_and_counted() {
        let mut announcements = Announcements::default();
        let dropped: usize =
            (0..1000).map(|end: u64| announcements.push(tells(end, end.saturating_sub(16), end))).sum();
        let (first, end) = (announcements.states.first().and_then(told), announcements.states.last().and_then(told));
        assert_eq!((first.map(|(first, _)| first), end.map(|(_, end)| end)), (Some(dropped as u64), Some(999)));
        assert!(announcements.states.len() <= MAX_STATES);
    }

    #[test]
    fn messages_of_the_application_are_bounded_and_keep_their_order() {
        let mut announcements = Announcements::default();
        assert!(announcements.has_room_for(&"x".repeat(MAX_BYTES * 2)), "one of any size");
        for number in 0..MAX_TEXTS {
            assert!(announcements.has_room_for("text"));
            announcements.push(Message::Stateless(number.to_string()));
        }
        assert!(!announcements.has_room_for("text"));
        assert_eq!(announcements.poll(), Some(Message::Stateless("0".to_owned())));
        assert!(announcements.has_room_for("text") && !announcements.has_room_for(&"x".repeat(MAX_BYTES)));
    }

    #[test]
    fn tabs_that_speak_of_very_many_are_not_believed() {
        let mut announcements = Announcements::default();
        for client in 0..2 * MAX_CLIENTS as u64 {
            announcements.push(says(client, 1, "{}"));
        }
        assert_eq!(announcements.states.len(), MAX_CLIENTS);
        announcements.push(says(0, 2, "{}"));
        assert_eq!(announcements.states.last().map(|entry| entry.clock), Some(2), "who is known is heard");
    }

    #[test]
    fn what_is_no_presence_is_passed_over() {
        let mut announcements = Announcements::default();
        assert_eq!(announcements.push(Message::Awareness(vec![9, 9, 9])), 0);
        assert_eq!(announcements.poll(), None);
    }
}
