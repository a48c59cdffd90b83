//! Offices, queues, widgets, tenants.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Agent, Mode, Strategy, Time, WhenNotLive};
use crate::domain::{self, Domain, Name, Note, OfficeId, Slug, TenantId, Timestamp, WidgetKey};
use crate::engine;

/// A unit of a tenant that visitors reach and agents serve.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Office {
    /// Its id.
    pub id: Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    pub name: Name,
    /// What a visitor sees while nobody is there.
    pub when_not_live: WhenNotLive,
    /// What a visitor sees now.
    pub mode: Mode,
    /// When it was made.
    pub created_at: Time,
}

impl From<&engine::OfficeView> for Office {
    fn from(view: &engine::OfficeView) -> Self {
        Self {
            id: view.office.id.0,
            name: view.office.name.clone(),
            when_not_live: WhenNotLive(view.office.when_not_live.as_str()),
            mode: Mode(view.mode.as_str()),
            created_at: view.office.created_at.into(),
        }
    }
}

/// An office as a list names it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeCard {
    /// Its id.
    pub id: Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    pub name: Name,
}

/// An office with what a visitor sees of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeMode {
    /// Its id.
    pub id: Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    pub name: Name,
    /// What a visitor sees now.
    pub mode: Mode,
}

/// What a widget shows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Availability {
    /// What the widget shows: the best of its offices.
    pub mode: Mode,
    /// Until when this holds for certain; `null` while nothing is known to change it.
    pub valid_until: Option<Time>,
    /// Its offices in their order.
    pub offices: Vec<OfficeMode>,
    /// How often to ask.
    pub poll_after_s: u32,
}

/// How often a widget asks. A status that changes is seen within half a minute, and 100,000 open pages make
/// 3,300 requests a second.
const POLL_AFTER_S: u32 = 30;

/// Writes what a widget shows. It is kept ready as bytes, since every open page asks for it again and again.
pub fn availability_body<'a>(
    mode: domain::Mode,
    offices: impl IntoIterator<Item = (OfficeId, &'a Name, domain::Mode)>,
) -> String {
    let office = |(id, name, mode): (OfficeId, &Name, domain::Mode)| OfficeMode {
        id: id.0,
        name: name.clone(),
        mode: Mode(mode.as_str()),
    };
    crate::protocol::to_text(&Availability {
        mode: Mode(mode.as_str()),
        valid_until: None,
        offices: offices.into_iter().map(office).collect(),
        poll_after_s: POLL_AFTER_S,
    })
}

/// Where chats wait, and how they are offered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Queue {
    /// Its id.
    pub id: Uuid,
    /// The office whose visitors it takes.
    pub office_id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// How agents are ranked.
    pub strategy: Strategy,
    /// How long an offer rings; `null` rings on.
    pub ring_timeout_s: Option<i64>,
    /// How long a chat waits for a new round after all have rejected or missed it.
    pub round_pause_s: i64,
    /// How many chats may wait.
    pub max_waiting: u32,
    /// The agents that its chats are offered to.
    pub member_ids: Vec<Uuid>,
    /// When it was made.
    pub created_at: Time,
}

impl From<&engine::QueueView> for Queue {
    fn from(view: &engine::QueueView) -> Self {
        let (queue, settings) = (&view.queue, view.queue.settings);
        Self {
            id: queue.id.0,
            office_id: queue.office_id.0,
            name: queue.name.clone(),
            strategy: Strategy(settings.strategy.as_str()),
            ring_timeout_s: settings.ring_timeout.map(domain::Millis::as_secs),
            round_pause_s: settings.round_pause.as_secs(),
            max_waiting: settings.max_waiting,
            member_ids: view.member_ids.iter().map(|id| id.0).collect(),
            created_at: queue.created_at.into(),
        }
    }
}

/// What a website embeds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Widget {
    /// Its id.
    pub id: Uuid,
    /// What a page names it by; public.
    #[schema(value_type = String)]
    pub key: WidgetKey,
    /// What admins read.
    #[schema(value_type = String)]
    pub name: Name,
    /// The offices that a visitor may reach through it, in the order in which they are tried.
    pub office_ids: Vec<Uuid>,
    /// The pages that may embed it; `*` for every one.
    #[schema(value_type = Vec<String>)]
    pub allowed_domains: Vec<Domain>,
    /// What it says when nobody is there.
    #[schema(value_type = String)]
    pub messenger_text: Note,
    /// When it was made.
    pub created_at: Time,
}

impl From<&domain::Widget> for Widget {
    fn from(widget: &domain::Widget) -> Self {
        Self {
            id: widget.id.0,
            key: widget.key.clone(),
            name: widget.name.clone(),
            office_ids: widget.office_ids.iter().map(|id| id.0).collect(),
            allowed_domains: widget.allowed_domains.clone(),
            messenger_text: widget.messenger_text.clone(),
            created_at: widget.created_at.into(),
        }
    }
}

/// A customer of the service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its name in addresses and at log-in.
    #[schema(value_type = String)]
    pub slug: Slug,
    /// How many agents it pays for.
    pub seats: u32,
    /// When it was made.
    pub created_at: Time,
}

impl Tenant {
    /// Puts a tenant together; the engine has no view of it, and this module does not know the store.
    #[must_use]
    pub fn new(id: TenantId, name: Name, slug: Slug, seats: u32, created_at: Timestamp) -> Self {
        Self {
            id: id.0,
            name,
            slug,
            seats,
            created_at: created_at.into(),
        }
    }

    /// The same with its first agent, as the call that makes a tenant answers.
    #[must_use]
    pub fn with_admin(self, admin: &domain::Agent) -> TenantWithAdmin {
        TenantWithAdmin {
            id: self.id,
            name: self.name,
            slug: self.slug,
            seats: self.seats,
            created_at: self.created_at,
            admin: admin.into(),
        }
    }
}

/// A new tenant with its first agent, an owner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TenantWithAdmin {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its name in addresses and at log-in.
    #[schema(value_type = String)]
    pub slug: Slug,
    /// How many agents it pays for.
    pub seats: u32,
    /// When it was made.
    pub created_at: Time,
    /// Its first agent.
    pub admin: Agent,
}
