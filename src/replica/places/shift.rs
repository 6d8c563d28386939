//! Decides what a change by others did for observers, from what it did to the indexes.
//!
//! yrs says the same after a walk over the text. What is told here is what it would say, or nothing.

use crate::replica::compose::compose;
use crate::replica::delta::{DeltaOp, splice};
use crate::replica::utf16;
use std::ops::Range;

/// What a change did to the indexes of a text: a range was replaced by so many elements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Shift<'a> {
    pub(in crate::replica) range: Range<u32>,
    pub(in crate::replica) inserted: u32,
    /// The elements that were inserted, if they are characters.
    pub(in crate::replica) text: Option<&'a str>,
}

/// What some shifts of a text without formatting do together, each to what the one before has left. None if only yrs can
/// say that, or if a walk costs less than to work it out.
pub(in crate::replica) fn delta_of(shifts: &[Shift<'_>]) -> Option<Vec<DeltaOp>> {
    match shifts {
        [shift] => shift.delta(),
        shifts if shifts.len() > MOST_SHIFTS || shifts.iter().any(Shift::may_be_cut) => None,
        shifts => shifts.iter().try_fold(Vec::new(), |delta, shift| Some(compose(delta, shift.delta()?))),
    }
}

impl Shift<'_> {
    fn delta(&self) -> Option<Vec<DeltaOp>> {
        let inserted = if self.inserted > 0 { self.text? } else { "" };
        Some(splice(self.range.start, inserted, self.range.end - self.range.start))
    }

    /// Whether another shift could cut a character of this one in two, of which yrs makes two other ones.
    fn may_be_cut(&self) -> bool {
        self.text.is_some_and(|text| utf16::may_hold_pairs(text.as_bytes()))
    }
}

/// How many shifts are put together: each costs as much as there are already.
const MOST_SHIFTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::delta::Inserted;

    const fn inserted(at: u32, text: &str, inserted: u32) -> Shift<'_> {
        Shift { range: at..at, inserted, text: Some(text) }
    }

    #[test]
    fn what_only_yrs_can_say_is_left_to_it() {
        let object = Shift { range: 0..0, inserted: 1, text: None };
        assert_eq!(delta_of(&[object]), None);
        let emoji = inserted(3, "😀", 2);
        assert!(delta_of(std::slice::from_ref(&emoji)).is_some());
        assert_eq!(delta_of(&[emoji, inserted(4, "x", 1)]), None, "yrs makes two characters of one that is cut");
        assert_eq!(delta_of(&vec![inserted(0, "x", 1); MOST_SHIFTS + 1]), None);
    }

    #[test]
    fn shifts_in_a_row_are_one_delta() {
        let deleted = Shift { range: 1..3, inserted: 0, text: None };
        let delta = delta_of(&[inserted(2, "abc", 3), inserted(2, "x", 1), deleted]).unwrap();
        let text = Inserted::Text("abc".to_owned());
        let expected = [
            DeltaOp::Retain { len: 1, attributes: None },
            DeltaOp::Insert { value: text, attributes: None },
            DeltaOp::Delete { len: 1 },
        ];
        assert_eq!(delta, expected);
    }
}
