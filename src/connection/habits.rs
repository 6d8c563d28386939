//! Decides what a connection can be told of the family of servers it leads to: plain data, because it knows no protocol.

use crate::clock::Duration;

/// What one family of servers does that others do differently, as far as the socket is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Habits {
    /// Whether the server speaks first.
    pub greeting: Greeting,
    /// What silence means.
    pub liveness: Liveness,
    /// Whether questions of the layers above show as well that the server lives.
    pub questions: Questions,
    /// How long it may be silent before it is asked for a sign of life, where the option is not set.
    pub quiet_timeout: Duration,
    /// The age at which it ends a connection, where the option is not set; a socket is replaced before.
    pub lifetime: Option<Duration>,
}

/// Whether the server speaks first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Greeting {
    /// It sends something as soon as the socket is open. One that does not is not going to serve us.
    Expected,
    /// It may wait for us.
    None,
}

/// What silence means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Liveness {
    /// The server answers: one that does not is gone.
    Always,
    /// Only peers answer: silence says something only while one of them is known to be there.
    InCompany,
}

/// Whether questions of the layers above show as well that the server lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Questions {
    /// They do: where nothing is said without need, the first one after a silence has to find out.
    Watched,
    /// They do not: the server is asked for a sign of life soon enough.
    Unwatched,
}

/// Whether somebody else is known to be at the other end of a relay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Company {
    /// Nobody is.
    Alone,
    /// Somebody was heard, and answers.
    Present,
}
