//! Decides what is told of the handles that were given, so that another replica can give the same ones.

use super::{Place, Roots};
use crate::ids::ClientId;
use crate::replica::keeping::Opened;
use crate::replica::view::View;
use crate::replica::{Kind, TypeId};
use yrs::branch::Branch;
use yrs::types::TypeRef;
use yrs::{ArrayRef, BranchID, Hook, ID, MapRef, Out, TextRef};

impl Roots {
    /// As [`Self::adopt`], for the type in the element `id`.
    pub(in crate::replica) fn adopt_by_id(
        &mut self,
        within: TypeId,
        id: ID,
        asked: Kind,
        view: &View,
    ) -> Option<TypeId> {
        let place = BranchID::Nested(id);
        // Whatever it is, it is looked at before it is taken for what was asked.
        let found = Hook::<MapRef>::from(place.clone()).get(view)?;
        let found = match (AsRef::<Branch>::as_ref(&found).type_ref(), asked) {
            (TypeRef::Text, Kind::Text) => Out::YText(Hook::<TextRef>::from(place).get(view)?),
            (TypeRef::Map, Kind::Map) => Out::YMap(found),
            (TypeRef::Array, Kind::List) => Out::YArray(Hook::<ArrayRef>::from(place).get(view)?),
            _ => return None,
        };
        self.adopt(within, &found, asked, view)
    }

    /// How many handles were given.
    pub(in crate::replica) const fn given(&self) -> u32 {
        self.given
    }

    /// Gives handles to nothing until so many were given.
    pub(in crate::replica) fn give_up_to(&mut self, given: u32) {
        self.given = self.given.max(given);
    }

    /// What was opened under the handles from `first` on, as far as it is not deleted.
    pub(in crate::replica) fn opened(&self, first: u32) -> impl Iterator<Item = (TypeId, Opened<'_>)> {
        let later = self.open.get(self.open.partition_point(|(id, _)| id.0 < first)..).unwrap_or_default();
        later.iter().map(|(id, root)| {
            let kind = root.content.kind();
            let opened = match root.place {
                Place::Root(ref name) => Opened::Root(name, kind),
                Place::Nested { id, within, .. } => Opened::Nested(ClientId(id.client.get()), id.clock, within, kind),
            };
            (*id, opened)
        })
    }
}
