//! Decides what the tabs of a browser can be asked to do for each other, and what they hear.

/// What the driver has to do among the tabs that have the same document open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TabOp {
    /// Listen to the other tabs, and queue for the lock of the document. It is granted when no other tab holds it.
    Join,
    /// Take the lock from whoever holds it; that tab hears [`TabNews::Lost`].
    Steal,
    /// Give the lock back or leave its queue, and stop listening.
    Leave,
    /// Hand these bytes to every other tab that listens.
    Broadcast(Vec<u8>),
}

/// What a tab hears of the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TabNews {
    /// This tab holds the lock.
    Granted,
    /// Another tab took the lock.
    Lost,
    /// Another tab has broadcast these bytes.
    Message(Vec<u8>),
    /// This browser has no locks or no channels: this tab is on its own.
    Unavailable,
}
