//! Has Chromium go on in a new file with what the site stores, once a page.
//!
//! Chromium that is killed in the middle of a write leaves half a record at the end of its file, and writes on behind it
//! when it is started again. At the start after that it finds the file broken and deletes everything that the site has
//! stored: <https://github.com/google/leveldb/issues/1287>. Deleting a database, whichever, has it fold what is in the
//! file, read well, into another that is complete, and begin a new one.

use std::cell::Cell;

use super::database::attend;
use super::duck::{call, get, global};

thread_local! {
    static HAS_BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// Begins the new file, where that is of use and this page has not done it. It takes a few milliseconds, for which nobody
/// has to wait.
pub(super) fn begin_new_log() {
    // Only Chromium has this property; others would make and delete files for nothing.
    let is_of_use = !get(&global("navigator"), "userAgentData").is_undefined();
    if HAS_BEGUN.replace(true) || !is_of_use {
        return;
    }
    let factory = global("indexedDB");
    // Where it fails everything is as before, and there is nobody to tell.
    let _ = call(&factory, "open", &[&SCRATCH.into()])
        .and_then(|request| attend(&request, "success"))
        .and_then(|_| call(&factory, "deleteDatabase", &[&SCRATCH.into()]));
}

/// A database that is made to be deleted.
const SCRATCH: &str = "syncline-scratch";
