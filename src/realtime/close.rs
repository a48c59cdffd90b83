//! Why the server closes a connection. The code tells the client whether to come back; see `docs/protocol.md`.

use crate::domain::Millis;
use crate::protocol::control::close;

/// A reason, with its code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// A binary frame.
    Binary,
    /// The server or the tenant's engine restarts.
    Restart {
        /// When to come back.
        retry_after: Millis,
    },
    /// Nothing was heard for too long.
    Silent,
    /// The token is bad, has expired or was revoked.
    Unauthenticated,
    /// The page may not use the widget.
    Forbidden,
    /// The client does not read what it is sent.
    TooSlow,
    /// Too many frames.
    RateLimited,
    /// No hello in time.
    NoHello,
}

impl Close {
    /// The code and the reason of the close frame.
    pub(super) fn code_and_reason(self) -> (u16, String) {
        let (code, reason) = match self {
            Self::Restart { retry_after } => {
                let millis = u64::try_from(retry_after.0).unwrap_or(0);
                return (close::RESTART, close::restart_reason(millis));
            }
            Self::Binary => close::BINARY,
            Self::Silent => close::SILENT,
            Self::Unauthenticated => close::UNAUTHENTICATED,
            Self::Forbidden => close::FORBIDDEN,
            Self::TooSlow => close::TOO_SLOW,
            Self::RateLimited => close::RATE_LIMITED,
            Self::NoHello => close::NO_HELLO,
        };
        (code, reason.to_owned())
    }
}
