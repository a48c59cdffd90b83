//! The bodies that bear an agent's password.

use deserr::Deserr;
use utoipa::ToSchema;

use crate::auth::Password;
use crate::domain::{
    Agent, AgentId, Capacity, Email, Hours, Name, OfficeId, PictureUrl, Role, Seat, Skills,
    Timestamp,
};
use crate::faults::{Change, Distinct, Faults, Field, SkillList, StandIns};
use crate::protocol::request::{InvisibleOffers, PatchOwnInactivity, seconds};
use crate::protocol::wire;

/// An admin adds an agent.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(in crate::http) struct CreateAgent {
    /// What colleagues read, and visitors where there is no public name.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// What visitors read instead.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub public_name: Option<Name>,
    /// What visitors see of it: an `https` address, or a path of this server.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub picture_url: Option<PictureUrl>,
    /// Where it logs in with.
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub email: Email,
    /// Its password.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    pub password: Password,
    /// Its rights, at most those of who adds it; `agent` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Role>)]
    pub role: Option<Role>,
    /// How many chats it may have at once; 4 when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub capacity: Option<Capacity>,
    /// How many it may have when some of them are silent, at least `capacity`; twice that when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub capacity_max: Option<Capacity>,
    /// Whether an offer to it is an assignment; `false` when not named.
    #[deserr(default)]
    pub auto_accept: Option<bool>,
    /// What it is good at, each skill once.
    #[deserr(default)]
    #[schema(value_type = Vec<wire::SkillLevel>, required = false)]
    pub skills: SkillList,
    /// The offices that it is assigned to, besides those of its queues.
    #[deserr(default)]
    #[schema(value_type = Vec<Uuid>, required = false)]
    pub office_ids: Distinct<OfficeId>,
    /// When it works; when not named, nothing is set by the clock.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Hours>)]
    pub hours: Option<Hours>,
    /// Delays of its own.
    #[deserr(default)]
    pub inactivity: Option<PatchOwnInactivity>,
    /// After how long it is offered a waiting chat while it is invisible; never when not named.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 3600)]
    pub offers_when_invisible_after_s: Option<InvisibleOffers>,
    /// How it comes by a seat; `shared` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Seat>)]
    pub seat: Option<Seat>,
}

impl StandIns for CreateAgent {
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", "\"-\""),
        ("email", "\"a@b\""),
        ("password", "\"----------\""),
    ];
}

impl StandIns for PatchAgent {}

impl CreateAgent {
    /// The agent that is asked for.
    pub(super) fn into_agent(self, id: AgentId, at: Timestamp) -> Agent {
        let role = self.role.unwrap_or(Role::Agent);
        Agent {
            public_name: self.public_name,
            picture_url: self.picture_url,
            capacity: self.capacity.unwrap_or(Capacity::DEFAULT),
            capacity_max: self.capacity_max,
            auto_accept: self.auto_accept.unwrap_or(false),
            skills: self.skills.0,
            office_ids: self.office_ids.0.into_iter().collect(),
            hours: self.hours,
            inactivity: PatchOwnInactivity::of_new(self.inactivity),
            offers_when_invisible_after: self.offers_when_invisible_after_s.map(seconds),
            seat: self.seat.unwrap_or(Seat::Shared),
            ..Agent::new(id, self.name, self.email, role, at)
        }
    }
}

/// An admin changes an agent; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub(in crate::http) struct PatchAgent {
    /// What colleagues read, and visitors where there is no public name.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Change<Name>,
    /// What visitors read instead; `null` for the name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub public_name: Field<Name>,
    /// What visitors see of it: an `https` address, or a path of this server; `null` for nothing.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub picture_url: Field<PictureUrl>,
    /// Where it logs in with.
    #[deserr(default)]
    #[schema(value_type = String, required = false, format = Email, max_length = 254)]
    pub email: Change<Email>,
    /// Its new password. All its sessions end.
    #[deserr(default)]
    #[schema(value_type = String, required = false, format = Password, min_length = 10, max_length = 200)]
    pub password: Change<Password>,
    /// Its rights, at most those of who changes it; `null` for `agent`. With another role all its sessions end.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Role>)]
    pub role: Field<Role>,
    /// How many chats it may have at once; `null` for 4.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub capacity: Field<Capacity>,
    /// How many it may have when some of them are silent, at least `capacity`; `null` for twice that.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub capacity_max: Field<Capacity>,
    /// Whether an offer to it is an assignment; `null` for `false`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub auto_accept: Field<bool>,
    /// What it is good at, all of it; `null` for nothing.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<wire::SkillLevel>>)]
    pub skills: Field<SkillList>,
    /// The offices that it is assigned to, all of them, besides those of its queues; `null` for none.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    pub office_ids: Field<Distinct<OfficeId>>,
    /// When it works, replaced as a whole; with `null` nothing is set by the clock.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Hours>)]
    pub hours: Field<Hours>,
    /// Delays of its own, a patch itself; `null` takes all of them away.
    #[deserr(default)]
    #[schema(value_type = Option<PatchOwnInactivity>)]
    pub inactivity: Field<PatchOwnInactivity>,
    /// After how long it is offered a waiting chat while it is invisible; `null` is never.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 3600)]
    pub offers_when_invisible_after_s: Field<InvisibleOffers>,
    /// How it comes by a seat; `null` for `shared`.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Seat>)]
    pub seat: Field<Seat>,
}

impl PatchAgent {
    /// The role that it names.
    pub(super) fn named_role(&self) -> Option<Role> {
        self.role.or(None)
    }

    /// The password that it names.
    pub(super) fn named_password(&self) -> Option<&Password> {
        match &self.password {
            Change::Absent => None,
            Change::Value(password) => Some(password),
        }
    }

    /// Changes what it names but the password; the version is not its business.
    pub(super) fn apply(self, agent: &mut Agent) {
        self.name.put_into(&mut agent.name);
        self.public_name.put_into(&mut agent.public_name);
        self.picture_url.put_into(&mut agent.picture_url);
        self.email.put_into(&mut agent.email);
        self.role.put_or(&mut agent.role, || Role::Agent);
        self.capacity
            .put_or(&mut agent.capacity, || Capacity::DEFAULT);
        self.capacity_max.put_into(&mut agent.capacity_max);
        self.auto_accept.put_or(&mut agent.auto_accept, || false);
        self.skills
            .map(|list| list.0)
            .put_or(&mut agent.skills, Skills::new);
        self.office_ids
            .map(|ids| ids.0.into_iter().collect())
            .put_or(&mut agent.office_ids, Default::default);
        self.hours.put_into(&mut agent.hours);
        PatchOwnInactivity::put(self.inactivity, &mut agent.inactivity);
        self.offers_when_invisible_after_s
            .map(seconds)
            .put_into(&mut agent.offers_when_invisible_after);
        self.seat.put_or(&mut agent.seat, || Seat::Shared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::request::tests::check_nulls;

    #[test]
    fn a_schema_says_null_where_null_is_taken() {
        check_nulls::<CreateAgent>();
        check_nulls::<PatchAgent>();
    }
}
