//! Decides when a message that came in pieces is whole: whatever their order, within a limit, and without waiting for ever.
//!
//! A piece may come twice, as whoever passes it on may do so twice. One that never comes leaves a message unfinished,
//! which is dropped when there are too many: what it said is asked for again when the document notices that it lacks it.

use super::error::DecodeError;

/// What a piece says about itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece<'a> {
    /// The message it is a piece of.
    pub(super) message: &'a str,
    /// Its place, from 0.
    pub(super) part: usize,
    /// How many pieces the message has.
    pub(super) parts: usize,
}

/// The messages of which some pieces have come.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// The one that has waited longest for a piece stands first.
    unfinished: Vec<Unfinished>,
}

#[derive(Debug)]
struct Unfinished {
    message: String,
    parts: usize,
    /// In the order of their places.
    held: Vec<(usize, Vec<u8>)>,
    /// About how many bytes of memory it takes.
    cost: usize,
}

/// How many messages may be unfinished. An honest sender sends one after the other, and a room has few at a time.
const MAX_UNFINISHED: usize = 32;

/// How many pieces a message may have; those of an honest sender have some 20,000 bytes.
const MAX_PARTS: usize = 65_536;

/// What a piece takes in memory beside its bytes, so that many tiny ones do not cost more than the limit.
const OVERHEAD: usize = 64;

impl Pieces {
    /// Takes in a piece; returns its message if it was the last that was missing.
    ///
    /// # Errors
    /// The piece contradicts itself or another of its message, or the message alone takes more than `limit` bytes.
    pub(super) fn take_in(
        &mut self,
        piece: Piece<'_>,
        bytes: Vec<u8>,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, DecodeError> {
        let Piece { message, part, parts } = piece;
        if parts > MAX_PARTS {
            return Err(DecodeError::TooMany { limit: MAX_PARTS });
        }
        if part >= parts {
            return Err(DecodeError::InvalidEnvelope { member: "part" });
        }
        let begun = self.unfinished.iter().position(|unfinished| unfinished.message == message);
        let mut unfinished = match begun {
            Some(at) => self.unfinished.remove(at),
            None => Unfinished { message: message.to_owned(), parts, held: Vec::new(), cost: OVERHEAD + message.len() },
        };
        unfinished.insert(part, parts, bytes)?;
        if unfinished.cost > limit {
            return Err(DecodeError::TooLarge { len: unfinished.cost, limit });
        }
        if unfinished.held.len() == parts {
            let mut whole = Vec::new();
            for (_, bytes) in &unfinished.held {
                whole.extend_from_slice(bytes);
            }
            return Ok(Some(whole));
        }
        self.unfinished.push(unfinished);
        self.make_room(limit);
        Ok(None)
    }

    fn make_room(&mut self, limit: usize) {
        let mut total: usize = self.unfinished.iter().map(|unfinished| unfinished.cost).sum();
        while total > limit || self.unfinished.len() > MAX_UNFINISHED {
            total -= self.unfinished.remove(0).cost;
        }
    }
}

impl Unfinished {
    fn insert(&mut self, part: usize, parts: usize, bytes: Vec<u8>) -> Result<(), DecodeError> {
        if parts != self.parts {
            return Err(DecodeError::InvalidEnvelope { member: "parts" });
        }
        match self.held.binary_search_by_key(&part, |(held, _)| *held) {
            Ok(at) if self.held.get(at).is_some_and(|(_, held)| *held == bytes) => Ok(()),
            Ok(_) => Err(DecodeError::InvalidEnvelope { member: "data" }),
            Err(at) => {
                self.cost += bytes.len() + OVERHEAD;
                self.held.insert(at, (part, bytes));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 20;

    fn piece(message: &str, part: usize, parts: usize) -> Piece<'_> {
        Piece { message, part, parts }
    }

    #[test]
    fn a_message_is_whole_when_its_last_piece_has_come() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.take_in(piece("m", 2, 3), vec![5], LIMIT), Ok(None));
        assert_eq!(pieces.take_in(piece("m", 0, 3), vec![1, 2], LIMIT), Ok(None));
        assert_eq!(pieces.take_in(piece("m", 0, 3), vec![1, 2], LIMIT), Ok(None));
        assert_eq!(pieces.take_in(piece("m", 1, 3), vec![3, 4], LIMIT), Ok(Some(vec![1, 2, 3, 4, 5])));
        assert!(pieces.unfinished.is_empty());
    }

