//! Reports what the application threw, where nobody is there to catch it.

use wasm_bindgen::prelude::*;

/// Reports an exception as uncaught without ending anything; Node, which has no `reportError`, logs it.
pub fn report(exception: &JsValue) {
    if report_error(exception).is_err() {
        log_error(exception);
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = reportError, catch)]
    fn report_error(exception: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn log_error(exception: &JsValue);
}
