//! The text of a canned answer.

use std::sync::Arc;

use super::super::{MessageText, markup};
use super::slot::{Part, TemplateFaults, TemplateValues, parts};

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

    /// The text for one chat. What is known is put in as a text: what would be markup in it is not. What stands in a
    /// placeholder's place when nothing is known is the author's own, and may be markup.
    #[must_use]
    pub fn fill(&self, values: &TemplateValues<'_>) -> String {
        let mut filled = String::with_capacity(self.as_str().len());
        for part in &*self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Slot(slot) => match slot.value(values) {
                    Some(value) => filled.push_str(&markup::escape(&value)),
                    None => filled.push_str(slot.fallback.as_deref().unwrap_or_default()),
                },
            }
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
