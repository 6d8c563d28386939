//! Decides how a replica takes the place of another one: by what was written down of that one.

use super::intake::Outcome;
use super::keeping::Opened;
use super::view::View;
use super::{EditError, Ranges, Refusal, Replica, TypeId};
use crate::ids::LinkId;
use yrs::{ClientID, ID, Transact};

impl Replica {
    /// Takes in a change that was part of the document before, in silence; returns what of it is new. It is written with
    /// [`Self::complete`], and told to nobody.
    ///
    /// # Errors
    /// As [`Replica::apply`].
    pub fn rebuild(&mut self, update: &[u8]) -> Result<(Ranges, Outcome), Refusal> {
        let news = self.intake.news_of(update)?;
        Ok((news, self.collect(update, LinkId::JOURNAL)?.outcome))
    }

    /// Opens a type under the handle that it had. It does nothing where the handle was given already.
    ///
    /// # Errors
    /// There is no such type of that kind any more. The handle leads to a deleted type from then on.
    pub fn rebuild_type(&mut self, id: TypeId, known: &Opened<'_>) -> Result<(), EditError> {
        if id.0 < self.roots.given() {
            return Ok(());
        }
        self.roots.give_up_to(id.0);
        let opened = match *known {
            Opened::Root(name, kind) => self.open(name, kind),
            Opened::Nested(client, clock, within, kind) => {
                self.complete();
                let txn = self.doc.try_transact().map_err(|_| EditError::Closed)?;
                let id = ID::new(ClientID::new(client.0), clock);
                self.roots.adopt_by_id(within, id, kind, &View::of(&txn)).ok_or(EditError::Deleted)
            }
        };
        // Whatever became of it, no other type gets the handle.
        self.roots.give_up_to(id.0.saturating_add(1));
        opened.map(drop)
    }

    /// Takes it that so many handles were given. Those that lead to nothing are those of deleted types.
    pub fn rebuild_given(&mut self, given: u32) {
        self.roots.give_up_to(given);
    }

    /// Forgets what came of all of that: everybody knows it.
    pub fn end_rebuilding(&mut self) {
        self.complete();
        self.committed.clear();
        while self.poll_change().is_some() {}
        self.forgotten();
    }
}
