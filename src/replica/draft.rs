//! Decides how what is only here looks to an application: as changes of what somebody else holds.

use super::{Change, Refusal, Replica};
use crate::ids::LinkId;

impl Replica {
    /// What this document has beyond the one that `theirs` is the whole of, as changes of the roots that are open here.
    ///
    /// # Errors
    /// `theirs` is refused as [`apply`](Self::apply) refuses an update.
    pub fn changes_beyond(&mut self, theirs: &[u8]) -> Result<Vec<Change>, Refusal> {
        let mut draft = Self::new(self.client, self.max_held_bytes);
        draft.apply(theirs, LinkId::SERVER)?;
        let mut handles = Vec::new();
        for (handle, name, kind) in self.roots.names() {
            // A root that holds another kind there has no changes that could be told.
            if let Ok(id) = draft.open(name, kind)
                && draft.observe(id).is_ok()
            {
                handles.push((id, handle));
            }
        }
        let known = draft.state_vector();
        let ours = self.encode_since(Some(&known))?;
        draft.apply(&ours, LinkId::APPLICATION)?;
        let changes = std::iter::from_fn(|| draft.poll_change());
        let here = |change: Change| {
            let (_, target) = *handles.iter().find(|(id, _)| *id == change.target)?;
            Some(Change { target, ..change })
        };
        Ok(changes.filter_map(here).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ClientId;
    use crate::replica::{ChangeKind, DeltaOp, Inserted, Kind};

    #[test]
    fn what_is_only_here_is_told_as_a_change_of_what_is_there() {
        let mut there = Replica::new(ClientId(1), 1 << 20);
        let text = there.open("text", Kind::Text).unwrap();
        there.text_insert(text, 0, "hello world", None).unwrap();
        let held = there.encode_since(None).unwrap();

        let mut here = Replica::new(ClientId(2), 1 << 20);
        here.open("other", Kind::Map).unwrap();
        let text = here.open("text", Kind::Text).unwrap();
        here.apply(&held, LinkId::SERVER).unwrap();
        here.text_delete(text, 0, 6).unwrap();
        here.text_insert(text, 5, "!", None).unwrap();

        let changes = here.changes_beyond(&held).unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].target, text);
        let expected = vec![
            DeltaOp::Delete { len: 6 },
            DeltaOp::Retain { len: 5, attributes: None },
            DeltaOp::Insert { value: Inserted::Text("!".to_owned()), attributes: None },
        ];
        assert_eq!(changes[0].kind, ChangeKind::Text(expected));
        let same = here.encode_since(None).unwrap();
        assert_eq!(here.changes_beyond(&same).unwrap(), []);
    }
}
