//! Syncline: the sync client for web apps, compiled to WebAssembly.

pub mod clock;
pub mod config;
pub mod connection;
pub mod ids;
pub mod replica;
pub mod rng;
pub mod wire;

#[cfg(target_family = "wasm")]
pub mod browser;
#[cfg(target_family = "wasm")]
pub mod js;