    #[test]
    fn pieces_that_contradict_each_other_are_refused_with_their_message() {
        let refused = |first: Piece<'_>, second: Piece<'_>| {
            let mut pieces = Pieces::default();
            pieces.take_in(first, vec![1], LIMIT).unwrap();
            let refused = pieces.take_in(second, vec![2], LIMIT);
            assert!(pieces.unfinished.is_empty());
            refused
        };
        let invalid = |member| Err(DecodeError::InvalidEnvelope { member });
        assert_eq!(refused(piece("m", 0, 3), piece("m", 1, 4)), invalid("parts"));
        assert_eq!(refused(piece("m", 0, 3), piece("m", 0, 3)), invalid("data"));
        for (part, parts) in [(0, 0), (3, 3), (usize::MAX, 2)] {
            assert_eq!(Pieces::default().take_in(piece("m", part, parts), vec![1], LIMIT), invalid("part"));
        }
    }

    #[test]
    fn a_declared_number_reserves_nothing_and_has_a_limit() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.take_in(piece("m", MAX_PARTS - 1, MAX_PARTS), vec![1], 1000), Ok(None));
        assert_eq!(pieces.unfinished[0].held.capacity().min(8), pieces.unfinished[0].held.capacity());
        let refused = pieces.take_in(piece("n", 0, MAX_PARTS + 1), vec![1], 1000);
        assert_eq!(refused, Err(DecodeError::TooMany { limit: 65_536 }));
    }

    #[test]
    fn the_message_that_has_waited_longest_is_dropped_when_there_are_too_many() {
        let mut pieces = Pieces::default();
        for at in 0..MAX_UNFINISHED {
            pieces.take_in(piece(&at.to_string(), 0, 3), vec![1], LIMIT).unwrap();
        }
        // The first goes on, so the second is the one that has waited longest.
        pieces.take_in(piece("0", 1, 3), vec![2], LIMIT).unwrap();
        pieces.take_in(piece("one more", 0, 3), vec![1], LIMIT).unwrap();
        assert_eq!(pieces.take_in(piece("1", 1, 3), vec![2], LIMIT), Ok(None));
        assert_eq!(pieces.take_in(piece("1", 2, 3), vec![3], LIMIT), Ok(None));
        assert_eq!(pieces.take_in(piece("0", 2, 3), vec![3], LIMIT), Ok(Some(vec![1, 2, 3])));
    }

    #[test]
    fn a_message_that_is_too_large_alone_is_refused_and_others_make_room() {
        let mut pieces = Pieces::default();
        pieces.take_in(piece("old", 0, 2), vec![0; 400], 1000).unwrap();
        pieces.take_in(piece("new", 0, 3), vec![0; 600], 1000).unwrap();
        assert_eq!(pieces.unfinished.len(), 1);
        let refused = pieces.take_in(piece("new", 1, 3), vec![0; 600], 1000);
        assert!(matches!(refused, Err(DecodeError::TooLarge { limit: 1000, .. })), "{refused:?}");
    }

    /// Few names and numbers, so that they meet.
    fn hostile() -> impl Strategy<Value = (String, usize, usize, Vec<u8>)> {
        ("[a-d]{0,2}", 0..5_usize, 0..5_usize, prop::collection::vec(0..2_u8, 0..40))
    }

    proptest! {
        #[test]
        fn every_order_gives_the_same_message(
            bytes in prop::collection::vec(any::<u8>(), 1..200),
            len in 1..50_usize,
            order: u64,
        ) {
            let parts = bytes.len().div_ceil(len);
            let mut cut: Vec<(usize, Vec<u8>)> = (0..).zip(bytes.chunks(len).map(<[u8]>::to_vec)).collect();
            cut.sort_by_key(|(part, _)| (*part as u64 + 1).wrapping_mul(order | 1).rotate_left(23));
            let mut pieces = Pieces::default();
            let mut whole = Vec::new();
            for (part, bytes) in cut {
                whole.extend(pieces.take_in(piece("m", part, parts), bytes, LIMIT).unwrap());
            }
            prop_assert_eq!(whole, vec![bytes]);
        }

        #[test]
        fn hostile_pieces_never_take_more_than_the_limit(pieces in prop::collection::vec(hostile(), 0..200)) {
            let mut kept = Pieces::default();
            for (message, part, parts, bytes) in pieces {
                let _ = kept.take_in(piece(&message, part, parts), bytes, 500);
                let cost: usize = kept.unfinished.iter().map(|unfinished| unfinished.cost).sum();
                prop_assert!(cost <= 500);
                prop_assert!(kept.unfinished.len() <= MAX_UNFINISHED);
            }
        }
    }
}
