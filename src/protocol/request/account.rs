//! Logging in.

use deserr::Deserr;
use utoipa::ToSchema;

use crate::faults::Faults;

/// An agent logs in. Nothing is checked but that the fields are there: a wrong form is a wrong log-in.
#[derive(Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Login {
    /// The tenant's slug.
    #[schema(example = "acme")]
    pub tenant: String,
    /// The agent's address.
    #[schema(format = Email)]
    pub email: String,
    /// Its password.
    #[schema(format = Password)]
    pub password: String,
}

/// An agent renews its access token.
#[derive(Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Refresh {
    /// The newest refresh token of the session.
    pub refresh_token: String,
}

/// A visitor begins, or renews its token.
#[derive(Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct VisitorSession {
    /// An earlier token of this visitor: it keeps its id, and so its chats.
    #[deserr(default)]
    pub token: Option<String>,
    /// Who the visitor is to the tenant's own site: a JWT that one of the tenant's identity secrets has signed with HS256,
    /// with the claims `sub` (1 to 200 characters) and `exp` (at most 24 hours ahead), and `name`, `email`, `iat` and
    /// `nbf` if it says so. Not together with `token`.
    #[deserr(default)]
    #[schema(max_length = 4096)]
    pub identity_token: Option<String>,
}
