//! How texts with placeholders are read: each bad placeholder is a fault of its own.
//!
//! Owns their codes. Must not check anything that their own constructors do not check.

use std::str::FromStr;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};

use super::{Fault, FaultCode, Faults, pointer};
use crate::domain::{Invalid, TemplateFault, TemplateFaults, TemplateText, UrlTemplate, is_blank};

fn code(fault: &TemplateFault) -> FaultCode {
    match fault {
        TemplateFault::Text(invalid) => (*invalid).into(),
        TemplateFault::Unknown { .. } => FaultCode::UnknownPlaceholder,
        TemplateFault::Unclosed { .. } => FaultCode::BadFormat,
        TemplateFault::LongFallback { .. } | TemplateFault::TooMany => FaultCode::TooLong,
    }
}

fn read<T: FromStr<Err = TemplateFaults>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
) -> Result<T, Faults> {
    let text = String::deserialize_from_value(value, location)?;
    text.parse().map_err(|TemplateFaults(found)| {
        let mut faults = Faults::default();
        for fault in found {
            faults.push(Fault {
                pointer: pointer(location),
                code: code(&fault),
                detail: fault.to_string(),
            });
        }
        faults
    })
}

impl Deserr<Faults> for TemplateText {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        let text: Self = read(value, location)?;
        // As with the text of a message, more is asked here than where it is stored.
        if is_blank(text.as_str()) {
            let invalid = Invalid::TooShort { min: 1 };
            return Err(Faults::invalid(pointer(location), invalid));
        }
        Ok(text)
    }
}

impl Deserr<Faults> for UrlTemplate {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        read(value, location)
    }
}
