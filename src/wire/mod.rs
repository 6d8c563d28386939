//! Decides how bytes on the wire become messages and messages become bytes, for every dialect that servers speak.
//!
//! Called by `sync` and `session`, never by sockets. It does not know what an update, a state vector or a presence state
//! means: those stay bytes and text. What one server does differently from another is a [`Dialect`] and the values of its
//! [`Policy`]; nothing outside this module asks which dialect it is. How bytes lie in frames is up to the [`Codec`], the
//! only state there is here.
//!
//! Bytes from outside are parsed completely or refused with a [`DecodeError`]. A length is compared with the bytes
//! that are left before it becomes a `usize` (which has 32 bits on wasm), and nothing is reserved because a number on
//! the wire asked for it.

mod api_gateway;
pub mod awareness;
mod base64;
mod codec;
mod dialect;
mod endpoint;
mod envelope;
mod error;
pub mod events;
mod frame;
mod hocuspocus;
mod json;
mod message;
mod pieces;
mod relay;
mod varint;
mod y_protocols;
mod y_sweet;
mod y_websocket;

pub use api_gateway::ApiGateway;
pub use awareness::{AwarenessEntry, Shown};
pub use codec::Codec;
pub use dialect::{
    Admission, Counterpart, Dialect, Greeting, Inbound, Messages, Pace, Policy, Probe, Proof, Protocol, Route, Sharing,
};
pub use endpoint::{EndpointError, ServerUrl, with_parameter};
pub use error::DecodeError;
pub use frame::{Frame, FrameKind};
pub use hocuspocus::Hocuspocus;
pub use message::{Access, Message, Receipt};
pub use relay::Relay;
pub use varint::{MAX_VAR_UINT, Reader, Writer};
pub use y_sweet::YSweet;
pub use y_websocket::YWebsocket;
