//! Messages: writing, pressing a button, changing.

use std::sync::Arc;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::ToSchema;

use crate::domain::{
    Button, ButtonId, ButtonRef, ButtonText, ButtonUrl, Buttons, FileCard, FileId, FileName,
    FileSource, FileUrl, Invalid, KnownMessageId, MediaType, MessageId, RichText, Written,
};
use crate::engine::{AgentCommand, VisitorCommand};
use crate::faults::{FaultCode, Faults, entries, pointer, read_from_text, read_new_text};

read_from_text! { ButtonId, ButtonUrl, KnownMessageId }
read_new_text! { ButtonText, RichText }

/// The first message of a chat, as the visitor hands it in.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = Self::check -> Faults)]
#[schema(as = NewMessage)]
pub struct FirstMessage {
    /// Chosen by the sender, unique within the chat; sending it again gives the first answer again.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "m-1"
    )]
    pub id: MessageId,
    /// What it says: up to 65,536 bytes. Needed without a file.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, example = "Hello")]
    pub text: Option<RichText>,
    /// A file that the sender has uploaded and not sent yet.
    #[deserr(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    pub file_id: Option<FileId>,
}

impl FirstMessage {
    fn check(self, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        says_something(self.text.is_some() || self.file_id.is_some(), location)?;
        Ok(self)
    }
}

/// A message without a text must have something else.
fn says_something(does: bool, location: ValuePointerRef<'_>) -> Result<(), Faults> {
    if does {
        return Ok(());
    }
    let here = pointer(location.push_key("text"));
    let detail = "this field is required";
    Err(Faults::one(here, FaultCode::Required, detail))
}

/// What a message holds that is a text, a file or both.
fn written(text: Option<RichText>, file: Option<FileCard>) -> Written {
    Written {
        text,
        file: file.map(Arc::new),
        buttons: Buttons::default(),
        pressed: None,
    }
}

/// A message as an agent hands it in.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields, validate = Self::check -> Faults)]
pub struct NewAgentMessage {
    /// Chosen by the sender, unique within the chat; sending it again gives the first answer again.
    #[schema(
        value_type = String, min_length = 1, max_length = 64,
        pattern = "^[A-Za-z0-9._:-]+$", example = "m-1"
    )]
    pub id: MessageId,
    /// What it says: up to 65,536 bytes. Needed without a file.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, example = "Hello")]
    pub text: Option<RichText>,
    /// A file that the sender has uploaded and not sent yet.
    #[deserr(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    pub file_id: Option<FileId>,
    /// A file that is elsewhere. Either this or `file_id`.
    #[deserr(default)]
    pub file: Option<NewFile>,
    /// What the visitor may press instead of writing: up to ten.
    #[deserr(default)]
    #[schema(value_type = Vec<NewButton>, max_items = 10, required = false)]
    pub buttons: NewButtons,
}

impl NewAgentMessage {
    fn check(self, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        if self.file.is_some() && self.file_id.is_some() {
            let here = pointer(location.push_key("file"));
            let detail = "a message has one file, an upload or one that is elsewhere";
            return Err(Faults::one(here, FaultCode::Duplicate, detail));
        }
        let has_file = self.file.is_some() || self.file_id.is_some();
        says_something(self.text.is_some() || has_file, location)?;
        Ok(self)
    }
}

/// A file that is elsewhere: it is shown as a link, and the server never asks for it.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewFile {
    /// Where it is found: `https`.
    #[schema(value_type = String, max_length = 2048, example = "https://files.example.com/terms.pdf")]
    url: FileUrl,
    /// What it is called.
    #[schema(value_type = String, min_length = 1, max_length = 255, example = "terms.pdf")]
    name: FileName,
    /// What it holds, if that is known.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 127, example = "application/pdf")]
    media_type: Option<MediaType>,
}

impl From<NewFile> for FileCard {
    fn from(file: NewFile) -> Self {
        Self {
            source: FileSource::Address(file.url),
            name: file.name,
            media_type: file.media_type.unwrap_or_else(MediaType::unknown),
            bytes: None,
            pixels: None,
        }
    }
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
        let (buttons, mut faults) = entries::<NewButton, V>(value, location)?;
        for (at, (index, button)) in buttons.iter().enumerate() {
            if buttons[..at].iter().any(|(_, other)| other.id == button.id) {
                let here = pointer(location.push_index(*index).push_key("id"));
                faults.extend(Faults::invalid(here, Invalid::Duplicate));
            }
        }
        faults.or(())?;
        let buttons = buttons.into_iter().map(|(_, button)| Button {
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
    /// A text, a file or both.
    Written(Option<RichText>, Option<FileId>),
    /// The press of a button.
    Press(ButtonRef),
}

/// The fields of a visitor's message: a text, a file or both, or the press of a button.
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
    /// What it says: up to 65,536 bytes. Needed without a file or a button.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, example = "Hello")]
    text: Option<RichText>,
    /// A file that the sender has uploaded and not sent yet.
    #[deserr(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    file_id: Option<FileId>,
    /// The button that is pressed; then there is nothing else.
    #[deserr(default)]
    button: Option<PressedButton>,
}

impl Deserr<Faults> for NewVisitorMessage {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let fields = VisitorMessageFields::deserialize_from_value(value, location)?;
        let (text, file_id) = (fields.text, fields.file_id);
        let said = match fields.button {
            None => {
                says_something(text.is_some() || file_id.is_some(), location)?;
                VisitorSays::Written(text, file_id)
            }
            Some(button) => {
                let mut faults = Faults::default();
                for (field, given) in [("text", text.is_some()), ("file_id", file_id.is_some())] {
                    if given {
                        let here = pointer(location.push_key(field));
                        let detail = "the press of a button has the button's text and nothing else";
                        faults.extend(Faults::one(here, FaultCode::UnknownField, detail));
                    }
                }
                faults.or(VisitorSays::Press(button.into()))?
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
    /// The upload that it names.
    #[must_use]
    pub fn file_id(&self) -> Option<FileId> {
        match self.said {
            VisitorSays::Written(_, file_id) => file_id,
            VisitorSays::Press(_) => None,
        }
    }

    /// The command of a visitor. An upload that it names is for the caller to look up.
    #[must_use]
    pub fn into_command(self) -> VisitorCommand {
        match self.said {
            VisitorSays::Written(text, _) => VisitorCommand::Send(self.id, written(text, None)),
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
    /// The message that begins a chat. An upload that it names is for the caller to look up.
    #[must_use]
    pub fn into_message(self) -> (MessageId, Written) {
        (self.id, written(self.text, None))
    }
}

impl NewAgentMessage {
    /// The command of an agent. An upload that it names is for the caller to look up.
    #[must_use]
    pub fn into_command(self) -> AgentCommand {
        let written = Written {
            buttons: self.buttons.0,
            ..written(self.text, self.file.map(FileCard::from))
        };
        AgentCommand::Send(self.id, written)
    }
}
