//! Decides how one state of a sequence becomes another: which elements stay, go and come, by what they are and not by
//! how they look.
//!
//! Both states are merged into a third, and each says what merging did to it. An element of the third that both knew
//! stays; what only one of them knew, or what merging took from one of them, is what they differ by. So it does not
//! matter which state is older, or whether one is.

use super::compose::{Action, Operation};

/// One step on the way from a state to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// So many elements stay.
    Keep(u32),
    /// The next so many elements of the other state come here.
    Add(u32),
    /// The next so many elements of this state go.
    Drop(u32),
}

/// What merging did to a state: actions, and to how many elements.
pub(super) type Shape = Vec<(Action, u32)>;

/// Two states of a sequence, as far as it takes to compare them.
pub(super) trait Pair {
    /// How long they are.
    fn lens(&self) -> (u32, u32);

    /// Whether an element of the first may be one of the second that stayed.
    fn fits(&self, from: u32, to: u32) -> bool;

    /// Whether an element of the first could stand for one of the second.
    fn is_same(&self, from: u32, to: u32) -> bool;

    /// Whether something may end in front of these elements.
    fn is_boundary(&self, from: u32, to: u32) -> bool;
}

pub(super) fn shape<O: Operation>(delta: &[O]) -> Shape {
    delta.iter().map(|operation| (operation.action(), operation.len())).collect()
}

/// The steps from one state to the other, where merging did `ours` to the first and `theirs` to the second.
///
/// What goes and what comes at the same place is compared, and what is the same at its ends stays: what was deleted and
/// restored is another element, but nothing that anybody would call a difference. So are states that look the same.
pub(super) fn steps(pair: &dyn Pair, ours: Shape, theirs: Shape) -> Vec<Step> {
    let (from_len, to_len) = pair.lens();
    if from_len == to_len && (0..to_len).all(|at| pair.is_same(at, at)) {
        return vec![Step::Keep(to_len)];
    }
    let known = complete(walk(ours, theirs), from_len, to_len).filter(|steps| is_true(pair, steps));
    // Never needed for what yrs has told; but a delta that does not fit must not reach anybody.
    let steps = known.unwrap_or_else(|| vec![Step::Add(to_len), Step::Drop(from_len)]);
    trim(pair, &steps)
}

/// Walks over the merged state, of which both shapes tell.
fn walk(ours: Shape, theirs: Shape) -> Vec<Step> {
    let (mut ours, mut theirs) = (Walk::new(ours), Walk::new(theirs));
    let mut steps = Vec::new();
    loop {
        match (ours.action, theirs.action) {
            (Action::Delete, _) => steps.push(Step::Drop(ours.take(u32::MAX))),
            (_, Action::Delete) => steps.push(Step::Add(theirs.take(u32::MAX))),
            (here, there) => {
                let len = ours.len.min(theirs.len);
                if len == u32::MAX {
                    return steps;
                }
                let (len, _) = (ours.take(len), theirs.take(len));
                match (here, there) {
                    (Action::Retain, Action::Retain) => steps.push(Step::Keep(len)),
                    (Action::Retain, _) => steps.push(Step::Drop(len)),
                    (_, Action::Retain) => steps.push(Step::Add(len)),
                    _ => {}
                }
            }
        }
    }
}

/// Stands on an action of a shape; behind its end everything was retained.
struct Walk {
    rest: std::vec::IntoIter<(Action, u32)>,
    action: Action,
    len: u32,
}

impl Walk {
    fn new(shape: Shape) -> Self {
        let mut walk = Self { rest: shape.into_iter(), action: Action::Retain, len: 0 };
        walk.next();
        walk
    }

    fn next(&mut self) {
        (self.action, self.len) =
            self.rest.find(|(_, len)| (1..u32::MAX).contains(len)).unwrap_or((Action::Retain, u32::MAX));
    }

    /// Steps over `len` elements, or all of this action.
    fn take(&mut self, len: u32) -> u32 {
        let taken = self.len.min(len);
        if self.len != u32::MAX {
            self.len -= taken;
        }
        if self.len == 0 {
            self.next();
        }
        taken
    }
}

/// The steps with what follows behind them; none if they do not lead from the one end to the other.
fn complete(mut steps: Vec<Step>, from_len: u32, to_len: u32) -> Option<Vec<Step>> {
    let (mut from, mut to) = (0_u32, 0_u32);
    for step in &steps {
        let (on_from, on_to) = step.lens();
        (from, to) = (from.checked_add(on_from)?, to.checked_add(on_to)?);
    }
    let rest = from_len.checked_sub(from)?;
    steps.push(Step::Keep(rest));
    (to_len.checked_sub(to)? == rest).then_some(steps)
}

