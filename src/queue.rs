//! Decides how things wait in line, small in code.
//!
//! The standard `VecDeque` keeps its items in a ring, and its code about their two halves is compiled for every type: 1.2 kB
//! of wasm each. This queue is two lists: items are added to the end of one and taken from the end of the other,
//! which holds them turned around. Each item is moved once from one to the other.

/// Items that are taken in the order in which they were added.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    /// The first ones, of which the very first stands last.
    first: Vec<T>,
    rest: Vec<T>,
}

impl<T> Queue<T> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self { first: Vec::new(), rest: Vec::new() }
    }

    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.first.is_empty() && self.rest.is_empty()
    }

    /// How many items wait.
    pub const fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// Adds an item behind all others.
    pub fn push_back(&mut self, item: T) {
        self.rest.push(item);
    }

    /// Takes the first item.
    pub fn pop_front(&mut self) -> Option<T> {
        if self.first.is_empty() {
            while let Some(last) = self.rest.pop() {
                self.first.push(last);
            }
        }
        self.first.pop()
    }

    /// The items in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.first.iter().rev().chain(&self.rest)
    }

    /// The items in order, to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.first.iter_mut().rev().chain(&mut self.rest)
    }

    /// Drops every item that is not to be kept.
    pub fn retain(&mut self, is_kept: impl Fn(&T) -> bool) {
        self.first.retain(&is_kept);
        self.rest.retain(&is_kept);
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Queue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push_back(item));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[derive(Clone, Debug)]
    enum Step {
        Push(u8),
        Pop,
        Retain(u8),
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => any::<u8>().prop_map(Step::Push),
            6 => Just(Step::Pop),
            1 => (2..5_u8).prop_map(Step::Retain),
            1 => Just(Step::Clear),
        ]
    }

    proptest! {
        #[test]
        fn it_behaves_like_the_standard_queue(steps in prop::collection::vec(step(), 0..80)) {
            let (mut queue, mut model) = (Queue::new(), VecDeque::new());
            for step in steps {
                match step {
                    Step::Push(item) => {
                        queue.extend([item]);
                        model.push_back(item);
                    }
                    Step::Pop => prop_assert_eq!(queue.pop_front(), model.pop_front()),
                    Step::Retain(divisor) => {
                        queue.retain(|item| item % divisor != 0);
                        model.retain(|item| item % divisor != 0);
                    }
                    Step::Clear => {
                        queue.clear();
                        model.clear();
                    }
                }
                queue.iter_mut().chain(&mut model).for_each(|item| *item = item.wrapping_add(1));
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.is_empty(), model.is_empty());
                prop_assert!(queue.iter().eq(&model) && queue.iter().rev().eq(model.iter().rev()));
            }
        }
    }
}
