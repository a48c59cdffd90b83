//! Who somebody is: passwords, tokens and keys.
//!
//! Owns how credentials are made, kept, shown and checked. Must not know HTTP or sockets, store
//! anything, or read a clock: the time comes in. What somebody may do is `domain::allows`' matter.

mod identity;
mod opaque;
mod password;
mod platform;
mod sealer;
mod secret_file;
mod server_keys;
mod token;

pub use identity::{IdentityClaims, IdentitySecret, IdentityToken, is_identified, visitor_of};
pub use opaque::RefreshToken;
pub use password::{Password, PasswordError, Passwords};
pub use platform::PlatformKey;
pub use sealer::{Sealer, Unreadable};
pub use secret_file::{SecretFileError, read_or_create};
pub use server_keys::{ServerKey, ServerKeys, ServerKeysError};
pub use token::{AgentClaims, FileLink, LinkSignature, TokenError, Tokens, VisitorClaims};
