//! Wraps a BroadcastChannel: what one tab posts, every other tab that has the channel open receives.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent};

use super::belonging::{Belonging, make_global};
use super::duck::{call, call_if_there};
use super::listener::Listener;

/// A channel that is closed when this is dropped.
pub(super) struct Channel {
    raw: JsValue,
    listener: Option<Listener>,
    _belonging: Belonging,
}

impl Channel {
    /// Opens the channel of this name; nothing where the browser has no channels.
    pub(super) fn open(name: &str, on_message: impl Fn(Vec<u8>) + Clone + 'static) -> Option<Self> {
        let (raw, belonging) = make_global("BroadcastChannel", &[&name.into()]).ok()?;
        // An open channel would keep Node from ending; nothing else has this method.
        call_if_there(&raw, "unref");
        let mut channel = Self { raw, listener: None, _belonging: belonging };
        let on_event = move |event: Event| {
            if let Some(bytes) = received(event.unchecked_ref()) {
                on_message(bytes);
            }
        };
        channel.listener = Some(Listener::add(channel.raw.unchecked_ref(), "message", on_event).ok()?);
        Some(channel)
    }

    /// Hands the bytes to every other tab.
    pub(super) fn post(&self, bytes: &[u8]) {
        // A copy outside of wasm memory: a view would be cloned with the whole memory behind it. A channel that throws
        // is closed, which is what happens to tabs anyway: nobody relies on a message to arrive.
        let _ = call(&self.raw, "postMessage", &[&Uint8Array::from(bytes)]);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.listener = None;
        let _ = call(&self.raw, "close", &[]);
    }
}

/// The bytes of a message that [`Channel::post`] may have sent. They are copied into wasm memory, which never shrinks,
/// so not before their size is known.
fn received(event: &MessageEvent) -> Option<Vec<u8>> {
    let data = event.data();
    let bytes = data.dyn_ref::<Uint8Array>().filter(|bytes| bytes.length() <= MAX_BYTES)?;
    Some(bytes.to_vec())
}

/// The largest message that is read.
const MAX_BYTES: u32 = 64 << 20;
