//! Handing a chat over.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{AgentId, IfUnavailable, Note, QueueId, Release, Target};
use crate::engine::{AgentCommand, HandOverTo, ReadAlong};
use crate::faults::{FaultCode, Faults, pointer};
use crate::protocol::wire;

/// Whom a chat is handed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandOverTarget(pub Target);

/// Whom a chat is handed to: one of the two is named.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(as = HandOverTarget)]
pub struct HandOverFields {
    /// An agent.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub agent_id: Option<AgentId>,
    /// Whoever the queue's strategy chooses.
    #[deserr(default)]
    #[schema(value_type = Option<Uuid>)]
    pub queue_id: Option<QueueId>,
}

impl Deserr<Faults> for HandOverTarget {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let fields = HandOverFields::deserialize_from_value(value, location)?;
        let fault = |field: &str, code| {
            let at = pointer(location.push_key(field));
            Err(Faults::one(&at, code, "name an agent_id or a queue_id"))
        };
        match (fields.agent_id, fields.queue_id) {
            (Some(id), None) => Ok(Self(Target::Agent(id))),
            (None, Some(id)) => Ok(Self(Target::Queue(id))),
            (None, None) => fault("agent_id", FaultCode::Required),
            (Some(_), Some(_)) => fault("queue_id", FaultCode::Duplicate),
        }
    }
}

/// An agent gives its chat to somebody else.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct TransferChat {
    /// To whom.
    #[schema(value_type = HandOverFields)]
    pub to: HandOverTarget,
    /// What the target reads about it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub note: Option<Note>,
    /// When the sender's part ends: `on_accept` when not named for an agent, `at_once` for a queue.
    #[deserr(default)]
    #[schema(value_type = Option<wire::Release>)]
    pub release: Option<Release>,
    /// What becomes of it when nobody can take it now: `fail` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::IfUnavailable>)]
    pub if_unavailable: Option<IfUnavailable>,
}

/// An agent has somebody answer besides.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct InviteToChat {
    /// Whom.
    #[schema(value_type = HandOverFields)]
    pub to: HandOverTarget,
    /// What the target reads about it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub note: Option<Note>,
    /// What becomes of it when nobody can take it now: `fail` when not named.
    #[deserr(default)]
    #[schema(value_type = Option<wire::IfUnavailable>)]
    pub if_unavailable: Option<IfUnavailable>,
}

/// An agent asks for help.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct AskForHelp {
    /// Whom; when not named, the supervisors of the office and the admins are told.
    #[deserr(default)]
    #[schema(value_type = Option<HandOverFields>)]
    pub to: Option<HandOverTarget>,
    /// What they read about it.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub note: Option<Note>,
}

/// A supervisor reads along.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ReadAlongInChat {
    /// Whether the agents of the chat see it, as an assistant; when not, nobody does.
    #[deserr(default)]
    #[schema(required = false)]
    pub seen: bool,
}

fn hand_over_to(
    to: HandOverTarget,
    note: Option<Note>,
    if_unavailable: Option<IfUnavailable>,
) -> HandOverTo {
    HandOverTo {
        to: to.0,
        note,
        if_unavailable: if_unavailable.unwrap_or(IfUnavailable::Fail),
    }
}

impl TransferChat {
    /// The command that is asked for.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        let default = match self.to.0 {
            Target::Agent(_) => Release::OnAccept,
            Target::Queue(_) => Release::AtOnce,
        };
        let release = self.release.unwrap_or(default);
        let wish = hand_over_to(self.to, self.note, self.if_unavailable);
        AgentCommand::Transfer(wish, release)
    }
}

impl InviteToChat {
    /// The command that is asked for.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        AgentCommand::Invite(hand_over_to(self.to, self.note, self.if_unavailable))
    }
}

impl AskForHelp {
    /// The command that is asked for.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        AgentCommand::Assist(self.to.map(|to| to.0), self.note)
    }
}

impl ReadAlongInChat {
    /// The command that is asked for.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        AgentCommand::ReadAlong(if self.seen {
            ReadAlong::Seen
        } else {
            ReadAlong::Unseen
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::faults::read;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    #[test]
    fn a_transfer_names_exactly_one_target() {
        let rows = [
            (json!({}), ("/to", FaultCode::Required)),
            (json!({"to": {}}), ("/to/agent_id", FaultCode::Required)),
            (
                json!({"to": {"agent_id": ID, "queue_id": ID}}),
                ("/to/queue_id", FaultCode::Duplicate),
            ),
            (
                json!({"to": {"queue_id": ID}, "release": "later"}),
                ("/release", FaultCode::UnknownValue),
            ),
        ];
        for (body, (at, code)) in rows {
            let faults = read::<TransferChat>(body).unwrap_err();
            assert_eq!((&*faults.0[0].pointer, faults.0[0].code), (at, code));
        }
    }

    #[test]
    fn a_transfer_to_a_queue_lets_go_at_once_and_one_to_an_agent_does_not() {
        let release = |to: serde_json::Value| {
            let command = read::<TransferChat>(json!({"to": to})).unwrap();
            match command.into_command() {
                AgentCommand::Transfer(_, release) => release,
                other => panic!("{other:?}"),
            }
        };

        assert_eq!(release(json!({"queue_id": ID})), Release::AtOnce);
        assert_eq!(release(json!({"agent_id": ID})), Release::OnAccept);
    }
}
