//! Decides when a document may be spoken of again that was taken leave of over a socket that stays: once the server has
//! seen its end. What is said before belongs to the old visit, and a token among it is taken in silence.

use crate::clock::{Duration, Instant};
use crate::ids::SocketId;
use crate::wire::Route;

/// The documents that were taken leave of over the live socket, and of which the server has not confirmed it.
#[derive(Debug, Default)]
pub(super) struct Partings {
    open: Vec<Parting>,
}

#[derive(Debug)]
struct Parting {
    route: Route,
    socket: SocketId,
    until: Instant,
}

impl Partings {
    /// Notes that leave was taken.
    pub(super) fn note_goodbye(&mut self, route: &Route, socket: SocketId, now: Instant) {
        self.note_end(route);
        self.open.push(Parting { route: route.clone(), socket, until: now + PATIENCE });
    }

    /// Notes that the server has ended a visit; says whether leave had been taken.
    pub(super) fn note_end(&mut self, route: &Route) -> bool {
        let before = self.open.len();
        self.open.retain(|parting| parting.route != *route);
        self.open.len() < before
    }

    /// Whether the document has to wait before it is spoken of over this socket.
    pub(super) fn holds_back(&self, route: &Route, socket: SocketId) -> bool {
        self.open.iter().any(|parting| parting.route == *route && parting.socket == socket)
    }

    /// Forgets what will not be confirmed any more: the socket is another one, or it took too long.
    pub(super) fn expire(&mut self, live: Option<SocketId>, now: Instant) {
        self.open.retain(|parting| Some(parting.socket) == live && now < parting.until);
    }

    pub(super) fn timeout(&self) -> Option<Instant> {
        self.open.iter().map(|parting| parting.until).min()
    }
}

/// How long the server may take to confirm: one that has forgotten the document does not.
const PATIENCE: Duration = Duration::from_secs(2);
