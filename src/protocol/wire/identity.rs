//! Identity secrets.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use crate::domain::SealedSecret;

/// What the tenant's own site signs with, without what it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentitySecret {
    /// Its id.
    pub id: Uuid,
    /// When it was made.
    pub created_at: Time,
}

impl From<&SealedSecret> for IdentitySecret {
    fn from(secret: &SealedSecret) -> Self {
        Self {
            id: secret.id.0,
            created_at: secret.created_at.into(),
        }
    }
}

/// The same when it is made, the only time that it is shown. It has no `Debug`, so that none is ever printed.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewIdentitySecret {
    /// Its id.
    pub id: Uuid,
    /// The key of HS256: this text itself, in UTF-8.
    #[schema(example = "dbi_UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw")]
    pub secret: String,
    /// When it was made.
    pub created_at: Time,
}

impl NewIdentitySecret {
    /// Shows a secret.
    #[must_use]
    pub fn new(sealed: &SealedSecret, secret: &str) -> Self {
        Self {
            id: sealed.id.0,
            secret: secret.to_owned(),
            created_at: sealed.created_at.into(),
        }
    }
}
