//! Gets tokens: those that the application gave, and those that it is asked for by calling its function.

use js_sys::{Function, JsString, Promise};
use wasm_bindgen::prelude::*;

use super::duck::{call, get, text};
use crate::clock::Duration;
use crate::credential::{Answer, Carrier, Secret, Source};

/// Where the token of a document comes from, with the function that is called for it.
pub enum TokenSource {
    /// The application gave none.
    None,
    /// The application gave this one.
    Fixed(Secret),
    /// The application gave a function.
    Function(TokenFunction),
}

impl TokenSource {
    /// What the core needs to know of it.
    pub fn source(&self) -> Source {
        match self {
            Self::None => Source::None,
            Self::Fixed(secret) => Source::Fixed(secret.clone()),
            Self::Function(_) => Source::Function,
        }
    }
}

/// A function of the application that brings a token: `() => Promise<{ token: string, expiresIn?: number }>`.
pub struct TokenFunction(Function);

impl TokenFunction {
    /// Keeps the function, which is called for each question.
    pub const fn new(function: Function) -> Self {
        Self(function)
    }

    /// Calls the function, and `on_answer` once with what comes of it, never before this returns. What was thrown or
    /// rejected with is the error, as text; so is a token that cannot travel as `carrier` wants.
    pub fn ask(&self, carrier: Carrier, on_answer: impl Fn(Result<Answer, String>) + Clone + 'static) {
        let promise = match self.0.call0(&JsValue::UNDEFINED) {
            Ok(answer) => Promise::resolve(&answer),
            Err(exception) => Promise::reject(&exception),
        };
        let on_error = on_answer.clone();
        let resolved = Closure::once_into_js(move |answer: JsValue| on_answer(read(&answer, carrier)));
        let rejected = Closure::once_into_js(move |reason: JsValue| on_error(Err(words_of(&reason))));
        // A promise that was just made has this method, and it does not throw.
        let _ = call(&promise, "then", &[&resolved, &rejected]);
    }
}

fn read(answer: &JsValue, carrier: Carrier) -> Result<Answer, String> {
    let token = Secret::new(text(answer, "token"));
    if token.is_empty() {
        return Err("the token function gave no token".to_owned());
    }
    if carrier == Carrier::Subprotocol {
        token.as_subprotocol().map_err(|error| error.to_string())?;
    }
    let millis = get(answer, "expiresIn").as_f64();
    // The conversion ends at zero, which means expired, and at the most that an integer holds, which is for ever.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let lifetime = |millis: f64| Duration::from_millis(millis as u64);
    Ok(Answer { token, expires_in: millis.map(lifetime) })
}

/// What an exception says: an error's message, or the text that was thrown.
fn words_of(reason: &JsValue) -> String {
    let words = reason.dyn_ref::<JsString>().map_or_else(|| text(reason, "message"), String::from);
    if words.is_empty() { "the token function failed".to_owned() } else { words }
}
