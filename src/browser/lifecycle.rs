//! Listens to what the page is told about its network and its life. Without a page (Node) there is nothing to hear.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::belonging::Belonging;
use super::duck::{array, global, text};
use super::listener::Listener;

/// What the page was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Signal {
    /// The browser believes that there is a network again.
    Online,
    /// The browser believes that there is no network.
    Offline,
    /// The page is seen again, or runs again.
    Visible,
    /// The page is not seen any more.
    Hidden,
    /// The page is left: the last moment to send something.
    Leaving,
    /// The page is about to be suspended, whether it was left before or is only out of sight.
    Frozen,
}

/// The listeners of one document; they end when this is dropped.
pub(super) struct Lifecycle {
    _listeners: Vec<(Listener, Belonging)>,
}

impl Lifecycle {
    /// Starts to listen.
    pub(super) fn watch(on_signal: impl Fn(Signal) + Clone + 'static) -> Self {
        let page: JsValue = js_sys::global().into();
        let on_page = PAGE_EVENTS.into_iter().filter_map(|(kind, signal)| listen(&page, kind, signal, &on_signal));
        let document = global("document");
        let on_document =
            DOCUMENT_EVENTS.into_iter().filter_map(|(kind, signal)| listen(&document, kind, signal, &on_signal));
        Self { _listeners: on_page.chain(on_document).collect() }
    }
}

const PAGE_EVENTS: [(&str, Signal); 4] = [
    ("online", Signal::Online),
    ("offline", Signal::Offline),
    ("pageshow", Signal::Visible),
    ("pagehide", Signal::Leaving),
];

const DOCUMENT_EVENTS: [(&str, Signal); 3] =
    [(VISIBILITY, Signal::Visible), ("freeze", Signal::Frozen), ("resume", Signal::Visible)];

/// Says that the page was shown or hidden, not which.
const VISIBILITY: &str = "visibilitychange";

/// Nothing where the target is missing or takes no listeners: there is nothing to hear from it.
fn listen(
    target: &JsValue,
    kind: &'static str,
    signal: Signal,
    on_signal: &(impl Fn(Signal) + Clone + 'static),
) -> Option<(Listener, Belonging)> {
    let on_signal = on_signal.clone();
    let on_event = move |_| on_signal(if kind == VISIBILITY && !is_visible() { Signal::Hidden } else { signal });
    let listener = Listener::add(target.unchecked_ref::<EventTarget>(), kind, on_event).ok()?;
    let belonging = Belonging::of(&array(&[target, &kind.into(), listener.callback()]));
    Some((listener, belonging))
}

fn is_visible() -> bool {
    text(&global("document"), "visibilityState") == "visible"
}
