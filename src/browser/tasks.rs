//! Keeps tasks, in their order, for a function that the browser calls once for each.

use std::cell::RefCell;

use crate::queue::Queue;

/// The tasks that wait.
pub(super) struct Tasks(RefCell<Queue<Box<dyn FnOnce()>>>);

impl Tasks {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Queue::new()))
    }

    pub(super) fn add(&self, task: impl FnOnce() + 'static) {
        self.0.borrow_mut().push_back(Box::new(task));
    }

    /// Runs the first one. Nothing is borrowed meanwhile: it may add others.
    pub(super) fn run_next(&self) {
        let next = self.0.borrow_mut().pop_front();
        if let Some(task) = next {
            task();
        }
    }
}
