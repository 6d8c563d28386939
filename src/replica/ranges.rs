//! Decides how a set of changes is named: ranges of clocks for each client.

use crate::ids::{ClientId, Clock};
use std::ops::Range;

/// What an update inserts and what it deletes, as ranges of clocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranges {
    /// The elements that are inserted.
    pub structs: Vec<(ClientId, Range<Clock>)>,
    /// The elements that are deleted.
    pub deletes: Vec<(ClientId, Range<Clock>)>,
}
