//! Decides what the options object of `open` means; names and limits of numbers are those of [`Config`].

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use crate::browser::{Endpoint, Setup};
use crate::config::{CLOSE_CODES, Config, ConfigError, unknown_option};
use crate::wire::Protocol;

/// What a document is opened with.
pub(super) struct Options {
    config: Config,
    protocol: Protocol,
    params: Vec<(String, String)>,
    protocols: Vec<String>,
    constructor: Option<Function>,
    /// Whether to connect at once.
    pub(super) connect: bool,
}

impl Options {
    /// Reads the object; properties that are undefined count as absent.
    pub(super) fn read(object: &JsValue) -> Result<Self, Failure> {
        let mut options = Self {
            config: Config::default(),
            protocol: Protocol::YWebsocket,
            params: Vec::new(),
            protocols: Vec::new(),
            constructor: None,
            connect: true,
        };
        if !object.is_undefined() {
            for (name, value) in convert::entries(object, "options")?.into_iter().filter(|(_, v)| !v.is_undefined()) {
                options.set(&name, value)?;
            }
        }
        Ok(options)
    }

    /// What the driver needs, with the address of `room` at `url`.
    pub(super) fn into_setup(self, url: &str, room: &str) -> Result<Setup, Failure> {
        let Self { config, protocol, params, protocols, constructor, connect: _ } = self;
        let url = protocol.dialect().endpoint(url, room, &params)?;
        Ok(Setup { config, protocol, endpoint: Endpoint { url, protocols, constructor } })
    }

    fn set(&mut self, name: &str, value: JsValue) -> Result<(), Failure> {
        let wrong = |expected| ConfigError::WrongType { name: name.to_owned(), expected };
        match name {
            "connect" => self.connect = value.as_bool().ok_or_else(|| wrong("a boolean"))?,
            "protocol" => {
                let parsed = value.as_string().and_then(|name| Protocol::parse(&name));
                self.protocol = parsed.ok_or_else(|| wrong("the name of a protocol, such as 'y-websocket'"))?;
            }
            "protocols" => self.protocols = strings(&value).ok_or_else(|| wrong("an array of strings"))?,
            "params" => self.params = named_strings(&value).ok_or_else(|| wrong("an object of strings"))?,
            "closeCodes" => {
                for (code, action) in named_strings(&value).ok_or_else(|| wrong(CLOSE_CODES))? {
                    self.config.set_close_code(&code, &action)?;
                }
            }
            "WebSocket" => self.constructor = Some(value.dyn_into().map_err(|_| wrong("a class"))?),
            _ if Config::is_number_option(name) => {
                self.config.set_number(name, value.as_f64().ok_or_else(|| wrong("a number"))?)?;
            }
            _ => return Err(unknown_option(name).into()),
        }
        Ok(())
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
