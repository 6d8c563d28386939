//! Decides what can be learned of bytes that killed the instance: where they lie is noted before they are looked at.
//!
//! A trap of wasm leaves nothing behind but memory. So what is in hand is noted in a place of which the address is known
//! outside. Whoever reads it there believes nothing of it: the memory is that of an instance which may have run wild.

use crate::ids::{ClientId, LinkId};
use std::cell::Cell;

/// What is done with the bytes in hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// They came from outside, and the gate looks at them.
    Gate,
    /// They passed the gate, and yrs takes them in: a part of what came, or of several.
    Write,
}

/// Bytes that have killed an instance, and what was done with them then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Poison {
    /// What was done with them.
    pub stage: Stage,
    /// The bytes: an update, or what was taken for one.
    pub update: Vec<u8>,
}

thread_local! {
    /// What is done (0 for nothing, else that of [`Stage::number`]), the lower 32 bits of the id of the client in whose
    /// document, the number of the link that it came over, the address of the bytes, and how many there are.
    static IN_HAND: [Cell<u32>; 5] = const { [const { Cell::new(0) }; 5] };
}

/// Where it is noted what is in hand: five numbers of 32 bits, little endian. They are 0 as long as nothing is, else
/// - what is done with it: 1 at the gate, 2 while it is written;
/// - the lower 32 bits of the client id under which that document is edited;
/// - the number of the link that the bytes came over;
/// - the address of the bytes;
/// - how many there are.
pub fn address() -> usize {
    IN_HAND.with(|cells| cells.as_ptr().addr())
}

impl Stage {
    /// The number that is noted for it.
    pub const fn number(self) -> u32 {
        match self {
            Self::Gate => 1,
            Self::Write => 2,
        }
    }

    /// The stage of a number.
    pub fn of(number: u32) -> Option<Self> {
        [Self::Gate, Self::Write].into_iter().find(|stage| stage.number() == number)
    }
}

/// Notes what is looked at from here on.
pub(super) fn take(stage: Stage, client: ClientId, from: LinkId, update: &[u8]) {
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
    let (at, len) = (update.as_ptr().addr() as u64, update.len() as u64);
    note([stage.number(), low(client.0), from.0, low(at), low(len)]);
    #[cfg(any(test, feature = "faults"))]
    faults::remember(stage, update);
}

/// Notes that it was survived.
pub(super) fn put_down() {
    note([0; 5]);
}

fn note(numbers: [u32; 5]) {
    IN_HAND.with(|cells| cells.iter().zip(numbers).for_each(|(cell, number)| cell.set(number)));
}

#[cfg(any(test, feature = "faults"))]
pub mod faults {
    //! What plays the part of the memory of a dead instance where there is no wasm.

    use super::{IN_HAND, Poison, Stage};
    use std::cell::RefCell;

    thread_local! {
        static LAST: RefCell<Option<Poison>> = const { RefCell::new(None) };
    }

    /// What was in hand when the instance died that was run last, if anything was.
    pub fn take_poison() -> Option<Poison> {
        let is_in_hand = IN_HAND.with(|cells| cells.iter().any(|cell| cell.get() > 0));
        super::put_down();
        LAST.take().filter(|_| is_in_hand)
    }

    pub(super) fn remember(stage: Stage, update: &[u8]) {
        LAST.set(Some(Poison { stage, update: update.to_vec() }));
    }
}
