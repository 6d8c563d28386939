//! The exported interface: free functions over numeric handles, called by the TypeScript handles of `pkg-template`.
//!
//! Each converts its arguments, delegates to the document's [`Driver`](crate::browser::Driver) and converts the answer;
//! nothing is decided here. No class is exported: an instance that a trap has killed takes no application object with
//! it. Every function may throw a `SynclineError`, whose codes are [`ErrorCode`].

mod convert;
mod cursor;
mod doc;
mod error;
mod event;
mod history;
mod journal;
mod list;
mod map;
mod nested;
mod observe;
mod options;
mod record;
mod registry;
mod stored;
mod text;
mod types;
mod undo;

pub use cursor::{type_cursor, type_resolve};
pub use doc::{
    doc_apply_update, doc_client_id, doc_close, doc_commit, doc_connect, doc_disconnect, doc_encode_update, doc_forget,
    doc_open, doc_presence, doc_reconnect, doc_set_presence, doc_state_vector, doc_status,
};
pub use error::{ErrorCode, Failure, start};
pub use history::{doc_restore, doc_snapshot, past_check, past_read, text_diff, type_restore};
pub use journal::{doc_checkpoint, doc_replay, in_hand};
pub use list::{list_delete, list_get, list_insert, list_length, list_to_json};
pub use map::{map_delete, map_get, map_has, map_keys, map_set, map_size, map_to_json};
pub use nested::{doc_forgotten, list_create, list_open, map_create, map_open};
pub use observe::{doc_counters, doc_explain, doc_trace};
pub use stored::{forget_stored, list_stored};
pub use text::{text_apply_delta, text_delete, text_format, text_insert, text_length, text_to_delta, text_to_string};
pub use types::{type_observe, type_open, type_unobserve};
pub use undo::{undo_can_redo, undo_can_undo, undo_clear, undo_close, undo_open, undo_redo, undo_stop, undo_undo};
