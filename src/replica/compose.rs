//! Decides what two deltas in a row are as one: the algorithm of Quill's `Delta.compose`, for any kind of operation.

/// One step of a delta that walks over a sequence.
pub(super) trait Operation: Sized {
    fn action(&self) -> Action;

    /// How many elements it covers.
    fn len(&self) -> u32;

    /// A step over `len` elements that changes nothing.
    fn retain(len: u32) -> Self;

    /// Whether the delta would do the same without it at the end.
    fn is_plain_retain(&self) -> bool;

    /// Splits off the first `len` elements, which are fewer than it covers.
    fn split_front(&mut self, len: u32) -> Self;

    /// This insert or retain, formatted as the retain `by` says.
    fn formatted(self, by: &Self) -> Self;

    /// Appends an operation of the same action, or gives it back if the two must stay apart.
    fn append(&mut self, next: Self) -> Option<Self>;
}

/// What an operation does with the elements it covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Insert,
    Retain,
    Delete,
}

/// The delta that does what `first` and then `second` do.
pub(super) fn compose<O: Operation>(first: Vec<O>, second: Vec<O>) -> Vec<O> {
    let mut first = Cursor::new(first);
    let mut second = Cursor::new(second);
    let mut composed = Vec::new();
    loop {
        match (first.action(), second.action()) {
            (None, None) => break,
            (_, Some(Action::Insert)) => push(&mut composed, second.next(second.len())),
            (Some(Action::Delete), _) => push(&mut composed, first.next(first.len())),
            (inner, outer) => {
                let len = first.len().min(second.len());
                let (before, after) = (first.next(len), second.next(len));
                match (inner, outer) {
                    (Some(Action::Insert), Some(Action::Delete)) => {}
                    (_, Some(Action::Delete)) => push(&mut composed, after),
                    _ => push(&mut composed, before.formatted(&after)),
                }
            }
        }
    }
    while composed.last().is_some_and(Operation::is_plain_retain) {
        composed.pop();
    }
    composed
}

/// Appends an operation, as part of the last one where they match. An insert goes before a delete at the same place.
pub(super) fn push<O: Operation>(delta: &mut Vec<O>, next: O) {
    if next.len() == 0 {
        return;
    }
    let deletion = match delta.last() {
        Some(last) if last.action() == Action::Delete && next.action() == Action::Insert => delta.pop(),
        _ => None,
    };
    let next = match delta.last_mut() {
        Some(last) if last.action() == next.action() => last.append(next),
        _ => Some(next),
    };
    delta.extend(next.into_iter().chain(deletion));
}

/// Walks over a delta in pieces of any length; behind its end it retains.
struct Cursor<O> {
    current: Option<O>,
    rest: std::vec::IntoIter<O>,
}

impl<O: Operation> Cursor<O> {
    fn new(delta: Vec<O>) -> Self {
        let mut rest = delta.into_iter();
        Self { current: next_filled(&mut rest), rest }
    }

    fn action(&self) -> Option<Action> {
        self.current.as_ref().map(Operation::action)
    }

    fn len(&self) -> u32 {
        self.current.as_ref().map_or(u32::MAX, Operation::len)
    }

    fn next(&mut self, len: u32) -> O {
        match &mut self.current {
            Some(current) if len < current.len() => current.split_front(len),
            Some(_) => {
                let next = next_filled(&mut self.rest);
                std::mem::replace(&mut self.current, next).unwrap_or_else(|| O::retain(len))
            }
            None => O::retain(len),
        }
    }
}

fn next_filled<O: Operation>(rest: &mut std::vec::IntoIter<O>) -> Option<O> {
    rest.find(|operation| operation.len() > 0)
}
