//! Decides what a socket carries: one binary or one text message of the WebSocket protocol.

/// One WebSocket message, as it came or as it is to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// Bytes.
    Binary(Vec<u8>),
    /// Text.
    Text(String),
}

impl Frame {
    /// Its size in bytes; text counts as UTF-8.
    pub const fn len(&self) -> usize {
        match self {
            Self::Binary(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether it carries nothing.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
