//! Keeps the open documents by the numbers that JavaScript holds.

use std::cell::RefCell;
use std::rc::Rc;

use super::error::{ErrorCode, Failure};
use crate::browser::Driver;

/// Adds a document under a handle, which is larger than all there were. JavaScript gives them, so that a document has the
/// same one in the next instance.
pub(super) fn insert(handle: u32, driver: Rc<Driver>) {
    REGISTRY.with_borrow_mut(|open| open.push((handle, driver)));
}

/// The document of this handle.
pub(super) fn driver(handle: u32) -> Result<Rc<Driver>, Failure> {
    REGISTRY.with_borrow(|open| {
        let index = find(open, handle)?;
        open.get(index).map(|(_, driver)| Rc::clone(driver)).ok_or_else(closed)
    })
}

/// Takes the document of this handle out.
pub(super) fn remove(handle: u32) -> Result<Rc<Driver>, Failure> {
    REGISTRY.with_borrow_mut(|open| {
        let index = find(open, handle)?;
        Ok(open.remove(index).1)
    })
}

fn find(open: &[(u32, Rc<Driver>)], handle: u32) -> Result<usize, Failure> {
    open.binary_search_by_key(&handle, |(known, _)| *known).map_err(|_| closed())
}

/// The failure of every call on a document that is not open.
pub(super) fn closed() -> Failure {
    Failure::new(ErrorCode::Closed, "the document is closed")
}

thread_local! {
    /// In ascending order of the handles.
    static REGISTRY: RefCell<Vec<(u32, Rc<Driver>)>> = const { RefCell::new(Vec::new()) };
}
