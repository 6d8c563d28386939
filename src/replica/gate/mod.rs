//! Decides which bytes from outside may become part of the document, before yrs sees them.
//!
//! yrs does not survive hostile bytes, nor every honest order of delivery. So an update is first read whole
//! ([`parse()`]: structure and bounds), then compared with an own table of everything that is in the document
//! ([`admit`]: references and types). What yrs is given has no gap, no cycle and no dangling reference, and every
//! content stands where its parent takes it.

mod backlog;
mod batch;
mod content;
mod doubt;
mod excerpt;
mod kinds;
mod lines;
mod lineup;
mod parse;
mod placed;
mod quarantine;
mod reader;
mod references;
mod split;
mod table;

pub(super) use backlog::Backlog;
pub use backlog::Ready;
pub(super) use doubt::undoubted;
pub use excerpt::{Barred, Excerpt};
pub(super) use excerpt::{first, without};
pub(super) use lines::{Line, Order, Spot};
pub use parse::decode_state_vector;
pub(super) use parse::{Id, Parsed, parse};
pub(super) use placed::{Placed, What};
pub(super) use quarantine::Quarantine;
pub(super) use reader::Reader;
pub(super) use references::{Admission, admit};
pub(super) use split::{Early, with_deletions, write_deletes, write_var};
pub(super) use table::{Table, TypeId as Sequence};
