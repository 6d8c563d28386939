//! Reads, calls and makes JavaScript objects by name: what has the method is asked, whatever else it is.
//!
//! One import serves every method, which is smaller than an import each. It is for what happens rarely; frames and edits
//! go through declared imports.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// A property; undefined where there is none, or none may be read.
pub(super) fn get(target: &JsValue, name: &str) -> JsValue {
    // Each call that throws costs a place in the table of JavaScript values for ever: wasm-bindgen 0.2.128 frees that of
    // the exception and forgets the one that it made for the result. So what has no properties is not asked for one.
    if target.is_undefined() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(target, &name.into()).unwrap_or_default()
}

/// A property that is a text; empty where it is anything else.
pub(super) fn text(target: &JsValue, name: &str) -> String {
    get(target, name).as_string().unwrap_or_default()
}

/// A global variable, in a page as in a worker; undefined where there is none, or none may be read.
pub(super) fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// Calls a method.
///
/// # Errors
/// What it throws; also if there is no such method.
pub(super) fn call(target: &JsValue, method: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    Reflect::apply(get(target, method).unchecked_ref::<Function>(), target, &array(arguments))
}

/// Calls a method that not every browser has, and that is of no consequence where it is missing or throws. That it is missing
/// does not throw, which would cost a place for ever: see [`get`].
pub(super) fn call_if_there(target: &JsValue, method: &str) {
    if !get(target, method).is_undefined() {
        let _ = call(target, method, &[]);
    }
}

/// Makes an instance of a global class.
///
/// # Errors
/// What its constructor throws; also if there is no such class.
pub(super) fn construct(class: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    Reflect::construct(global(class).unchecked_ref::<Function>(), &array(arguments))
}

/// An array of these values.
pub(super) fn array(values: &[&JsValue]) -> Array {
    let array = Array::new();
    for value in values {
        array.push(value);
    }
    array
}

/// An object with these properties.
pub(super) fn object(properties: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // A fresh object takes any property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// A promise, and the functions that settle it.
pub(super) struct Deferred {
    pub promise: Promise,
    pub resolve: Function,
    pub reject: Function,
}

impl Deferred {
    /// Neither resolved nor rejected.
    pub(super) fn new() -> Self {
        let (mut resolve, mut reject) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
        // A promise calls this before its constructor returns.
        let promise = Promise::new(&mut |on_value, on_error| (resolve, reject) = (on_value.into(), on_error.into()));
        Self { promise, resolve: resolve.unchecked_into(), reject: reject.unchecked_into() }
    }
}
