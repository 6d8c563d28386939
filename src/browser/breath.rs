//! Runs something in a task of its own, behind the events that already wait.

use std::cell::OnceCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::Event;

use super::belonging::Belonging;
use super::duck::{call, construct, get, global};
use super::listener::Listener;
use super::microtask;
use super::tasks::Tasks;

/// Runs `task` once, after the browser has come round: at once, other than a timer, and yet not before what it has to do.
pub(super) fn take(task: impl FnOnce() + 'static) {
    let immediately = global("setImmediate");
    if let Some(immediately) = immediately.dyn_ref::<Function>() {
        // Node's, where an open channel would keep the process from ending. It does not throw.
        let _ = immediately.call1(&JsValue::UNDEFINED, &Closure::once_into_js(task));
        return;
    }
    WAITING.with(|waiting| waiting.add(task));
    let is_asked = CHANNEL.with(|channel| channel.get_or_init(Channel::open).as_ref().is_some_and(Channel::ask));
    if !is_asked {
        microtask::soon(run_next);
    }
}

/// A channel to ourselves: a message comes in a task of its own, and no browser makes it wait as it does with timers.
struct Channel {
    port: JsValue,
    _listener: Listener,
    _belonging: Belonging,
}

impl Channel {
    fn open() -> Option<Self> {
        let channel = construct("MessageChannel", &[]).ok()?;
        let (here, there) = (get(&channel, "port1"), get(&channel, "port2"));
        let listener = Listener::add(here.unchecked_ref(), "message", |_: Event| run_next()).ok()?;
        call(&here, "start", &[]).ok()?;
        Some(Self { port: there, _listener: listener, _belonging: Belonging::of(&here) })
    }

    fn ask(&self) -> bool {
        call(&self.port, "postMessage", &[&JsValue::NULL]).is_ok()
    }
}

thread_local! {
    static CHANNEL: OnceCell<Option<Channel>> = const { OnceCell::new() };
    static WAITING: Tasks = const { Tasks::new() };
}

fn run_next() {
    WAITING.with(Tasks::run_next);
}
