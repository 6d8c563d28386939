//! Tells JavaScript what of this instance holds on to others, such as a lock.
//!
//! A trap ends an instance without running a destructor. What it held would stay for ever: so JavaScript has a list of it, in
//! memory that wasm cannot reach, and lets go of all that is on it.

use std::cell::RefCell;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::duck::{call, get, global};

/// Something on the list, which it leaves when this is dropped.
pub(super) struct Belonging(JsValue);

impl Belonging {
    /// Puts it on the list. What it may be, and how it is let go of, `pkg-template/src/life.ts` says.
    pub(super) fn of(thing: &JsValue) -> Self {
        change_list("add", thing);
        Self(thing.clone())
    }
}

/// Makes an instance of a class, which is on the list before anything else can happen.
///
/// # Errors
/// What its constructor throws.
pub(super) fn make(class: &Function, arguments: &Array) -> Result<(JsValue, Belonging), JsValue> {
    let list = LIST.with_borrow(JsValue::clone);
    let make = get(&list, "make");
    let thing = match make.dyn_ref::<Function>() {
        Some(make) => make.call2(&list, class, arguments)?,
        None => Reflect::construct(class, arguments)?,
    };
    Ok((thing.clone(), Belonging(thing)))
}

/// The same with a global class.
///
/// # Errors
/// What its constructor throws; also if there is no such class.
pub(super) fn make_global(class: &str, arguments: &[&JsValue]) -> Result<(JsValue, Belonging), JsValue> {
    make(global(class).unchecked_ref::<Function>(), &super::duck::array(arguments))
}

impl Drop for Belonging {
    fn drop(&mut self) {
        change_list("delete", &self.0);
    }
}

/// Takes the list. What there was before is not on it, so this comes first.
pub fn keep_belongings_in(list: JsValue) {
    LIST.set(list);
}

fn change_list(method: &str, thing: &JsValue) {
    let list = LIST.with_borrow(JsValue::clone);
    // Without a list, as in the tests of this crate, nobody sees what is left behind.
    if !list.is_undefined() {
        // The methods of a set do not throw.
        let _ = call(&list, method, &[thing]);
    }
}

thread_local! {
    static LIST: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}
