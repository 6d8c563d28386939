//! Runs something at the end of the current task.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

/// Runs `task` once, after the JavaScript that is running and before the next event.
pub(super) fn soon(task: impl FnOnce() + 'static) {
    let task: Function = Closure::once_into_js(task).unchecked_into();
    if queue_microtask(&task).is_err() {
        Promise::resolve(&JsValue::UNDEFINED).unchecked_ref::<Thenable>().then(&task);
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask, catch)]
    fn queue_microtask(task: &Function) -> Result<(), JsValue>;

    type Thenable;

    #[wasm_bindgen(method)]
    fn then(this: &Thenable, task: &Function) -> JsValue;
}
