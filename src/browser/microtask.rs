//! Runs something at the end of the current task.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::tasks::Tasks;

/// Runs `task` once, after the JavaScript that is running and before the next event.
pub(super) fn soon(task: impl FnOnce() + 'static) {
    WAITING.with(|waiting| waiting.add(task));
    RUN_NEXT.with(|run_next| {
        if queue_microtask(run_next).is_err() {
            Promise::resolve(&JsValue::UNDEFINED).unchecked_ref::<Thenable>().then(run_next);
        }
    });
}

fn run_next() {
    WAITING.with(Tasks::run_next);
}

thread_local! {
    static WAITING: Tasks = const { Tasks::new() };
    /// One function for all of them: one for each would have to be registered with the garbage collector at every keystroke.
    static RUN_NEXT: Function = Closure::<dyn Fn()>::new(run_next).into_js_value().unchecked_into();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask, catch)]
    fn queue_microtask(task: &Function) -> Result<(), JsValue>;

    type Thenable;

    #[wasm_bindgen(method)]
    fn then(this: &Thenable, task: &Function) -> JsValue;
}
