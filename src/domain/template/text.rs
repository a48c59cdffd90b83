//! The text of a canned answer.

use std::sync::Arc;

use super::super::{MessageText, markup};
use super::slot::{Part, TemplateFaults, TemplateValues, parts};

/// Stands between a value's last `\` and a mark of the author's, which would be none otherwise: a `\` cannot be escaped.
/// It is not seen, and no line is broken at it (U+2060, word joiner).
const JOINER: char = '\u{2060}';

/// The text of a template: what a message may say, with placeholders that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateText {
    source: MessageText,
    parts: Arc<[Part]>,
}

impl TemplateText {
    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.source.as_str()
    }

    /// The text for one chat. What is known is put in as a text, without the white space around it: what would be markup
    /// in it is not, and neither of its ends changes the author's marks beside it. What stands in a placeholder's place
    /// when nothing is known is the author's own, and may be markup.
    #[must_use]
    pub fn fill(&self, values: &TemplateValues<'_>) -> String {
        let mut filled = String::with_capacity(self.as_str().len());
        let mut ends_in_value = false;
        for part in &*self.parts {
            let value = match part {
                Part::Text(_) => None,
                Part::Slot(slot) => slot.value(values),
            };
            if let Some(value) = value {
                filled.push_str(&markup::escape(value.trim()));
                ends_in_value = true;
                continue;
            }
            let own = match part {
                Part::Text(text) => text,
                Part::Slot(slot) => slot.fallback.as_deref().unwrap_or_default(),
            };
            if ends_in_value && filled.ends_with('\\') && own.starts_with(markup::is_mark) {
                filled.push(JOINER);
            }
            filled.push_str(own);
            ends_in_value &= own.is_empty();
        }
        filled
    }
}

impl std::str::FromStr for TemplateText {
    type Err = TemplateFaults;

    fn from_str(text: &str) -> Result<Self, TemplateFaults> {
        let source: MessageText = text.parse::<MessageText>()?;
        let parts = parts(source.as_str()).map_err(TemplateFaults)?;
        Ok(Self {
            source,
            parts: parts.into(),
        })
    }
}
