//! Decides which honest sessions inputs are made of: some hundred at a time, each held once and used by many inputs.

use crate::sessions::{self, Session};
use std::rc::Rc;
use syncline::rng::Rng;

/// How many sessions there are at a time. To hold one takes as long as some ten inputs.
const SESSIONS: u64 = 256;

/// For how many seeds these are the ones.
const ERA: u64 = 1 << 16;

/// The sessions of an era, as far as they were needed. Which session a seed gets depends on the seed alone.
#[derive(Default)]
pub struct Corpus {
    era: u64,
    held: Vec<Option<Rc<Session>>>,
}

impl Corpus {
    /// A session for the input of this seed.
    pub fn session(&mut self, seed: u64, rng: &mut Rng) -> Rc<Session> {
        let (era, place) = (seed / ERA, rng.below(SESSIONS));
        if self.held.is_empty() || era != self.era {
            *self = Self { era, held: vec![None; SESSIONS as usize] };
        }
        let hold = || Rc::new(sessions::hold(&mut Rng::new(era * SESSIONS + place)));
        Rc::clone(self.held[place as usize].get_or_insert_with(hold))
    }
}
