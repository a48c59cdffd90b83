//! The tenant's settings.

use deserr::Deserr;
use utoipa::ToSchema;

use super::{MinuteToDay, number, seconds};
use crate::domain::{
    ChatSettings, DisconnectSettings, InactivitySettings, Invalid, OnAgentGone, Status,
    TenantSettings, Zone,
};
use crate::faults::{Between, Change, Faults, Field, StandIns};
use crate::protocol::wire;

/// The most seats of a tenant: as many agents as it may ever have online, and then some. The operator of the service sets
/// them within the same bounds as the tenant's admins; the schemas of both repeat it.
pub const SEATS_MAX: i64 = 100_000;
type Seats = Between<1, SEATS_MAX>;
/// Up to a day.
type UpToDay = Between<0, 86_400>;
/// From half a minute, twice of which another system can ping in, to an hour.
type LeaseTtl = Between<30, 3600>;

/// From a minute, in which people think and type, to a day.
type InactiveAfter = MinuteToDay;
/// Up to as many as an agent may have at all.
type RampPerMinute = Between<1, 100>;
/// From a minute to four hours: who stops earlier has other hours.
type StopOffers = Between<60, 14_400>;

/// An admin changes the settings; what is not named stays as it is.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchSettings {
    /// How many agents may be online at once; not less than are assigned.
    #[deserr(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100_000)]
    pub seats: Change<Seats>,
    /// The calendar by which days are counted; `null` for `UTC`.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "Europe/Prague")]
    pub time_zone: Field<Zone>,
    /// The end of the last connection, a patch itself; `null` for its defaults.
    #[deserr(default)]
    #[schema(value_type = Option<PatchDisconnect>)]
    pub disconnect: Field<PatchDisconnect>,
    /// The end of activity, a patch itself; `null` for its defaults.
    #[deserr(default)]
    #[schema(value_type = Option<PatchInactivity>)]
    pub inactivity: Field<PatchInactivity>,
    /// Presence that another system holds, a patch itself; `null` for its defaults.
    #[deserr(default)]
    #[schema(value_type = Option<PatchLease>)]
    pub lease: Field<PatchLease>,
    /// Whether agents that are offline may write in chats; `null` for `true`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub offline_replies: Field<bool>,
    /// Whether visitors see the names and pictures of the agents that are online; `null` for `false`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub show_agents: Field<bool>,
    /// Whether visitors see how many chats wait before they begin one; `null` for `false`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub show_queue: Field<bool>,
    /// Chats, whatever their queue, a patch itself; `null` for its defaults.
    #[deserr(default)]
    #[schema(value_type = Option<PatchChats>)]
    pub chats: Field<PatchChats>,
}

/// What holds for all chats, whatever their queue.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchChats {
    /// What becomes of the active chats of an agent that is effectively offline; `null` for `keep`.
    #[deserr(default)]
    #[schema(value_type = Option<wire::OnAgentGone>)]
    pub on_agent_gone: Field<OnAgentGone>,
    /// After how long without a message a chat does not count as load; `null` is never.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub inactive_after_s: Field<InactiveAfter>,
    /// How many chats a minute an agent that has come back is given; `null` is no bound.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub ramp_per_minute: Field<RampPerMinute>,
    /// How long before the end of an agent's hours nothing new is offered to it; `null` is not.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 14400)]
    pub stop_offers_before_end_s: Field<StopOffers>,
    /// Whether agents see what a visitor has written and not sent.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub show_unsent_text: Field<bool>,
}

/// What happens when an agent's last connection is gone.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchDisconnect {
    /// How long the status stands; `null` until inactivity ends it.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, maximum = 86400)]
    pub grace_s: Field<UpToDay>,
    /// What the agent is then, `away` or `offline`; `null` for `offline`.
    #[deserr(default, try_from(Field<Status>) = gone -> Invalid)]
    #[schema(value_type = Option<wire::Status>)]
    pub becomes: Field<Status>,
    /// How long after that a returning connection brings the earlier status back; `null` for 900.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, maximum = 86400)]
    pub restore_within_s: Field<UpToDay>,
}

/// Somebody who is gone is not online.
fn gone(status: Field<Status>) -> Result<Field<Status>, Invalid> {
    match status {
        Field::Value(Status::Online | Status::Invisible) => {
            Err(Invalid::UnknownValue("away, offline"))
        }
        status => Ok(status),
    }
}

/// What happens when an agent does nothing.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchInactivity {
    /// After how long it is away; `null` is never.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub away_after_s: Field<MinuteToDay>,
    /// After how long it is offline; `null` is never.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86400)]
    pub offline_after_s: Field<MinuteToDay>,
    /// Whether its first act brings the earlier status back; `null` for `false`.
    #[deserr(default)]
    #[schema(value_type = Option<bool>)]
    pub resume: Field<bool>,
}

/// Presence that another system holds.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchLease {
    /// How long a ping holds an agent online; `null` for 150.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 30, maximum = 3600)]
    pub ttl_s: Field<LeaseTtl>,
}

impl StandIns for PatchSettings {}

