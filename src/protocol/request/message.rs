//! Messages: writing, pressing a button, changing.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{
    Button, ButtonId, ButtonRef, ButtonText, ButtonUrl, Buttons, Invalid, KnownMessageId,
    MessageId, RichText, Written,
};
use crate::engine::{AgentCommand, VisitorCommand};
use crate::faults::{FaultCode, Faults, pointer, read_from_text};

read_from_text! { ButtonId, ButtonText, ButtonUrl, KnownMessageId, RichText }

/// The first message of a chat, as the visitor hands it in.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(as = NewMessage)]
pub struct FirstMessage {
    /// Chosen by the sender, unique within the chat; sending it again gives the first answer again.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "m-1"
    )]
    pub id: MessageId,
    /// What it says: up to 65,536 bytes.
    #[schema(value_type = String, min_length = 1, example = "Hello")]
    pub text: RichText,
}

/// A message as an agent hands it in.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewAgentMessage {
    /// Chosen by the sender, unique within the chat; sending it again gives the first answer again.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "m-1"
    )]
    pub id: MessageId,
    /// What it says: up to 65,536 bytes.
    #[schema(value_type = String, min_length = 1, example = "Hello")]
    pub text: RichText,
    /// What the visitor may press instead of writing: up to ten.
    #[deserr(default)]
    #[schema(value_type = Vec<NewButton>, max_items = 10, required = false)]
    pub buttons: NewButtons,
}

/// A button as an agent hands it in.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
struct NewButton {
    /// Unique within the message.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "yes"
    )]
    id: ButtonId,
    /// What stands on it.
    #[schema(value_type = String, min_length = 1, max_length = 80, example = "Yes, please")]
    text: ButtonText,
    /// Where it leads: `http`, `https`, `mailto` or `tel`. Without one it is pressed to answer.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 2048)]
    url: Option<ButtonUrl>,
}

/// The buttons of a message: what is wrong with any of them is named.
#[derive(Clone, Debug, Default)]
pub struct NewButtons(Buttons);

impl Deserr<Faults> for NewButtons {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let buttons: Vec<NewButton> = Vec::deserialize_from_value(value, location)?;
        let mut faults = Faults::default();
        for (at, button) in buttons.iter().enumerate() {
            if buttons[..at].iter().any(|other| other.id == button.id) {
                let here = pointer(location.push_index(at).push_key("id"));
                faults.extend(Faults::invalid(here, Invalid::Duplicate));
            }
        }
        faults.or(())?;
        let buttons = buttons.into_iter().map(|button| Button {
            id: button.id,
            text: button.text,
            url: button.url,
        });
        Buttons::new(buttons.collect())
            .map(Self)
            .map_err(|invalid| Faults::invalid(pointer(location), invalid))
    }
}

/// A message as a visitor hands it in.
#[derive(Clone, Debug)]
pub struct NewVisitorMessage {
    /// Chosen by the sender.
    pub id: MessageId,
    /// What it is.
    pub said: VisitorSays,
}

/// What a visitor's message is.
#[derive(Clone, Debug)]
pub enum VisitorSays {
    /// A text.
    Text(RichText),
    /// The press of a button.
    Press(ButtonRef),
}

/// The fields of a visitor's message: a text, or the press of a button.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(as = NewVisitorMessage)]
struct VisitorMessageFields {
    /// Chosen by the sender, unique within the chat; sending it again gives the first answer again.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "m-1"
    )]
    id: MessageId,
    /// What it says: up to 65,536 bytes. Either this or `button`.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, example = "Hello")]
    text: Option<RichText>,
    /// The button that is pressed.
    #[deserr(default)]
    button: Option<PressedButton>,
}

impl Deserr<Faults> for NewVisitorMessage {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let fields = VisitorMessageFields::deserialize_from_value(value, location)?;
        let fault = |code, detail| {
            let here = pointer(location.push_key("text"));
            Err(Faults::one(here, code, detail))
        };
        let said = match (fields.text, fields.button) {
            (Some(text), None) => VisitorSays::Text(text),
            (None, Some(button)) => VisitorSays::Press(button.into()),
            (None, None) => return fault(FaultCode::Required, "this field is required"),
            (Some(_), Some(_)) => {
                let detail = "the press of a button has the button's text";
                return fault(FaultCode::UnknownField, detail);
            }
        };
        let id = fields.id;
        Ok(Self { id, said })
    }
}

/// Which button is pressed.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(as = NewPressedButton)]
struct PressedButton {
    /// The message that has it.
    #[schema(value_type = String)]
    message_id: KnownMessageId,
    /// The button.
    #[schema(value_type = String)]
    button_id: ButtonId,
}

impl NewVisitorMessage {
    /// The command of a visitor.
    #[must_use]
    pub fn into_command(self) -> VisitorCommand {
        match self.said {
            VisitorSays::Text(text) => VisitorCommand::Send(self.id, text.into()),
            VisitorSays::Press(button) => VisitorCommand::Press(self.id, button),
        }
    }
}

impl From<PressedButton> for ButtonRef {
    fn from(button: PressedButton) -> Self {
        Self {
            message_id: button.message_id.0,
            button_id: button.button_id,
        }
    }
}

/// An agent writes.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SendAgentMessage {
    /// The message.
    pub message: NewAgentMessage,
}

/// A visitor writes, or presses a button.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SendVisitorMessage {
    /// The message.
    #[schema(value_type = VisitorMessageFields)]
    pub message: NewVisitorMessage,
}

/// The author of a message gives it another text.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct EditMessage {
    /// What it says from now on: up to 65,536 bytes.
    #[schema(value_type = String, min_length = 1, example = "Hello again")]
    pub text: RichText,
}

impl FirstMessage {
    /// The message that begins a chat.
    #[must_use]
    pub fn into_message(self) -> (MessageId, Written) {
        (self.id, self.text.into())
    }
}

impl NewAgentMessage {
    /// The command of an agent.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        let written = Written {
            buttons: self.buttons.0,
            ..Written::from(self.text)
        };
        AgentCommand::Send(self.id, written)
    }
}
