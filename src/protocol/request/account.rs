//! Logging in, tenants, one's own status.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{
    Agent, AgentId, Capacity, Email, Invalid, Name, Role, Slug, Status, Timestamp,
};
use crate::faults::{Faults, between, from_text};
use crate::protocol::wire;

/// A password that somebody chooses: 8 to 200 characters. Never shown, not even to a developer.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl Password {
    /// Below this, guessing is cheap whatever the hash costs (NIST SP 800-63B).
    const CHARS_MIN: usize = 8;
    /// Beyond this nobody remembers it; hashing costs nothing more, but the request does.
    const CHARS_MAX: usize = 200;
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl std::str::FromStr for Password {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.chars().count() {
            ..Self::CHARS_MIN => Err(Invalid::TooShort {
                min: Self::CHARS_MIN,
            }),
            Self::CHARS_MIN..=Self::CHARS_MAX => Ok(Self(text.to_owned())),
            _ => Err(Invalid::TooLong {
                max: Self::CHARS_MAX,
                unit: "characters",
            }),
        }
    }
}

impl Deserr<Faults> for Password {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        from_text(value, location)
    }
}

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
}

/// An agent sets its status.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SetPresence {
    /// What to be.
    #[schema(value_type = wire::Status)]
    pub status: Status,
}

/// The platform operator adds a tenant.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewTenant {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Its name in addresses and at log-in: lower-case letters, digits and hyphens, letter first.
    #[schema(value_type = String, min_length = 2, max_length = 40, pattern = "^[a-z][a-z0-9-]+$")]
    pub slug: Slug,
    /// How many agents it pays for.
    #[deserr(try_from(i64) = between::<_, 1, 10_000> -> Invalid)]
    #[schema(minimum = 1, maximum = 10000)]
    pub seats: u32,
    /// Its first agent, who gets the role `owner`.
    pub admin: NewAdmin,
}

/// A tenant's first agent.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewAdmin {
    /// What colleagues and visitors read.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// Where it logs in with.
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub email: Email,
    /// Its password.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 200)]
    pub password: Password,
}

impl NewAdmin {
    /// The agent and its password.
    #[must_use]
    pub fn into_owner(self, id: AgentId, at: Timestamp) -> (Agent, Password) {
        let agent = Agent {
            id,
            name: self.name,
            email: self.email,
            role: Role::Owner,
            capacity: Capacity::DEFAULT,
            created_at: at,
        };
        (agent, self.password)
    }
}
