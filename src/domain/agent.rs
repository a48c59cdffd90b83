//! Agents: who answers chats, and with which rights.

use std::collections::BTreeSet;

use super::word::words;
use super::{
    AgentId, Hours, InactivitySettings, Invalid, Millis, Name, NewText, OfficeId, QueueId, Skills,
    Timestamp,
};
use serde::{Deserialize, Serialize};

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

/// The labels of the domain are none of them empty, nor do they begin or end with a hyphen (RFC 5321, section 4.1.2).
impl NewText for Email {
    fn new_text(text: &str) -> Result<Self, Invalid> {
        let email: Self = text.parse()?;
        let (_, domain) = email.0.split_once('@').unwrap_or_default();
        let is_label =
            |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        if domain.split('.').all(is_label) {
            Ok(email)
        } else {
            Err(Invalid::BadFormat("an e-mail address"))
        }
    }
}

/// How many chats an agent may have at once, offers included: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity(u32);

impl Capacity {
    /// ROUTE-2's default.
    pub const DEFAULT: Self = Self(4);

    /// The most.
    pub const MAX: Self = Self(100);

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
            Ok(number) if (1..=Self::MAX.0).contains(&number) => Ok(Self(number)),
            _ => Err(Invalid::OutOfRange {
                min: 1,
                max: i64::from(Self::MAX.0),
            }),
        }
    }
}

words! {
    /// How an agent comes by a seat (PRES-15).
    pub enum Seat {
        /// One of the seats that others leave, in order of arrival.
        Shared = "shared",
        /// One of its own, assigned by an admin.
        Assigned = "assigned",
    }
}

/// The address of a picture: `https://`, or a path of this server; at most 500 bytes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct PictureUrl(Box<str>);

impl PictureUrl {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for PictureUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() > 500 {
            return Err(Invalid::TooLong {
                max: 500,
                unit: "bytes",
            });
        }
        let host = text.strip_prefix("https://");
        let named = host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        let own = text.starts_with('/') && !text.starts_with("//");
        let odd = |c: char| c.is_whitespace() || c.is_control() || "\"<>\\".contains(c);
        if (named || own) && !text.contains(odd) {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::BadFormat("an https address"))
        }
    }
}

/// An agent's own delays of inactivity, within the tenant's (PRES-6). `None` is the tenant's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnInactivity {
    /// Until it is away.
    pub away_after: Option<Millis>,
    /// Until it is offline.
    pub offline_after: Option<Millis>,
}

impl OwnInactivity {
    /// The fields that ask for more than the tenant's settings allow.
    #[must_use]
    pub fn beyond(&self, tenant: &InactivitySettings) -> &'static [&'static str] {
        let longer = |own: Option<Millis>, bound: Option<Millis>| {
            own.zip(bound).is_some_and(|(own, bound)| own > bound)
        };
        match (
            longer(self.away_after, tenant.away_after),
            longer(self.offline_after, tenant.offline_after),
        ) {
            (true, true) => &["away_after_s", "offline_after_s"],
            (true, false) => &["away_after_s"],
            (false, true) => &["offline_after_s"],
            (false, false) => &[],
        }
    }
}

/// What an agent's work is bounded by, besides its profile and its presence. It is stored, so that a restart changes
/// nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// The queues that it has logged out of, itself or by a supervisor; it stays a member.
    pub logged_out: BTreeSet<QueueId>,
    /// How many offers it has missed since it last answered one (ROUTE-5).
    pub missed_in_a_row: u32,
    /// How it is given its first chats after it has come back.
    pub ramp: Option<Ramp>,
}

/// A bounded beginning (ROUTE-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ramp {
    /// When the agent came back.
    pub since: Timestamp,
    /// How many offers it was made since.
    pub given: u32,
}

/// An agent's profile, without credentials: those never enter the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// What colleagues read, and visitors where there is no public name.
    pub name: Name,
    /// What visitors read instead.
    pub public_name: Option<Name>,
    /// What visitors see of it.
    pub picture_url: Option<PictureUrl>,
    /// Where it logs in with.
    pub email: Email,
    /// Its rights.
    pub role: Role,
    /// How many chats it may have at once.
    pub capacity: Capacity,
    /// The offices that it is assigned to, besides those of its queues.
    pub office_ids: BTreeSet<OfficeId>,
    /// When it works; without hours nothing is set by the clock (PRES-9).
    pub hours: Option<Hours>,
    /// Delays of its own.
    pub inactivity: OwnInactivity,
    /// After how long it is offered a waiting chat while it is invisible (PRES-11); `None` is never.
    pub offers_when_invisible_after: Option<Millis>,
    /// How it comes by a seat.
    pub seat: Seat,
    /// What it is good at.
    pub skills: Skills,
    /// How many chats it may have when some of them are silent (ROUTE-22); `None` is twice its capacity.
    pub capacity_max: Option<Capacity>,
    /// Whether an offer to it is an assignment (ROUTE-12).
    pub auto_accept: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Agent {
    /// An agent that has nothing but what it cannot do without.
    #[must_use]
    pub fn new(id: AgentId, name: Name, email: Email, role: Role, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            public_name: None,
            picture_url: None,
            email,
            role,
            capacity: Capacity::DEFAULT,
            office_ids: BTreeSet::new(),
            hours: None,
            inactivity: OwnInactivity::default(),
            offers_when_invisible_after: None,
            seat: Seat::Shared,
            skills: Skills::new(),
            capacity_max: None,
            auto_accept: false,
            created_at,
            version: 1,
        }
    }

    /// How many chats it may have, silent ones among them; never fewer than its capacity.
    #[must_use]
    pub fn ceiling(&self) -> usize {
        let capacity = self.capacity.get();
        let ceiling = self.capacity_max.map_or(2 * capacity, Capacity::get);
        ceiling.max(capacity) as usize
    }

    /// What visitors read.
    #[must_use]
    pub fn shown_name(&self) -> &Name {
        self.public_name.as_ref().unwrap_or(&self.name)
    }
}
