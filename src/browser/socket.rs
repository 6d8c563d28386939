//! Wraps a WebSocket: whatever the constructor makes, as long as it behaves like one (browsers, Node, `ws`, a test's).

use js_sys::{Array, Function, JsString, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use super::belonging::{self, Belonging};
use super::duck::{get, global, text};
use super::listener::{self, Listener};
use crate::connection::{CloseCode, CloseInfo};
use crate::credential::{Carrier, Secret};
use crate::ids::SocketId;
use crate::wire::{Frame, with_parameter};

/// Where to connect to, and with which class.
#[derive(Clone, PartialEq)]
pub struct Endpoint {
    /// The address, without a token.
    pub url: String,
    /// The subprotocols to offer, without a token.
    pub protocols: Vec<String>,
    /// Where the token travels.
    pub carrier: Carrier,
    /// The class to use in place of the global `WebSocket`.
    pub constructor: Option<Function>,
}

/// There is no global `WebSocket`, and none was given.
#[derive(Clone, Copy, Debug)]
pub struct NoWebSocket;

impl Endpoint {
    /// The class that sockets are made with.
    ///
    /// # Errors
    /// There is none.
    pub fn constructor(&self) -> Result<Function, NoWebSocket> {
        match &self.constructor {
            Some(given) => Ok(given.clone()),
            None => global("WebSocket").dyn_into().map_err(|_| NoWebSocket),
        }
    }

    /// The arguments of the class for an attempt with this token, which may be empty.
    fn arguments(&self, token: &Secret) -> Array {
        let protocols: Array = self.protocols.iter().map(|name| JsValue::from_str(name)).collect();
        let url = match self.carrier {
            Carrier::Query if !token.is_empty() => &with_parameter(&self.url, "token", token.reveal()),
            Carrier::Query | Carrier::Subprotocol | Carrier::Message => &self.url,
        };
        if self.carrier == Carrier::Subprotocol && !token.is_empty() {
            protocols.push(&token.reveal().into());
        }
        Array::of2(&url.as_str().into(), &protocols)
    }
}

/// What a socket reports.
pub(super) enum News {
    /// It is open.
    Opened,
    /// A message came.
    Received(Frame),
    /// A message of this many bytes came; it was not read.
    TooLarge(usize),
    /// It is closed, or never opened.
    Closed(CloseInfo),
}

/// A socket that is closed and forgotten when this is dropped.
pub(super) struct Socket {
    id: SocketId,
    raw: WebSocket,
    listeners: Vec<Listener>,
    _belonging: Belonging,
}

impl Socket {
    /// Starts to connect, with this token. Messages larger than `limit` bytes are reported, not read.
    ///
    /// # Errors
    /// What the constructor threw, as text without the token: browsers quote the address and the subprotocols.
    pub(super) fn open(
        id: SocketId,
        endpoint: &Endpoint,
        token: &Secret,
        limit: usize,
        on_news: impl Fn(News) + Clone + 'static,
    ) -> Result<Self, String> {
        let constructor = endpoint.constructor().map_err(|NoWebSocket| "there is no WebSocket".to_owned())?;
        Self::construct(id, &constructor, &endpoint.arguments(token))
            .and_then(|socket| socket.listen(limit, on_news))
            .map_err(|exception| token.scrub(&text_of(&exception)))
    }

    fn construct(id: SocketId, constructor: &Function, arguments: &Array) -> Result<Self, JsValue> {
        let (raw, belonging) = belonging::make(constructor, arguments)?;
        Reflect::set(&raw, &"binaryType".into(), &"arraybuffer".into())?;
        Ok(Self { id, raw: raw.unchecked_into(), listeners: Vec::new(), _belonging: belonging })
    }

    fn listen(mut self, limit: usize, on_news: impl Fn(News) + Clone + 'static) -> Result<Self, JsValue> {
        // An error tells nothing and a close event follows it. It is never unlistened to: `ws` under Node throws it
        // out of the event loop, and ends the process, if a socket that was let go fails and nobody listens.
        listener::ignore(&self.raw, "error")?;
        let mut add = |kind, read: fn(&Event, usize) -> News| {
            let on_news = on_news.clone();
            let listener = Listener::add(&self.raw, kind, move |event| on_news(read(&event, limit)))?;
            self.listeners.push(listener);
            Ok::<(), JsValue>(())
        };
        add("open", |_, _| News::Opened)?;
        add("message", |event, limit| received(&event.unchecked_ref::<MessageEvent>().data(), limit))?;
        add("close", |event, _| closed(event.unchecked_ref()))?;
        Ok(self)
    }

    /// The attempt this socket belongs to.
    pub(super) const fn id(&self) -> SocketId {
        self.id
    }

    /// Sends a frame, or drops it if the socket is not open: the document still holds what it carries.
    pub(super) fn send(&self, frame: &Frame) {
        if self.raw.ready_state() != WebSocket::OPEN {
            return;
        }
        // A copy outside of wasm memory: `ws` compresses large messages later, when that memory holds something else.
        let sent = match frame {
            Frame::Binary(bytes) => self.raw.send_with_js_u8_array(&Uint8Array::from(bytes.as_slice())),
            Frame::Text(text) => self.raw.send_with_str(text),
        };
        // A socket that throws is about to close, and says so by its close event.
        drop(sent);
    }

    /// How many bytes it was handed and has not passed on; none where its class does not say.
    pub(super) fn buffered(&self) -> usize {
        // As a number of JavaScript: a class may have any, or none.
        let bytes = get(&self.raw, "bufferedAmount").as_f64().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        let bytes = bytes as usize;
        bytes
    }

    /// Closes the socket, open or not. Does nothing if it is closed already.
    pub(super) fn close(&self, code: CloseCode) {
        if self.raw.ready_state() <= WebSocket::OPEN {
            // A class that does not accept the code is left without a word rather than not at all.
            let closed = self.raw.close_with_code(code.as_u16()).or_else(|_| self.raw.close());
            drop(closed);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listeners.clear();
        self.close(CloseCode::Normal);
    }
}

/// Reads a message, but not before its size is known: it is copied into wasm memory, which never shrinks.
fn received(data: &JsValue, limit: usize) -> News {
    if let Some(text) = data.dyn_ref::<JsString>() {
        return within(limit, text.length(), || Frame::Text(String::from(text)));
    }
    let bytes = bytes_of(data);
    within(limit, bytes.length(), || Frame::Binary(bytes.to_vec()))
}

fn within(limit: usize, len: u32, read: impl FnOnce() -> Frame) -> News {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    if len > limit { News::TooLarge(len) } else { News::Received(read()) }
}

/// The bytes of an `ArrayBuffer`, of a `Uint8Array` or of Node's `Buffer`. Of anything else, such as a `Blob` from a
/// class that knows no `binaryType`, none: an empty frame, which every dialect refuses.
fn bytes_of(data: &JsValue) -> Uint8Array {
    match data.dyn_ref::<Uint8Array>() {
        Some(bytes) => bytes.clone(),
        None if data.is_object() => Uint8Array::new(data),
        None => Uint8Array::new_with_length(0),
    }
}

/// How the page was served that opens sockets here, such as `https:`; empty where there is no page.
pub fn page_protocol() -> String {
    text(&global("location"), "protocol")
}

fn closed(event: &CloseEvent) -> News {
    News::Closed(CloseInfo { code: event.code(), reason: text(event, "reason") })
}

fn text_of(exception: &JsValue) -> String {
    let message = get(exception, "message").as_string();
    message.unwrap_or_else(|| "the WebSocket could not be made".to_owned())
}
