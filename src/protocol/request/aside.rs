//! What is beside the messages of a chat: notes, marks, and what is not sent yet.

use deserr::{Deserr, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{NoteId, RichText, Seen, UnsentText};
use crate::engine::{AgentCommand, VisitorCommand};
use crate::faults::{Between, FaultCode, Faults, pointer, read_from_text};

read_from_text! { NoteId, UnsentText }

/// The number of a message of a chat; 0 stands before the first.
type Seq = Between<0, { i32::MAX as i64 }>;

/// A note as an agent hands it in.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewNote {
    /// Chosen by its author, unique among the notes of the chat; sending it again gives the first answer again.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "n-1"
    )]
    pub id: NoteId,
    /// What it says: up to 65,536 bytes, with marks as in messages.
    #[schema(value_type = String, min_length = 1, example = "She is a *regular*")]
    pub text: RichText,
}

impl NewNote {
    /// The command of an agent.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        AgentCommand::Note(self.id, self.text)
    }
}

/// An agent tells the agents of a chat something.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct WriteNote {
    /// The note.
    pub note: NewNote,
}

/// How far somebody has got in a chat. One of the two is needed.
#[derive(Clone, Copy, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = Self::check -> Faults)]
pub struct MarkSeen {
    /// The number of the last message that it has read; it was delivered too.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 0)]
    pub seq: Option<Seq>,
    /// The number of the last message that it was delivered.
    #[deserr(default)]
    #[schema(value_type = Option<u32>, minimum = 0)]
    pub delivered: Option<Seq>,
}

impl MarkSeen {
    fn check(self, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        if self.seq.is_some() || self.delivered.is_some() {
            return Ok(self);
        }
        let here = pointer(location.push_key("seq"));
        let detail = "this field is required without `delivered`";
        Err(Faults::one(here, FaultCode::Required, detail))
    }
}

impl From<MarkSeen> for Seen {
    fn from(mark: MarkSeen) -> Self {
        // The bounds of the field are within those of the number.
        let number = |Between(seq): Seq| u32::try_from(seq).unwrap_or(u32::MAX);
        Self {
            read: mark.seq.map(number),
            delivered: mark.delivered.map(number),
        }
    }
}

/// A visitor types, or has stopped.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = Self::check -> Faults)]
pub struct VisitorTyping {
    /// Whether typing began or stopped.
    pub typing: bool,
    /// What stands there and is not sent yet, while it types: up to 2,000 characters. Agents are shown it if the tenant
    /// wants that; it is never kept.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub text: Option<UnsentText>,
}

impl VisitorTyping {
    /// Who has stopped has nothing to show.
    pub(in crate::protocol) fn check(self, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        if self.typing || self.text.is_none() {
            return Ok(self);
        }
        let here = pointer(location.push_key("text"));
        let detail = "whoever does not type has no text to show";
        Err(Faults::one(here, FaultCode::UnknownField, detail))
    }

    /// The command of a visitor.
    #[must_use]
    pub fn into_command(self) -> VisitorCommand {
        VisitorCommand::Type(self.typing, self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::faults::read;

    fn pointers<T: Deserr<Faults>>(body: Value) -> Vec<String> {
        let faults = read::<T>(body).err().unwrap_or_default();
        faults.0.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_mark_says_how_far_one_way_or_both() {
        let seen = |body| Seen::from(read::<MarkSeen>(body).unwrap());

        assert_eq!(seen(json!({"seq": 3})).read, Some(3));
        assert_eq!(seen(json!({"delivered": 4})).delivered, Some(4));
        assert_eq!(pointers::<MarkSeen>(json!({})), ["/seq"]);
        assert_eq!(
            pointers::<MarkSeen>(json!({"seq": -1, "delivered": 2_147_483_648_u32})),
            ["/delivered", "/seq"]
        );
    }

    #[test]
    fn only_who_types_has_a_text() {
        assert!(read::<VisitorTyping>(json!({"typing": true, "text": ""})).is_ok());
        let stopped = json!({"typing": false, "text": "Hm"});
        assert_eq!(pointers::<VisitorTyping>(stopped), ["/text"]);
        let long = json!({"typing": true, "text": "a".repeat(2001)});
        assert_eq!(pointers::<VisitorTyping>(long), ["/text"]);
    }

    #[test]
    fn a_note_names_all_that_is_wrong_with_it() {
        let body = json!({"note": {"id": "a b", "text": " "}});
        assert_eq!(pointers::<WriteNote>(body), ["/note/id", "/note/text"]);
    }
}
