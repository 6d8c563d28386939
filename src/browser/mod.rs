//! Does what the session decides: the only place that touches sockets, disk, tabs, timers, clocks, randomness
//! and page events.
//!
//! There are no decisions here. A hub feeds the session one input at a time and carries out what it asks for; the
//! other files wrap one browser facility each, so that it ends by RAII. Everything is duck-typed: the same code runs in
//! a window, in a worker and under Node, where a facility that is missing is left out.

mod belonging;
mod breath;
mod channel;
mod clock;
mod database;
mod disk;
mod driver;
mod duck;
mod entropy;
mod gathering;
mod hub;
mod job;
mod lifecycle;
mod listener;
mod lock;
mod microtask;
mod report;
mod scratch;
mod socket;
mod tab_bus;
mod tasks;
mod timer;
mod token_source;

pub use belonging::keep_belongings_in;
pub use disk::{Durability, StoreName, forget_stored, stored};
pub use driver::{Device, Driver, Setup};
pub use hub::{Outside, Telling};
pub use report::report;
pub use socket::{Endpoint, NoWebSocket, page_protocol};
pub use token_source::{TokenFunction, TokenSource};
