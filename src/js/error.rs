//! Decides how a failure looks in JavaScript: a `SynclineError` with a code of a closed set and a message for people.

use std::cell::RefCell;
use std::fmt;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser::{NoWebSocket, keep_belongings_in};
use crate::config::ConfigError;
pub use crate::error_code::ErrorCode;
use crate::replica::{EditError, Refusal};
use crate::wire::EndpointError;

/// What an exported function throws.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

impl Failure {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// From a layer below, which names its codes as strings of the same set.
    fn of(code: &str, error: &dyn fmt::Display) -> Self {
        let known = ErrorCode::ALL.into_iter().find(|known| known.name() == code);
        Self::new(known.unwrap_or(ErrorCode::Internal), error.to_string())
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::of(refusal.code(), &refusal)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorCode::BadOption, error.to_string())
    }
}

impl From<EndpointError> for Failure {
    fn from(error: EndpointError) -> Self {
        Self::new(ErrorCode::BadUrl, error.to_string())
    }
}

impl From<NoWebSocket> for Failure {
    fn from(NoWebSocket: NoWebSocket) -> Self {
        Self::new(
            ErrorCode::NoWebSocket,
            "there is no WebSocket here: `npm i ws` and pass its class as the option 'WebSocket'",
        )
    }
}

impl From<Failure> for JsValue {
    fn from(Failure { code, message }: Failure) -> Self {
        let (code, message) = (Self::from_str(code.name()), Self::from_str(&message));
        let constructor = ERROR_CLASS.with_borrow(Clone::clone);
        let made = constructor.and_then(|class| Reflect::construct(&class, &Array::of2(&code, &message)).ok());
        made.unwrap_or_else(|| {
            let error = js_sys::Error::new(&message.as_string().unwrap_or_default());
            // A fresh object takes any property.
            let _ = Reflect::set(&error, &"code".into(), &code);
            error.into()
        })
    }
}

thread_local! {
    static ERROR_CLASS: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Takes the class of errors to throw: `new errorConstructor(code, message)`. Until then plain errors with a `code` are
/// thrown. `belongings` is a set that has, from here on, what is to be let go of when a trap ends this instance. Called
/// once by the loader.
#[wasm_bindgen]
pub fn start(#[wasm_bindgen(js_name = errorConstructor)] error_constructor: Function, belongings: JsValue) {
    ERROR_CLASS.set(Some(error_constructor));
    keep_belongings_in(belongings);
}
