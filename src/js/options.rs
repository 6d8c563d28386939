//! Decides what the options object of `open` means; names and limits of numbers are those of [`Config`].

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use crate::browser::{Device, Durability, Endpoint, Setup, StoreName, TokenFunction, TokenSource, page_protocol};
use crate::config::{CLOSE_CODES, Config, ConfigError, unknown_option};
use crate::credential::{Carrier, Secret};
use crate::wire::{Admission, FrameKind, Protocol, ServerUrl, Sharing};

/// What a document is opened with.
pub(super) struct Options {
    config: Config,
    protocol: Protocol,
    frames: Option<FrameKind>,
    params: Vec<(String, String)>,
    protocols: Vec<String>,
    constructor: Option<Function>,
    token: TokenSource,
    token_in: Option<Carrier>,
    scope: String,
    name: Option<String>,
    store: Option<Durability>,
    is_shared: bool,
    has_session: bool,
    /// Whether to connect at once.
    pub(super) connect: bool,
}

impl Options {
    /// Reads the object; properties that are undefined count as absent.
    pub(super) fn read(object: &JsValue) -> Result<Self, Failure> {
        let mut options = Self {
            config: Config::default(),
            protocol: Protocol::YWebsocket,
            frames: None,
            params: Vec::new(),
            protocols: Vec::new(),
            constructor: None,
            token: TokenSource::None,
            token_in: None,
            scope: String::new(),
            name: None,
            store: None,
            is_shared: is_browser(),
            has_session: false,
            connect: true,
        };
        if !object.is_undefined() {
            for (name, value) in convert::entries(object, "options")?.into_iter().filter(|(_, v)| !v.is_undefined()) {
                options.set(&name, value)?;
            }
        }
        if let Some(kind) = options.frames {
            // Known only when both were read, in whatever order they were given.
            let chosen = options.protocol.with_frames(kind);
            options.protocol = chosen.ok_or_else(|| wrong("frames", "left out unless the protocol is 'relay'"))?;
        }
        Ok(options)
    }

    /// What the driver needs, with the address of `room` at `url`.
    pub(super) fn into_setup(self, url: &str, room: &str) -> Result<Setup, Failure> {
        let (carrier, protocols) = self.carrying()?;
        let Self { config, protocol, params, token, scope, name, store, is_shared, has_session, .. } = self;
        let server = ServerUrl::parse(url)?;
        // A class of the application may reach what browsers do not.
        if self.constructor.is_none() {
            server.check_page(&page_protocol())?;
        }
        let name = name.map_or_else(|| server.document_name(room), Ok)?;
        let dialect = protocol.dialect();
        if has_session && dialect.policy().sharing == Sharing::Alone {
            return Err(wrong("sessionAwareness", "left out unless the protocol is 'hocuspocus'").into());
        }
        let endpoint =
            Endpoint { url: dialect.endpoint(url, room, &params)?, protocols, carrier, constructor: self.constructor };
        let device = Device { name: StoreName { scope, name }, store, is_shared };
        Ok(Setup { config, protocol, token, route: dialect.route(room), has_session, endpoint, device })
    }

    /// Where the token travels, and the subprotocols that are offered beside it.
    fn carrying(&self) -> Result<(Carrier, Vec<String>), ConfigError> {
        let wrong = |name, expected| Err(wrong(name, expected));
        let carrier = match (self.protocol.dialect().policy().admission, self.token_in) {
            (Admission::Token, None) => Carrier::Message,
            (Admission::Token, Some(_)) => return wrong("tokenIn", "left out: this protocol has messages for tokens"),
            (Admission::Open, given) => given.unwrap_or(Carrier::Query),
        };
        if carrier != Carrier::Subprotocol || matches!(self.token, TokenSource::None) {
            return Ok((carrier, self.protocols.clone()));
        }
        match &self.token {
            TokenSource::Fixed(secret) if secret.as_subprotocol().is_err() => wrong("token", SUBPROTOCOL),
            // A server has to select one of them, which must not be the token.
            _ if self.protocols.is_empty() => Ok((carrier, vec!["syncline".to_owned()])),
            _ => Ok((carrier, self.protocols.clone())),
        }
    }

