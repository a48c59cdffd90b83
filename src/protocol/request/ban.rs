//! Banning visitors (CHAT-13).

use deserr::Deserr;
use utoipa::ToSchema;

use crate::domain::{AgentId, Ban, BanId, Banned, ContactId, Network, Note, Timestamp};
use crate::faults::{FaultCode, Faults, Field};

/// A supervisor bans somebody: a contact, or an address.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = whom -> Faults)]
pub struct CreateBan {
    /// The person, whose open chats end.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub contact_id: Option<ContactId>,
    /// Or where requests come from: an IP address, or a network no wider than /16 of IPv4 or /32 of IPv6.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "192.0.2.0/24")]
    pub address: Option<Network>,
    /// Why.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub reason: Option<Note>,
    /// When it ends; never when not named.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// Exactly one of the two is named.
fn whom<L>(request: CreateBan, _: L) -> Result<CreateBan, Faults> {
    named(&request).map(|_| request)
}

fn named(request: &CreateBan) -> Result<Banned, Faults> {
    match (request.contact_id, request.address) {
        (Some(id), None) => Ok(Banned::Contact(id)),
        (None, Some(network)) => Ok(Banned::Network(network)),
        (None, None) => Err(Faults::one(
            "/contact_id",
            FaultCode::Required,
            "name a contact_id or an address",
        )),
        (Some(_), Some(_)) => Err(Faults::one(
            "/address",
            FaultCode::Duplicate,
            "name a contact_id or an address, not both",
        )),
    }
}

impl CreateBan {
    /// The ban that is asked for.
    ///
    /// # Errors
    /// Its end is not in the future.
    pub fn into_ban(self, id: BanId, by: AgentId, at: Timestamp) -> Result<Ban, Faults> {
        if let Some(until) = self.until {
            check_end(until, at)?;
        }
        Ok(Ban {
            id,
            whom: named(&self)?,
            reason: self.reason,
            until: self.until,
            created_by: Some(by),
            created_at: at,
            version: 1,
        })
    }
}

/// A supervisor changes a ban; what is not named stays as it is. Whom it is about does not change.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct PatchBan {
    /// Why; `null` takes it away.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub reason: Field<Note>,
    /// When it ends; `null` is never.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Field<Timestamp>,
}

impl PatchBan {
    /// Changes what it names; the version is not its business.
    ///
    /// # Errors
    /// Its end is not in the future.
    pub fn apply(self, ban: &mut Ban, at: Timestamp) -> Result<(), Faults> {
        if let Field::Value(until) = &self.until {
            check_end(*until, at)?;
        }
        self.reason.put_into(&mut ban.reason);
        self.until.put_into(&mut ban.until);
        Ok(())
    }
}

/// A ban that has ended when it is made, or changed, is none.
fn check_end(until: Timestamp, at: Timestamp) -> Result<(), Faults> {
    if until > at {
        return Ok(());
    }
    let detail = "must be in the future";
    Err(Faults::one("/until", FaultCode::OutOfRange, detail))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::faults::read;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn faults(body: Value) -> Vec<String> {
        let faults = read::<CreateBan>(body).unwrap_err().0.into_iter();
        let named = faults.map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()));
        let mut named: Vec<String> = named.collect();
        named.sort();
        named
    }

    #[test]
    fn a_ban_is_of_a_person_or_of_a_network() {
        assert_eq!(faults(json!({})), ["/contact_id required"]);
        let both = json!({"contact_id": ID, "address": "192.0.2.1"});
        assert_eq!(faults(both), ["/address duplicate"]);
        let bad = json!({"contact_id": "x", "address": "0.0.0.0/0", "until": "soon", "reason": ""});
        assert_eq!(
            faults(bad),
            [
                "/address bad_format",
                "/contact_id bad_format",
                "/reason too_short",
                "/until bad_format",
            ]
        );
    }

    #[test]
    fn a_ban_ends_later_than_now() {
        let until = |text: &str| {
            let body = json!({"contact_id": ID, "until": text});
            let request: CreateBan = read(body).unwrap();
            let by = AgentId(Uuid::nil());
            request.into_ban(BanId(Uuid::nil()), by, Timestamp(1000))
        };

        assert!(until("1970-01-01T00:00:01Z").is_err());
        let ban = until("1970-01-01T01:00:02+01:00").unwrap();
        assert_eq!(ban.until, Some(Timestamp(2000)));
    }
}
