//! Decides by which codes programs tell errors apart: a closed set, the same in Rust and in TypeScript.

/// What went wrong with a call. The TypeScript union `ErrorCode` is checked against [`ErrorCode::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorCode {
    /// The server's address is not a WebSocket URL.
    BadUrl,
    /// An option does not exist, or its value is not accepted.
    BadOption,
    /// An argument has the wrong type.
    BadArgument,
    /// A value cannot be kept in a document.
    BadValue,
    /// An index or a length lies outside the content, or is not a whole number.
    OutOfRange,
    /// An index lies between the two halves of a surrogate pair.
    SplitSurrogate,
    /// The name belongs to a type of another kind.
    WrongKind,
    /// The nested type was deleted.
    Deleted,
    /// The document has been closed.
    Closed,
    /// The bytes are not an update, or not one that can be applied.
    BadUpdate,
    /// The bytes are not a snapshot, or not one that can be read.
    BadSnapshot,
    /// The update holds content that cannot be read.
    UnsupportedContent,
    /// Too many bytes wait for changes that have not arrived.
    TooMuchHeld,
    /// The bytes have ended an instance before.
    Quarantined,
    /// The protocol of the server has no place for what was asked for.
    Unsupported,
    /// There is no WebSocket here.
    NoWebSocket,
    /// The connection was given up for good. Raised by the TypeScript side.
    Stopped,
    /// The document is not kept on this device. Raised by the TypeScript side.
    NotStored,
    /// The wasm could not be loaded. Raised by the TypeScript side.
    LoadFailed,
    /// The instance does not survive the call. Raised by the TypeScript side.
    Trapped,
    /// A defect of Syncline.
    Internal,
}

impl ErrorCode {
    /// Every code there is.
    pub const ALL: [Self; 21] = [
        Self::BadUrl,
        Self::BadOption,
        Self::BadArgument,
        Self::BadValue,
        Self::OutOfRange,
        Self::SplitSurrogate,
        Self::WrongKind,
        Self::Deleted,
        Self::Closed,
        Self::BadUpdate,
        Self::BadSnapshot,
        Self::UnsupportedContent,
        Self::TooMuchHeld,
        Self::Quarantined,
        Self::Unsupported,
        Self::NoWebSocket,
        Self::Stopped,
        Self::NotStored,
        Self::LoadFailed,
        Self::Trapped,
        Self::Internal,
    ];

    /// The spelling in JavaScript.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadUrl => "bad-url",
            Self::BadOption => "bad-option",
            Self::BadArgument => "bad-argument",
            Self::BadValue => "bad-value",
            Self::OutOfRange => "out-of-range",
            Self::SplitSurrogate => "split-surrogate",
            Self::WrongKind => "wrong-kind",
            Self::Deleted => "deleted",
            Self::Closed => "closed",
            Self::BadUpdate => "bad-update",
            Self::BadSnapshot => "bad-snapshot",
            Self::UnsupportedContent => "unsupported-content",
            Self::TooMuchHeld => "too-much-held",
            Self::Quarantined => "quarantined",
            Self::Unsupported => "unsupported",
            Self::NoWebSocket => "no-websocket",
            Self::Stopped => "stopped",
            Self::NotStored => "not-stored",
            Self::LoadFailed => "load-failed",
            Self::Trapped => "trapped",
            Self::Internal => "internal",
        }
    }
}
