//! Syncline: the sync client for web apps, compiled to WebAssembly.
//!
//! It keeps a CRDT document that lives in a browser tab in step with a server over a WebSocket, through every kind of bad
//! network. ARCHITECTURE.md in the repository is the map; the modules below are in reading order, and a module uses only
//! those before it (`wire`, `connection` and `replica` do not know each other).
//!
//! Everything up to [`session`] is pure: no I/O, no clock, no randomness, no JavaScript. [`session::Session`] is driven
//! by inputs and drained of outputs, so that a world of clients, servers and faults can be simulated natively, in virtual
//! time and by seed (`tests/simulation/`). `browser` and `js` exist on wasm only and decide nothing.

pub mod ids;

pub mod clock;
pub mod config;
pub mod credential;
pub mod error_code;
pub mod queue;
pub mod rng;
pub mod sorted;

pub mod wire;

pub mod connection;

pub mod replica;

pub mod sync;

pub mod store;
pub mod tabs;

pub mod session;

#[cfg(target_family = "wasm")]
pub mod browser;
#[cfg(target_family = "wasm")]
pub mod js;