    fn set(&mut self, name: &str, value: JsValue) -> Result<(), Failure> {
        let wrong = |expected| wrong(name, expected);
        match name {
            "connect" => self.connect = value.as_bool().ok_or_else(|| wrong("a boolean"))?,
            "protocol" => {
                let parsed = value.as_string().and_then(|name| Protocol::parse(&name));
                self.protocol = parsed.ok_or_else(|| wrong("the name of a protocol, such as 'y-websocket'"))?;
            }
            "frames" => {
                let kind = value.as_string().and_then(|name| FrameKind::parse(&name));
                self.frames = Some(kind.ok_or_else(|| wrong("'binary' or 'text'"))?);
            }
            "protocols" => self.protocols = strings(&value).ok_or_else(|| wrong("an array of strings"))?,
            "params" => self.params = named_strings(&value).ok_or_else(|| wrong("an object of strings"))?,
            "closeCodes" => {
                for (code, action) in named_strings(&value).ok_or_else(|| wrong(CLOSE_CODES))? {
                    self.config.set_close_code(&code, &action)?;
                }
            }
            "token" => self.token = token_source(value).ok_or_else(|| wrong("a string or a function"))?,
            "tokenIn" if value == "query" => self.token_in = Some(Carrier::Query),
            "tokenIn" if value == "protocol" => self.token_in = Some(Carrier::Subprotocol),
            "tokenIn" => return Err(wrong("'query' or 'protocol'").into()),
            "scope" => self.scope = value.as_string().ok_or_else(|| wrong("a string"))?,
            "sessionAwareness" => self.has_session = value.as_bool().ok_or_else(|| wrong("a boolean"))?,
            "tabs" => self.is_shared = value.as_bool().ok_or_else(|| wrong("a boolean"))?,
            "store" => self.set_store(&value).ok_or_else(|| wrong(STORE))?,
            // Heeded by the TypeScript side, as is the next one.
            "logger" if value.is_object() || value.is_function() => {}
            "logger" => return Err(wrong("an object with functions, such as the console, or a function").into()),
            "warnBeforeUnload" if value.is_falsy() || UNLOAD_LEVELS.iter().any(|level| value == *level) => {}
            "warnBeforeUnload" => return Err(wrong("'unsynced', 'unstored' or false").into()),
            "WebSocket" => self.constructor = Some(value.dyn_into().map_err(|_| wrong("a class"))?),
            _ if Config::is_number_option(name) => {
                self.config.set_number(name, value.as_f64().ok_or_else(|| wrong("a number"))?)?;
            }
            _ => return Err(unknown_option(name).into()),
        }
        Ok(())
    }

    fn set_store(&mut self, value: &JsValue) -> Option<()> {
        if let Some(is_wanted) = value.as_bool() {
            self.store = is_wanted.then_some(Durability::Strict);
            return Some(());
        }
        self.store = Some(Durability::Strict);
        for (name, value) in convert::entries(value, "").ok()?.into_iter().filter(|(_, value)| !value.is_undefined()) {
            match (name.as_str(), value.as_string()?.as_str()) {
                ("name", given) if !given.is_empty() => self.name = Some(given.to_owned()),
                ("durability", "strict") => self.store = Some(Durability::Strict),
                ("durability", "relaxed") => self.store = Some(Durability::Relaxed),
                _ => return None,
            }
        }
        Some(())
    }
}

fn wrong(name: &str, expected: &'static str) -> ConfigError {
    ConfigError::WrongType { name: name.to_owned(), expected }
}

/// What the option `token` accepts where it travels as a subprotocol.
const SUBPROTOCOL: &str = "letters, digits and !#$%&'*+-.^_`|~ to be sent as a subprotocol";

/// What the option `store` accepts.
const STORE: &str = "a boolean, or an object with a 'name' and a 'durability' of 'strict' or 'relaxed'";

/// What the option `warnBeforeUnload` accepts.
const UNLOAD_LEVELS: [&str; 2] = ["unsynced", "unstored"];

/// Tabs are a matter of browsers: what else has locks and channels runs one program, which opens a document once.
fn is_browser() -> bool {
    let has = |name: &str| Reflect::has(&js_sys::global(), &name.into()).unwrap_or(false);
    has("document") || has("WorkerGlobalScope")
}

fn token_source(value: JsValue) -> Option<TokenSource> {
    match value.as_string() {
        Some(token) if token.is_empty() => Some(TokenSource::None),
        Some(token) => Some(TokenSource::Fixed(Secret::new(token))),
        None => value.dyn_into().ok().map(|function| TokenSource::Function(TokenFunction::new(function))),
    }
}

fn strings(value: &JsValue) -> Option<Vec<String>> {
    // Not by serde, whose error messages bring the code to write fractions.
    value.dyn_ref::<Array>()?.iter().map(|item| item.as_string()).collect()
}

/// In the order in which they were given.
fn named_strings(value: &JsValue) -> Option<Vec<(String, String)>> {
    let entries = convert::entries(value, "").ok()?;
    entries.into_iter().map(|(name, value)| Some((name, value.as_string()?))).collect()
}
