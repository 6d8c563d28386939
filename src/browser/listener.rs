//! Wraps `addEventListener` so that a listener ends when its owner is dropped.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// A listener that is removed when this is dropped.
pub(super) struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn Fn(Event)>,
}

impl Listener {
    /// Calls `callback` for every event of this kind.
    ///
    /// # Errors
    /// What `addEventListener` throws; also if the target has no such method.
    pub(super) fn add(
        target: &EventTarget,
        kind: &'static str,
        callback: impl Fn(Event) + 'static,
    ) -> Result<Self, JsValue> {
        // Not `FnMut`: an event target that dispatches at once may call it again while it runs.
        let callback = Closure::<dyn Fn(Event)>::new(callback);
        target.add_event_listener_with_callback(kind, callback.as_ref().unchecked_ref())?;
        Ok(Self { target: target.clone(), kind, callback })
    }

    /// The function that the target calls.
    pub(super) fn callback(&self) -> &JsValue {
        self.callback.as_ref()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        // Nothing can be done about a target that refuses to forget.
        let _ = self.target.remove_event_listener_with_callback(self.kind, callback);
    }
}

/// Listens to an event for ever without doing anything, with one function shared by all targets.
///
/// # Errors
/// What `addEventListener` throws; also if the target has no such method.
pub(super) fn ignore(target: &EventTarget, kind: &str) -> Result<(), JsValue> {
    thread_local! {
        static NOTHING: Closure<dyn Fn()> = Closure::new(|| {});
    }
    NOTHING.with(|nothing| target.add_event_listener_with_callback(kind, nothing.as_ref().unchecked_ref()))
}
