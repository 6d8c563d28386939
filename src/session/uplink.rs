//! Decides how much is handed to a socket at once. What a socket cannot pass on waits in it as it was written; what waits in
//! the document becomes one update, and of presence only the latest counts. So above a mark only answers, questions and
//! farewells are handed over, and everything else stays where it is until there is room again.
//!
//! A socket says how much waits in it when it is asked, and tells nobody when that becomes less: it is asked once it was
//! handed more than the mark, and again after a while as long as it has more.

use crate::clock::{Duration, Instant};
use crate::ids::SocketId;
use crate::sync::Room;

/// What waits in the live socket.
#[derive(Debug)]
pub(super) struct Uplink {
    mark: usize,
    socket: Option<SocketId>,
    /// How many bytes wait at most: those that the socket spoke of last, and those that it was handed since.
    waiting: usize,
    watch: Watch,
    /// Which of the documents was served last.
    turn: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Watch {
    /// There is room.
    Resting,
    /// The socket was asked, and is asked again then.
    Looking { next: Instant },
}

/// What a socket has passed on since it was asked before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Progress {
    /// Nothing.
    None,
    /// Something; this much is left.
    Some { left: usize },
}

impl Uplink {
    /// No socket yet; of one that has `mark` bytes or more, it is waited that they become less.
    pub(super) const fn new(mark: usize) -> Self {
        Self { mark, socket: None, waiting: 0, watch: Watch::Resting, turn: 0 }
    }

    /// Goes over to the socket that is live: what waited in another one is no affair of it.
    pub(super) fn follow(&mut self, live: Option<SocketId>) {
        if self.socket != live {
            *self = Self { socket: live, ..Self::new(self.mark) };
        }
    }

    /// Whether more can be handed over.
    pub(super) const fn room(&self) -> Room {
        if self.waiting < self.mark { Room::Free } else { Room::Full }
    }

    /// Notes what was handed over.
    pub(super) const fn note_sent(&mut self, bytes: usize) {
        self.waiting = self.waiting.saturating_add(bytes);
    }

    /// Takes the word of the socket on how much waits in it. Of others nothing is believed.
    pub(super) fn handle_buffered(&mut self, socket: SocketId, bytes: usize) -> Progress {
        if self.socket != Some(socket) {
            return Progress::None;
        }
        let before = std::mem::replace(&mut self.waiting, bytes);
        if bytes < self.mark {
            self.watch = Watch::Resting;
        }
        if bytes < before { Progress::Some { left: bytes } } else { Progress::None }
    }

    /// Whether the socket is to be asked how much waits in it.
    pub(super) fn poll_question(&mut self, now: Instant) -> Option<SocketId> {
        let is_due = match self.watch {
            Watch::Resting => self.room() == Room::Full,
            Watch::Looking { next } => next <= now,
        };
        if is_due {
            self.watch = Watch::Looking { next: now + BETWEEN_LOOKS };
        }
        self.socket.filter(|_| is_due)
    }

    /// When [`Self::poll_question`] has something to say.
    pub(super) const fn timeout(&self) -> Option<Instant> {
        match self.watch {
            Watch::Resting => None,
            Watch::Looking { next } => Some(next),
        }
    }

    /// In which order `count` documents are served: the first is the one behind the last that was, so that none waits for
    /// ever while others fill the socket.
    pub(super) fn order(&self, count: usize) -> impl Iterator<Item = usize> + use<> {
        let first = self.turn + 1;
        (0..count).map(move |place| (first + place) % count)
    }

    /// Notes that something that had to wait for its turn was sent for this document.
    pub(super) const fn note_served(&mut self, document: usize) {
        self.turn = document;
    }
}

/// How long until the socket is asked again. There is no event to wait for. The mark keeps a link of a megabyte a second
/// busy for this long, so that a slower one is never idle because nobody looked; and what waits for a faster one waits no
/// longer than the answer to it would be under way.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    const SOCKET: SocketId = SocketId(3);

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn uplink() -> Uplink {
        let mut uplink = Uplink::new(100);
        uplink.follow(Some(SOCKET));
        uplink
    }

    #[test]
    fn a_socket_is_asked_once_it_was_handed_as_much_as_the_mark_and_then_every_so_often() {
        let mut uplink = uplink();
        uplink.note_sent(99);
        assert_eq!((uplink.room(), uplink.poll_question(at(0)), uplink.timeout()), (Room::Free, None, None));
        uplink.note_sent(1);
        assert_eq!((uplink.room(), uplink.poll_question(at(0))), (Room::Full, Some(SOCKET)));
        assert_eq!(uplink.handle_buffered(SOCKET, 100), Progress::None);
        assert_eq!((uplink.poll_question(at(49)), uplink.timeout()), (None, Some(at(50))));
        assert_eq!(uplink.poll_question(at(50)), Some(SOCKET));
        assert_eq!(uplink.handle_buffered(SOCKET, 99), Progress::Some { left: 99 });
        assert_eq!((uplink.room(), uplink.poll_question(at(200)), uplink.timeout()), (Room::Free, None, None));
    }

    #[test]
    fn a_socket_that_has_passed_everything_on_is_not_asked_for_as_many_bytes_again() {
        let mut uplink = uplink();
        uplink.note_sent(150);
        assert_eq!(uplink.poll_question(at(0)), Some(SOCKET));
        uplink.handle_buffered(SOCKET, 0);
        uplink.note_sent(99);
        assert_eq!((uplink.room(), uplink.poll_question(at(1))), (Room::Free, None));
    }

    #[test]
    fn another_socket_begins_with_room_and_the_word_of_the_old_one_is_nothing_to_it() {
        let mut uplink = uplink();
        uplink.note_sent(150);
        assert_eq!(uplink.poll_question(at(0)), Some(SOCKET));
        uplink.follow(Some(SocketId(4)));
        assert_eq!((uplink.room(), uplink.timeout()), (Room::Free, None));
        assert_eq!(uplink.handle_buffered(SOCKET, 500), Progress::None);
        assert_eq!(uplink.room(), Room::Free);
    }

    #[test]
    fn whoever_was_served_last_is_the_last_to_be_served_again() {
        let mut uplink = uplink();
        uplink.note_served(1);
        assert_eq!(uplink.order(3).collect::<Vec<_>>(), [2, 0, 1]);
        uplink.note_served(2);
        assert_eq!(uplink.order(3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(uplink.order(1).collect::<Vec<_>>(), [0], "the others were closed");
        assert_eq!(uplink.order(0).count(), 0);
    }
}