impl PatchSettings {
    /// Changes what it names; the version is not its business.
    pub fn apply(self, settings: &mut TenantSettings) {
        let default = TenantSettings::default();
        self.seats.map(number).put_into(&mut settings.seats);
        self.time_zone
            .put_or(&mut settings.time_zone, || default.time_zone);
        match self.disconnect {
            Field::Absent => {}
            Field::Null => settings.disconnect = default.disconnect,
            Field::Value(change) => change.apply(&mut settings.disconnect, default.disconnect),
        }
        match self.inactivity {
            Field::Absent => {}
            Field::Null => settings.inactivity = default.inactivity,
            Field::Value(change) => change.apply(&mut settings.inactivity, default.inactivity),
        }
        let ttl = match self.lease {
            Field::Absent => Field::Absent,
            Field::Null => Field::Null,
            Field::Value(change) => change.ttl_s.map(seconds),
        };
        ttl.put_or(&mut settings.lease_ttl, || default.lease_ttl);
        self.offline_replies
            .put_or(&mut settings.offline_replies, || default.offline_replies);
        self.show_agents
            .put_or(&mut settings.show_agents, || default.show_agents);
        self.show_queue
            .put_or(&mut settings.show_queue, || default.show_queue);
        match self.chats {
            Field::Absent => {}
            Field::Null => settings.chats = default.chats,
            Field::Value(change) => change.apply(&mut settings.chats),
        }
    }
}

impl PatchChats {
    fn apply(self, settings: &mut ChatSettings) {
        self.on_agent_gone
            .put_or(&mut settings.on_agent_gone, OnAgentGone::default);
        let inactive_after = self.inactive_after_s.map(seconds);
        inactive_after.put_into(&mut settings.inactive_after);
        let ramp = self.ramp_per_minute.map(number);
        ramp.put_into(&mut settings.ramp_per_minute);
        let stop = self.stop_offers_before_end_s.map(seconds);
        stop.put_into(&mut settings.stop_offers_before_end);
        self.show_unsent_text
            .put_or(&mut settings.show_unsent_text, || false);
    }
}

impl PatchDisconnect {
    fn apply(self, settings: &mut DisconnectSettings, default: DisconnectSettings) {
        self.grace_s.map(seconds).put_into(&mut settings.grace);
        self.becomes
            .put_or(&mut settings.becomes, || default.becomes);
        self.restore_within_s
            .map(seconds)
            .put_or(&mut settings.restore_within, || default.restore_within);
    }
}

impl PatchInactivity {
    fn apply(self, settings: &mut InactivitySettings, default: InactivitySettings) {
        let away_after = self.away_after_s.map(seconds);
        away_after.put_into(&mut settings.away_after);
        let offline_after = self.offline_after_s.map(seconds);
        offline_after.put_into(&mut settings.offline_after);
        self.resume.put_or(&mut settings.resume, || default.resume);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::Millis;
    use crate::faults::read;

    fn patched(patch: Value) -> TenantSettings {
        let mut settings = other();
        read::<PatchSettings>(patch).unwrap().apply(&mut settings);
        settings
    }

    /// Settings of which none is the default.
    fn other() -> TenantSettings {
        TenantSettings {
            chats: ChatSettings {
                on_agent_gone: OnAgentGone::Requeue(Millis::from_secs(30)),
                inactive_after: None,
                ramp_per_minute: Some(3),
                stop_offers_before_end: Some(Millis::from_secs(600)),
                show_unsent_text: true,
            },
            seats: 7,
            time_zone: "Europe/Prague".parse().unwrap(),
            disconnect: DisconnectSettings {
                grace: None,
                becomes: Status::Away,
                restore_within: Millis::ZERO,
            },
            inactivity: InactivitySettings {
                away_after: None,
                offline_after: Some(Millis::from_secs(60)),
                resume: true,
            },
            lease_ttl: Millis::from_secs(30),
            offline_replies: false,
            show_agents: true,
            show_queue: true,
            version: 1,
        }
    }

    #[test]
    fn null_takes_a_setting_back_to_its_default() {
        assert_eq!(patched(json!({})), other());
        let default = TenantSettings {
            seats: 7,
            ..TenantSettings::default()
        };
        let null = json!({
            "time_zone": null, "disconnect": null, "inactivity": null, "lease": null,
            "offline_replies": null, "show_agents": null, "show_queue": null, "chats": null,
        });
        assert_eq!(patched(null), default);
        let inner = json!({
            "time_zone": null, "offline_replies": null, "show_agents": null, "show_queue": null,
            "disconnect": {"grace_s": 60, "becomes": null, "restore_within_s": null},
            "inactivity": {"away_after_s": 3600, "offline_after_s": null, "resume": null},
            "lease": {"ttl_s": null},
            "chats": {
                "on_agent_gone": null, "inactive_after_s": 600, "ramp_per_minute": null,
                "stop_offers_before_end_s": null, "show_unsent_text": null,
            },
        });
        assert_eq!(patched(inner), default);
        assert!(read::<PatchSettings>(json!({"seats": null})).is_err());
    }

    #[test]
    fn what_a_nested_patch_does_not_name_stays() {
        let mut expected = other();
        expected.disconnect.grace = Some(Millis::from_secs(86_400));
        expected.inactivity.away_after = Some(Millis::from_secs(120));
        expected.chats.ramp_per_minute = Some(100);

        let patch = json!({
            "disconnect": {"grace_s": 86_400}, "inactivity": {"away_after_s": 120}, "lease": {},
            "chats": {"ramp_per_minute": 100},
        });

        assert_eq!(patched(patch), expected);
        let none = json!({"disconnect": {"grace_s": null}});
        assert_eq!(patched(none).disconnect.grace, None);
    }

    #[test]
    fn pres_07_who_is_gone_becomes_away_or_offline() {
        for status in ["online", "invisible"] {
            let body = json!({"disconnect": {"becomes": status}});
            let faults = read::<PatchSettings>(body).unwrap_err();
            assert_eq!(faults.0[0].pointer, "/disconnect/becomes");
            assert_eq!(faults.0[0].code.as_str(), "unknown_value");
        }
    }
}
