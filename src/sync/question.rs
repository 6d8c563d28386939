//! Decides how a question to peers behind a relay looks: a state vector that tells more than a state vector does.
//!
//! A relay hands a SyncStep1 to everybody, possibly also to whoever sent it. So ours carries one entry more, of a client
//! that exists nowhere, at clock 0: Yjs passes over it, and we read from it that it is ours, and what it is about.

use crate::ids::{ClientId, Clock};
use crate::wire::Writer;

/// What peers are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Everything that is lacking here, and the last element of every client that is here: who does not show it lacks
    /// it. For Yjs' clients, which ask only once, when they come.
    Ends,
    /// What is lacking here. It is known that something is.
    Lack,
    /// What is lacking here, if anything is, and proof of what is unsynced.
    Round,
}

/// Who asks, as far as that can be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    /// A client like ours, with a number that it has drawn for itself.
    Marked(Mark, Purpose),
    /// Any other.
    Unmarked,
}

/// A number that tells the questions of one connection from those of all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark(pub u32);

/// A state vector that somebody has sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Who asks.
    pub asker: Asker,
    /// From which clock of each client on an answer is wanted.
    pub from: Vec<(ClientId, Clock)>,
    /// Up to which clock the asker has shown to hold each client: at least.
    pub held: Vec<(ClientId, Clock)>,
}

/// Ids with these bits above the lowest 34 are marks. Those of Yjs have 32 bits, and no replica of 53 bits has clock 0.
const MARK: u64 = 0x5_39C1;
const MARK_SHIFT: u32 = 34;
const PURPOSE_SHIFT: u32 = 32;

impl Question {
    /// Reads a state vector.
    pub fn read(entries: Vec<(ClientId, Clock)>) -> Self {
        let asker = entries.iter().find_map(|entry| read_mark(*entry)).unwrap_or(Asker::Unmarked);
        let from: Vec<_> = entries.into_iter().filter(|entry| read_mark(*entry).is_none()).collect();
        let more = match asker {
            Asker::Marked(_, Purpose::Ends) => 1,
            Asker::Marked(_, Purpose::Lack | Purpose::Round) | Asker::Unmarked => 0,
        };
        let held = from.iter().map(|(client, clock)| (*client, clock.saturating_add(more))).collect();
        Self { asker, from, held }
    }
}

/// From which clocks on somebody asks who holds `held`, of which nothing from the first of `doubted` on is to be taken
/// for granted.
pub fn from(
    purpose: Purpose,
    held: impl Iterator<Item = (ClientId, Clock)>,
    doubted: impl Fn(ClientId) -> Option<Clock>,
) -> Vec<(ClientId, Clock)> {
    let less = match purpose {
        Purpose::Ends => 1,
        Purpose::Lack | Purpose::Round => 0,
    };
    let shown = held.map(|(client, clock)| {
        let sure = clock.saturating_sub(less);
        (client, doubted(client).map_or(sure, |doubted| sure.min(doubted)))
    });
    shown.collect()
}

/// Writes a question from these clocks on.
pub fn write(mark: Mark, purpose: Purpose, from: Vec<(ClientId, Clock)>) -> Vec<u8> {
    let mut entries = from;
    entries.push((mark_id(mark, purpose), 0));
    write_vector(&entries)
}

/// Writes a state vector.
pub fn write_vector(entries: &[(ClientId, Clock)]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.var_uint(entries.len() as u64);
    for (client, clock) in entries {
        writer.var_uint(client.0);
        writer.var_uint((*clock).into());
    }
    writer.into_vec()
}

fn mark_id(Mark(number): Mark, purpose: Purpose) -> ClientId {
    let purpose = match purpose {
        Purpose::Ends => 0,
        Purpose::Lack => 1,
        Purpose::Round => 2,
    };
    ClientId(MARK << MARK_SHIFT | purpose << PURPOSE_SHIFT | u64::from(number))
}

fn read_mark((ClientId(id), clock): (ClientId, Clock)) -> Option<Asker> {
    let purpose = match (id >> PURPOSE_SHIFT) & 3 {
        0 => Purpose::Ends,
        1 => Purpose::Lack,
        2 => Purpose::Round,
        _ => return None,
    };
    let number = u32::try_from(id & u64::from(u32::MAX)).ok()?;
    (clock == 0 && id >> MARK_SHIFT == MARK).then_some(Asker::Marked(Mark(number), purpose))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::decode_state_vector;

    const ADA: ClientId = ClientId(7);
    const BOB: ClientId = ClientId(9);

    fn asked(purpose: Purpose, doubted: impl Fn(ClientId) -> Option<Clock>) -> Question {
        let bytes = write(Mark(u32::MAX), purpose, from(purpose, [(ADA, 5), (BOB, 1)].into_iter(), doubted));
        Question::read(decode_state_vector(&bytes).unwrap())
    }

    #[test]
    fn who_asks_for_the_ends_shows_to_hold_them() {
        let question = asked(Purpose::Ends, |_| None);
        assert_eq!(question.asker, Asker::Marked(Mark(u32::MAX), Purpose::Ends));
        assert_eq!(question.from, [(ADA, 4), (BOB, 0)]);
        assert_eq!(question.held, [(ADA, 5), (BOB, 1)]);
    }

    #[test]
    fn who_doubts_is_sent_what_is_doubted_and_never_shows_more_than_is_held() {
        for purpose in [Purpose::Ends, Purpose::Lack, Purpose::Round] {
            let question = asked(purpose, |client| (client == ADA).then_some(2));
            assert_eq!(question.from[0], (ADA, 2));
            assert!(question.held[0].1 <= 5);
        }
    }

    #[test]
    fn the_state_vector_of_another_client_is_taken_as_it_is() {
        let question = Question::read(vec![(ADA, 5), (ClientId(1 << 52), 0)]);
        assert_eq!((question.asker, &question.from), (Asker::Unmarked, &question.held));
        assert_eq!(question.from.len(), 2);
    }

    #[test]
    fn the_largest_mark_is_a_number_that_javascript_can_hold() {
        assert!(mark_id(Mark(u32::MAX), Purpose::Round).0 < 1 << 53);
    }
}
