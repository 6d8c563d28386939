//! Reads the time: `performance.now()` and `Date.now()`, merged so that sleep is counted and time never goes back.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::clock::{Instant, MergedClock};

/// The clock of one document.
pub(super) struct Clock(RefCell<MergedClock>);

impl Clock {
    /// Starts at zero.
    pub(super) fn start() -> Self {
        let (monotonic, wall) = readings();
        Self(RefCell::new(MergedClock::new(monotonic, wall)))
    }

    /// The time since the start.
    pub(super) fn now(&self) -> Instant {
        let (monotonic, wall) = readings();
        self.0.borrow_mut().advance(monotonic, wall)
    }
}

/// Both clocks in milliseconds. Without `performance` the wall clock stands in for both.
fn readings() -> (f64, f64) {
    let wall = js_sys::Date::now();
    (performance_now().unwrap_or(wall), wall)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now, catch)]
    fn performance_now() -> Result<f64, JsValue>;
}
