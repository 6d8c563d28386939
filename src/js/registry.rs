//! Keeps the open documents by the numbers that JavaScript holds.

use std::cell::RefCell;
use std::rc::Rc;

use super::error::{ErrorCode, Failure};
use crate::browser::Driver;

/// Adds a document; its handle is never given to another one.
pub(super) fn insert(driver: Rc<Driver>) -> u32 {
    REGISTRY.with_borrow_mut(|registry| {
        registry.last_handle += 1;
        registry.open.push((registry.last_handle, driver));
        registry.last_handle
    })
}

/// The document of this handle.
pub(super) fn driver(handle: u32) -> Result<Rc<Driver>, Failure> {
    REGISTRY.with_borrow(|registry| {
        let index = registry.find(handle)?;
        registry.open.get(index).map(|(_, driver)| Rc::clone(driver)).ok_or_else(closed)
    })
}

/// Takes the document of this handle out.
pub(super) fn remove(handle: u32) -> Result<Rc<Driver>, Failure> {
    REGISTRY.with_borrow_mut(|registry| {
        let index = registry.find(handle)?;
        Ok(registry.open.remove(index).1)
    })
}

struct Registry {
    last_handle: u32,
    /// In ascending order of the handles.
    open: Vec<(u32, Rc<Driver>)>,
}

impl Registry {
    fn find(&self, handle: u32) -> Result<usize, Failure> {
        self.open.binary_search_by_key(&handle, |(known, _)| *known).map_err(|_| closed())
    }
}

/// The failure of every call on a document that is not open.
pub(super) fn closed() -> Failure {
    Failure::new(ErrorCode::Closed, "the document is closed")
}

thread_local! {
    static REGISTRY: RefCell<Registry> = const { RefCell::new(Registry { last_handle: 0, open: Vec::new() }) };
}
