//! Joins a document to the other tabs of its browser: one channel and one lock, both named after the document.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::channel::Channel;
use super::disk::StoreName;
use super::lock::{Lock, LockNews};
use crate::tabs::{FORMAT, TabNews, TabOp};

/// The channel and the lock of one document.
pub(super) struct TabBus {
    name: String,
    channel: RefCell<Option<Rc<Channel>>>,
    lock: RefCell<Option<Rc<Lock>>>,
}

impl TabBus {
    /// Not joined yet.
    pub(super) fn new(StoreName { scope, name }: &StoreName) -> Self {
        // A scope may hold anything: its length says where it ends.
        let name = format!("syncline/{FORMAT}/{}/{scope}/{name}", scope.len());
        Self { name, channel: RefCell::default(), lock: RefCell::default() }
    }

    /// Does what the session asks for.
    pub(super) fn perform(&self, op: TabOp, on_news: &(impl Fn(TabNews) + Clone + 'static)) {
        match op {
            TabOp::Join => {
                let heard = on_news.clone();
                let is_open = self.channel.borrow().is_some();
                let opened =
                    if is_open { None } else { Channel::open(&self.name, move |bytes| heard(TabNews::Message(bytes))) };
                if let Some(channel) = opened {
                    drop(self.channel.replace(Some(Rc::new(channel))));
                }
                self.take(Lock::queue(&self.name, Self::told(on_news)), on_news);
            }
            TabOp::Steal => self.take(Lock::steal(&self.name, Self::told(on_news)), on_news),
            TabOp::Leave => self.leave(),
            TabOp::Broadcast(bytes) => {
                let channel = self.channel.borrow().clone();
                if let Some(channel) = channel {
                    channel.post(&bytes);
                }
            }
        }
    }

    /// A lock that is lost before it was granted never will be: cookies are blocked, or the frame is sandboxed.
    fn told(on_news: &(impl Fn(TabNews) + Clone + 'static)) -> impl Fn(LockNews) + Clone + 'static {
        let (on_news, was_granted) = (on_news.clone(), Rc::new(Cell::new(false)));
        move |news| {
            on_news(match (news, was_granted.replace(true)) {
                (LockNews::Granted, _) => TabNews::Granted,
                (LockNews::Lost, true) => TabNews::Lost,
                (LockNews::Lost, false) => TabNews::Unavailable,
            });
        }
    }

    fn take(&self, lock: Option<Rc<Lock>>, on_news: &impl Fn(TabNews)) {
        let is_complete = lock.is_some() && self.channel.borrow().is_some();
        let previous = self.lock.replace(lock);
        drop(previous);
        if !is_complete {
            self.leave();
            on_news(TabNews::Unavailable);
        }
    }

    fn leave(&self) {
        let (lock, channel) = (self.lock.take(), self.channel.take());
        drop((lock, channel));
    }
}
