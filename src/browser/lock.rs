//! Wraps a Web Lock: of all tabs that want it, one holds it, until it lets go, ends, or is robbed.

use std::rc::{Rc, Weak};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::belonging::Belonging;
use super::duck::{Deferred, call, construct, get, global, object};

/// What becomes of a request for a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LockNews {
    /// The lock is held.
    Granted,
    /// The lock was taken away, or will never be granted.
    Lost,
}

/// A lock that is held or queued for. Dropping it gives the lock back, or leaves the queue.
pub(super) struct Lock {
    on_news: Box<dyn Fn(LockNews)>,
    /// Ends the promise that says how long the lock is held.
    release: Function,
    /// Leaves the queue; nothing where the lock is stolen, which does not queue.
    controller: Option<JsValue>,
    _belongings: Vec<Belonging>,
}

impl Lock {
    /// Queues for the lock of this name; nothing where the browser has no locks.
    pub(super) fn queue(name: &str, on_news: impl Fn(LockNews) + Clone + 'static) -> Option<Rc<Self>> {
        let controller = construct("AbortController", &[]).ok()?;
        let options = object(&[("signal", &get(&controller, "signal"))]);
        Self::request(name, &options, Some(controller), Box::new(on_news))
    }

    /// Takes the lock of this name from whoever holds it; nothing where the browser has no locks.
    pub(super) fn steal(name: &str, on_news: impl Fn(LockNews) + Clone + 'static) -> Option<Rc<Self>> {
        Self::request(name, &object(&[("steal", &JsValue::TRUE)]), None, Box::new(on_news))
    }

    fn request(
        name: &str,
        options: &JsValue,
        controller: Option<JsValue>,
        on_news: Box<dyn Fn(LockNews)>,
    ) -> Option<Rc<Self>> {
        let Deferred { promise: held, resolve: release, .. } = Deferred::new();
        let release_it: &JsValue = &release;
        let belongings = controller.iter().chain([release_it]).map(Belonging::of).collect();
        let lock = Rc::new(Self { on_news, release, controller, _belongings: belongings });
        let weak = Rc::downgrade(&lock);
        let granted = Closure::<dyn Fn() -> Promise>::new(move || {
            report(&weak, LockNews::Granted);
            held.clone()
        });
        let locks = get(&global("navigator"), "locks");
        let request = call(&locks, "request", &[&name.into(), options, granted.as_ref()]).ok()?;
        let weak = Rc::downgrade(&lock);
        // Called once, when the request has come to its end, whichever it is: the browser is done with `granted` only
        // then. An end that comes while the lock is not dropped was not wanted.
        let ended = Closure::once_into_js(move || {
            drop(granted);
            report(&weak, LockNews::Lost);
        });
        call(&request, "then", &[&ended, &ended]).ok()?;
        Some(lock)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Neither throws: one resolves a promise, the other is without effect once the lock was granted.
        let _ = self.release.call0(&JsValue::UNDEFINED);
        if let Some(controller) = &self.controller {
            let _ = call(controller, "abort", &[]);
        }
    }
}

fn report(lock: &Weak<Lock>, news: LockNews) {
    if let Some(lock) = lock.upgrade() {
        (lock.on_news)(news);
    }
}
