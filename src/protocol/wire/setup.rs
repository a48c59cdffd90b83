//! Offices, widgets, statuses, pauses, tenants.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Agent, FormField, Hours, Mode, Overrun, OwnInactivity, Status, Time, WhenBusy, WhenNotLive,
};
use crate::domain::{self, Domain, Name, Note, Slug, TenantId, Timestamp, WidgetKey};
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
    /// What a visitor sees while everybody who is there has as many chats as it may have.
    pub when_busy: WhenBusy,
    /// When it is open; `null` is always.
    pub hours: Option<Hours>,
    /// Delays that narrow the tenant's for its agents.
    pub inactivity: OwnInactivity,
    /// What a visitor sees now.
    pub mode: Mode,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&engine::OfficeView> for Office {
    fn from(view: &engine::OfficeView) -> Self {
        let office = &view.office;
        Self {
            id: office.id.0,
            name: office.name.clone(),
            when_not_live: WhenNotLive(office.when_not_live.as_str()),
            when_busy: WhenBusy(office.when_busy.as_str()),
            hours: office.hours.as_ref().map(Hours::from),
            inactivity: office.inactivity.into(),
            mode: Mode(view.mode.as_str()),
            created_at: office.created_at.into(),
            version: office.version,
        }
    }
}

/// An office with what a visitor sees of it now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeCard {
    /// Its id.
    pub id: Uuid,
    /// What visitors read.
    #[schema(value_type = String)]
    pub name: Name,
    /// What a visitor sees now.
    pub mode: Mode,
}

impl From<&engine::OfficeView> for OfficeCard {
    fn from(view: &engine::OfficeView) -> Self {
        Self {
            id: view.office.id.0,
            name: view.office.name.clone(),
            mode: Mode(view.mode.as_str()),
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
    /// What it asks before a chat begins, and besides a name and an address before a message is left.
    pub form: Vec<FormField>,
    /// The agent that its chats are kept for; `null` is nobody.
    pub agent_id: Option<Uuid>,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
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
            form: widget.form.iter().map(FormField::from).collect(),
            agent_id: widget.agent_id.map(|id| id.0),
            created_at: widget.created_at.into(),
            version: widget.version,
        }
    }
}

/// A status that the tenant has added to the four.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomStatus {
    /// Its id.
    pub id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// Which of the four it is built on.
    pub base: Status,
    /// Whether its agent has a part in chats; else it is effectively offline.
    pub handles_chats: bool,
    /// Whether the time in it is paid.
    pub paid: bool,
    /// The colour of its mark on pages.
    pub color: String,
    /// Its place in lists.
    pub sort_order: i32,
    /// How long an agent may be in it a day; longer is marked. `null` is no bound.
    pub longest_a_day_s: Option<i64>,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::CustomStatus> for CustomStatus {
    fn from(status: &domain::CustomStatus) -> Self {
        Self {
            id: status.id.0,
            name: status.name.clone(),
            base: Status(status.base.as_str()),
            handles_chats: status.handles_chats,
            paid: status.paid,
            color: status.color.to_string(),
            sort_order: status.sort_order,
            longest_a_day_s: status.longest_a_day.map(domain::Millis::as_secs),
            created_at: status.created_at.into(),
            version: status.version,
        }
    }
}

/// A kind of pause.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pause {
    /// Its id.
    pub id: Uuid,
    /// What agents read.
    #[schema(value_type = String)]
    pub name: Name,
    /// Whether it is paid.
    pub paid: bool,
    /// How long it may last; `null` is no bound.
    pub longest_s: Option<i64>,
    /// What happens then.
    pub on_overrun: Overrun,
    /// Its place in lists.
    pub sort_order: i32,
    /// When it was made.
    pub created_at: Time,
    /// Counts its changes; the entity tag is made of it.
    pub version: i64,
}

impl From<&domain::Pause> for Pause {
    fn from(pause: &domain::Pause) -> Self {
        Self {
            id: pause.id.0,
            name: pause.name.clone(),
            paid: pause.paid,
            longest_s: pause.longest.map(domain::Millis::as_secs),
            on_overrun: Overrun(pause.on_overrun.as_str()),
            sort_order: pause.sort_order,
            created_at: pause.created_at.into(),
            version: pause.version,
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
