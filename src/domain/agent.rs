//! Agents: who answers chats, and with which rights.

use super::{AgentId, Invalid, Name, Timestamp};

/// What an agent may do; see `permission.rs` for the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers chats.
    Agent,
    /// Watches over the chats and people of its offices.
    Supervisor,
    /// Sets everything up.
    Admin,
    /// An admin that cannot be removed by others.
    Owner,
}

impl Role {
    /// Every role, least first.
    pub const ALL: [Self; 4] = [Self::Agent, Self::Supervisor, Self::Admin, Self::Owner];

    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(Invalid::UnknownValue("agent, supervisor, admin, owner"))
    }
}

/// An e-mail address as far as a server can judge it: one `@`, no white space, at most 254 characters
/// (RFC 5321's bound of a path). Kept as it was written; compared in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Email(Box<str>);

impl Email {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are compared.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl std::str::FromStr for Email {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(Invalid::TooLong {
                max: 254,
                unit: "bytes",
            });
        }
        let odd = |c: char| c.is_whitespace() || c.is_control();
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !text.contains(odd) =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(Invalid::BadFormat("an e-mail address")),
        }
    }
}

/// How many chats an agent may have at once, offers included: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity(u32);

impl Capacity {
    /// ROUTE-2's default.
    pub const DEFAULT: Self = Self(4);

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for Capacity {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u32::try_from(number) {
            Ok(number @ 1..=100) => Ok(Self(number)),
            _ => Err(Invalid::OutOfRange { min: 1, max: 100 }),
        }
    }
}

/// An agent's profile, without credentials: those never enter the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// What colleagues and visitors read.
    pub name: Name,
    /// Where it logs in with.
    pub email: Email,
    /// Its rights.
    pub role: Role,
    /// How many chats it may have at once.
    pub capacity: Capacity,
    /// When it was made.
    pub created_at: Timestamp,
}
