//! Gathers the frames of a burst, so that they are taken in together.
//!
//! Each message is an event of its own, and what follows from one costs more than the message itself. So the first few
//! are taken in at once, and those that come right after them wait until the browser has come round, or until they are
//! many.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::breath;
use crate::clock::{Duration, Instant};
use crate::ids::SocketId;
use crate::queue::Queue;
use crate::wire::Frame;

/// Frames in order, each with the socket it came over.
pub(super) type Frames = Queue<(SocketId, Frame)>;

/// The frames that wait.
pub(super) struct Gathering {
    this: Weak<Self>,
    frames: RefCell<Frames>,
    bytes: Cell<usize>,
    /// When frames were taken in last.
    taken: Cell<Option<Instant>>,
    /// How many frames have come right after each other.
    in_a_row: Cell<u32>,
    take: Box<dyn Fn(Frames)>,
}

impl Gathering {
    /// Nothing waits. `take` takes frames in.
    pub(super) fn new(take: impl Fn(Frames) + 'static) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            frames: RefCell::default(),
            bytes: Cell::default(),
            taken: Cell::default(),
            in_a_row: Cell::default(),
            take: Box::new(take),
        })
    }

    /// Takes in a frame that has come, or has it wait.
    pub(super) fn add(&self, socket: SocketId, frame: Frame, now: Instant) {
        self.bytes.set(self.bytes.get() + frame.len());
        self.frames.borrow_mut().push_back((socket, frame));
        let waiting = self.frames.borrow().len();
        let follows = waiting > 1 || self.taken.get().is_some_and(|taken| now.since(taken) <= AT_ONCE);
        self.in_a_row.set(if follows { self.in_a_row.get().saturating_add(1) } else { 0 });
        if self.in_a_row.get() < BURST || self.bytes.get() >= MAX_BYTES || waiting >= MAX_FRAMES {
            self.let_go();
        } else if waiting == 1 {
            let this = self.this.clone();
            breath::take(move || {
                if let Some(gathering) = this.upgrade() {
                    gathering.let_go();
                }
            });
        }
    }

    /// Has the frames taken in that wait.
    pub(super) fn let_go(&self) {
        self.bytes.set(0);
        let frames = self.frames.take();
        if !frames.is_empty() {
            (self.take)(frames);
        }
    }

    /// Notes that frames were taken in, and that everything is done that followed from them.
    pub(super) fn note_taken(&self, now: Instant) {
        self.taken.set(Some(now));
    }
}

/// How soon after frames were taken in another one follows them: it had waited meanwhile.
const AT_ONCE: Duration = Duration::from_millis(1);

/// How many frames that follow another make a burst. A handshake, or an edit with the presence of its author, does not.
const BURST: u32 = 8;

/// How much is taken in at once. A thousand small updates take a few milliseconds, and some ten on slow devices.
const MAX_FRAMES: usize = 1000;
const MAX_BYTES: usize = 1 << 16;
