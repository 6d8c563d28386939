//! Decides what a socket carries: one binary or one text message of the WebSocket protocol.

/// Which kind of frames a server takes and sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind {
    /// [`Frame::Binary`].
    Binary,
    /// [`Frame::Text`].
    Text,
}

impl FrameKind {
    /// The kind of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "binary" => Some(Self::Binary),
            "text" => Some(Self::Text),
            _ => None,
        }
    }
}

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
