//! Decides how the committed document is read: through one type, whatever transaction is open.
//!
//! What reads is generic over the transaction, in yrs too. Through this type it is compiled once and not twice.

use yrs::{ReadTxn, Store};

/// The committed content.
pub(super) struct View<'a>(&'a Store);

impl<'a> View<'a> {
    /// What `txn` sees.
    pub(super) fn of(txn: &'a impl ReadTxn) -> Self {
        Self(txn.store())
    }
}

impl ReadTxn for View<'_> {
    fn store(&self) -> &Store {
        self.0
    }
}
