//! Decides what the document is: a CRDT replica (yrs), edited and read locally, kept in step by updates.

mod error;
mod kind;
mod utf16;
mod value;

pub use error::{BadValue, EditError, NotApplied};
pub use kind::{Kind, TypeId};
pub use value::{Attributes, MAX_DEPTH, Value};
