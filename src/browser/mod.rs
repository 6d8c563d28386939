//! Does what the session decides: the only place that touches sockets, timers, clocks, randomness and page events.
//!
//! There are no decisions here. [`Driver`] feeds the session one input at a time and carries out what it asks for; the
//! other files wrap one browser facility each, so that it ends by RAII. Everything is duck-typed: the same code runs in
//! a window, in a worker and under Node, where a facility that is missing is left out.

mod clock;
mod driver;
mod entropy;
mod lifecycle;
mod listener;
mod microtask;
mod report;
mod socket;
mod timer;

pub use driver::{Driver, Setup};
pub use report::report;
pub use socket::{Endpoint, NoWebSocket};