fn is_true(pair: &dyn Pair, steps: &[Step]) -> bool {
    let (mut from, mut to) = (0, 0);
    steps.iter().all(|step| {
        let start = (from, to);
        let (on_from, on_to) = step.lens();
        (from, to) = (from + on_from, to + on_to);
        let fits = |offset| pair.fits(start.0 + offset, start.1 + offset);
        pair.is_boundary(from, to) && (!matches!(step, Step::Keep(_)) || (0..on_from).all(fits))
    })
}

/// Compares what comes and goes between two elements that stay.
fn trim(pair: &dyn Pair, steps: &[Step]) -> Vec<Step> {
    let mut trimmed = Vec::new();
    let (mut from, mut to) = (0, 0);
    for hunk in steps.split_inclusive(|step| matches!(step, Step::Keep(len) if *len > 0)) {
        let (mut dropped, mut added, mut kept) = (0, 0, 0);
        for step in hunk {
            match step {
                Step::Keep(len) => kept += len,
                Step::Add(len) => added += len,
                Step::Drop(len) => dropped += len,
            }
        }
        let (front, back) = common_ends(pair, from..from + dropped, to..to + added);
        let both = front + back;
        let changed = [Step::Add(added - both), Step::Drop(dropped - both)];
        for step in [Step::Keep(front)].into_iter().chain(changed).chain([Step::Keep(back), Step::Keep(kept)]) {
            push(&mut trimmed, step);
        }
        (from, to) = (from + dropped + kept, to + added + kept);
    }
    trimmed
}

/// How many elements are the same at the front and at the back.
fn common_ends(pair: &dyn Pair, from: std::ops::Range<u32>, to: std::ops::Range<u32>) -> (u32, u32) {
    let len = (from.end - from.start).min(to.end - to.start);
    let is_same = |offset: &u32| pair.is_same(from.start + offset, to.start + offset);
    let mut front = count((0..len).take_while(is_same));
    while front > 0 && !pair.is_boundary(from.start + front, to.start + front) {
        front -= 1;
    }
    let is_same = |offset: &u32| pair.is_same(from.end - offset, to.end - offset);
    let mut back = count((1..=len - front).take_while(is_same));
    while back > 0 && !pair.is_boundary(from.end - back, to.end - back) {
        back -= 1;
    }
    (front, back)
}

fn count(offsets: impl Iterator<Item = u32>) -> u32 {
    offsets.fold(0, |count, _| count + 1)
}

fn push(steps: &mut Vec<Step>, step: Step) {
    match (steps.last_mut(), step) {
        (_, Step::Keep(0) | Step::Add(0) | Step::Drop(0)) => {}
        (Some(Step::Keep(len)), Step::Keep(more)) => *len += more,
        _ => steps.push(step),
    }
}

impl Step {
    /// Over how much of the two states it goes.
    const fn lens(self) -> (u32, u32) {
        match self {
            Self::Keep(len) => (len, len),
            Self::Add(len) => (0, len),
            Self::Drop(len) => (len, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Letters(&'static [u8], &'static [u8]);

    impl Pair for Letters {
        fn lens(&self) -> (u32, u32) {
            (u32::try_from(self.0.len()).unwrap(), u32::try_from(self.1.len()).unwrap())
        }

        fn fits(&self, from: u32, to: u32) -> bool {
            self.is_same(from, to)
        }

        fn is_same(&self, from: u32, to: u32) -> bool {
            self.0[from as usize] == self.1[to as usize]
        }

        fn is_boundary(&self, _: u32, _: u32) -> bool {
            true
        }
    }

    #[test]
    fn what_only_one_of_them_knew_comes_or_goes() {
        let [ours, theirs] =
            [vec![(Action::Retain, 1), (Action::Insert, 1)], vec![(Action::Retain, 2), (Action::Insert, 1)]];
        let steps = steps(&Letters(b"acd", b"abd"), ours, theirs);
        assert_eq!(steps, [Step::Keep(1), Step::Add(1), Step::Drop(1), Step::Keep(1)]);
    }

    #[test]
    fn what_was_deleted_and_written_again_stays() {
        let ours = vec![(Action::Retain, 1), (Action::Insert, 4), (Action::Delete, 3)];
        let steps = steps(&Letters(b"(abc)", b"(axbc)"), ours, Vec::new());
        assert_eq!(steps, [Step::Keep(2), Step::Add(1), Step::Keep(3)]);
    }

    #[test]
    fn shapes_that_do_not_fit_the_states_replace_what_differs() {
        let wrong = [vec![(Action::Delete, 9)], vec![(Action::Insert, u32::MAX - 1)], vec![(Action::Delete, 1)]];
        for ours in wrong {
            let steps = steps(&Letters(b"abcd", b"abXd"), ours, vec![(Action::Insert, 7)]);
            assert_eq!(steps, [Step::Keep(2), Step::Add(1), Step::Drop(1), Step::Keep(1)]);
        }
    }
}
