//! Decides what the document is: a CRDT replica (yrs), edited and read locally, kept in step by updates.

mod changes;
mod compose;
mod delta;
mod error;
mod kind;
mod pending;
mod utf16;
mod value;

pub use changes::{Change, ChangeKind, KeyChange, PathSegment};
pub use delta::{DeltaOp, Inserted, ListOp};
pub use error::{BadValue, EditError, NotApplied};
pub use kind::{Kind, TypeId};
pub use value::{Attributes, MAX_DEPTH, Value};
