//! Targeting rules: which visitors are offered a greeting before they have written (AVAIL-6).
//!
//! Owns what a rule asks of a visit and which rule wins. Whether somebody is there is an input: the offices that are
//! live.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Invalid, Name, Note, OfficeId, TargetingRuleId, Timestamp, WidgetId, bounded};

/// The most rules of a tenant: all of them are looked at for each visitor that asks.
pub const TARGETING_RULES_MAX: usize = 200;

/// The most characters of a part of an address, or of a pattern for one.
const PATTERN_CHARS_MAX: usize = 500;

/// A text with what it is compared by: ASCII letters of either case are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Folded {
    text: Box<str>,
    folded: Box<str>,
}

impl std::str::FromStr for Folded {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        bounded(text, 1, PATTERN_CHARS_MAX)?;
        Ok(Self {
            text: text.into(),
            folded: text.to_ascii_lowercase().into(),
        })
    }
}

/// A part of an address: 1 to 500 characters, ASCII letters in either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPart(Folded);

impl UrlPart {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    fn is_in(&self, address: &Address) -> bool {
        address.0.contains(&*self.0.folded)
    }
}

impl std::str::FromStr for UrlPart {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self)
    }
}

/// A pattern for a whole address: 1 to 500 characters, of which `*` stands for any number of any characters, none
/// among them; ASCII letters in either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPattern(Folded);

impl UrlPattern {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Takes each piece where it comes first, which leaves the most to those behind it; so nothing is tried twice,
    /// and the time is linear in the address and the pattern.
    pub(super) fn fits(&self, address: &Address) -> bool {
        let mut pieces = self.0.folded.split('*');
        let first = pieces.next().unwrap_or_default();
        let Some(mut rest) = address.0.strip_prefix(first) else {
            return false;
        };
        let Some(last) = pieces.next_back() else {
            return rest.is_empty();
        };
        for piece in pieces {
            match rest.find(piece) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl std::str::FromStr for UrlPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self)
    }
}

/// A country by its two letters (ISO 3166-1 alpha-2), in upper case. Which ones there are is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country([u8; 2]);

impl Country {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Both bytes are letters, so the other arm is out of reach.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for Country {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(Invalid::BadFormat("a country's two letters, such as DE")),
        }
    }
}

/// A language by its primary subtag (BCP 47): 2 to 8 letters, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Language(Box<str>);

impl Language {
    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a tag such as `de-AT` begins with it.
    pub(super) fn begins(&self, tag: &LanguageTag) -> bool {
        tag.primary().eq_ignore_ascii_case(&self.0)
    }
}

impl std::str::FromStr for Language {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (2..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Ok(Self(text.to_ascii_lowercase().into()));
        }
        Err(Invalid::BadFormat(
            "a language without its region, such as de",
        ))
    }
}

/// What a visitor's browser says of its language: `de-AT`. At most 35 characters (RFC 5646, section 4.4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageTag(Box<str>);

impl LanguageTag {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first part, which of a well-formed tag is a [`Language`].
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl std::str::FromStr for LanguageTag {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if text.len() <= 35 && text.split('-').all(part) {
            return Ok(Self(text.into()));
        }
        Err(Invalid::BadFormat("a language tag such as de-AT"))
    }
}

/// Stores each as its text.
macro_rules! stored_as_text {
    ($($name:ident),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

stored_as_text!(UrlPattern, Country, Language);

/// The address of a page, as it is compared: at most 4,096 bytes, ASCII letters in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Box<str>);

impl Address {
    /// The bound in bytes. A browser takes longer ones; the widget cuts them off.
    pub const BYTES_MAX: usize = 4096;
}

impl std::str::FromStr for Address {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::TooShort { min: 1 });
        }
        if text.len() > Self::BYTES_MAX {
            return Err(Invalid::TooLong {
                max: Self::BYTES_MAX,
                unit: "bytes",
            });
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

/// What a rule asks of a visit. What is none or empty asks nothing; all that is there must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Stands somewhere in the page's address.
    pub url_contains: Option<UrlPart>,
    /// Fits the page's whole address.
    pub url_matches: Option<UrlPattern>,
    /// How long the visitor has been on the page at least, in seconds.
    pub min_time_on_page_s: Option<u32>,
    /// How many visits this is at least, this one among them.
    pub min_visits: Option<u32>,
    /// Stands somewhere in the address of the page that led here. A visit without one does not fit.
    pub referrer_contains: Option<UrlPart>,
    /// One of these is the visitor's country. One that is not known does not fit.
    pub countries: BTreeSet<Country>,
    /// One of these is the visitor's language. One that is not known does not fit.
    pub languages: BTreeSet<Language>,
}

impl Conditions {
    /// Whether all but the time on the page hold.
    fn hold_in_time(&self, visit: &Visit) -> bool {
        let part = |part: &UrlPart, address: Option<&Address>| {
            address.is_some_and(|address| part.is_in(address))
        };
        let country = |country: &Country| self.countries.contains(country);
        let language =
            |tag: &LanguageTag| self.languages.iter().any(|language| language.begins(tag));
        self.url_contains
            .as_ref()
            .is_none_or(|asked| part(asked, Some(&visit.url)))
            && self
                .url_matches
                .as_ref()
                .is_none_or(|asked| asked.fits(&visit.url))
            && self.min_visits.is_none_or(|asked| visit.visits >= asked)
            && self
                .referrer_contains
                .as_ref()
                .is_none_or(|asked| part(asked, visit.referrer.as_ref()))
            && (self.countries.is_empty() || visit.country.as_ref().is_some_and(country))
            && (self.languages.is_empty() || visit.language.as_ref().is_some_and(language))
    }
}

/// A tenant's rule: which visitors are offered which greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetingRule {
    /// Its id.
    pub id: TargetingRuleId,
    /// What admins read.
    pub name: Name,
    /// The widget that it is for; none for every one.
    pub widget_id: Option<WidgetId>,
    /// The office that must be live; none for any of the widget's.
    pub office_id: Option<OfficeId>,
    /// Whether it is in force.
    pub enabled: bool,
    /// The lower, the sooner it is tried; of the same the older one.
    pub sort_order: i32,
    /// What it asks of a visit.
    pub conditions: Conditions,
    /// What the visitor reads.
    pub greeting: Note,
    /// When it was made.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

impl TargetingRule {
    /// The order of a rule that names none, so that others can be put before it.
    pub const SORT_ORDER: i32 = 100;

    /// Whether it may greet the visitor now or, if it only stays, later.
    fn fits_in_time(&self, visit: &Visit) -> bool {
        let is_live = match self.office_id {
            None => !visit.live_offices.is_empty(),
            Some(office_id) => visit.live_offices.contains(&office_id),
        };
        self.enabled
            && is_live
            && self.widget_id.is_none_or(|id| id == visit.widget_id)
            && self.conditions.hold_in_time(visit)
    }

    /// In how many seconds the visitor will have been on the page for long enough; 0 for at once.
    fn wait_s(&self, visit: &Visit) -> u32 {
        let asked = self.conditions.min_time_on_page_s.unwrap_or(0);
        asked.saturating_sub(visit.time_on_page_s)
    }
}

/// What is known of a visitor on a page.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The widget on the page.
    pub widget_id: WidgetId,
    /// Which of the widget's offices are live.
    pub live_offices: Vec<OfficeId>,
    /// The page.
    pub url: Address,
    /// How long it has been open, in seconds.
    pub time_on_page_s: u32,
    /// How many visits this is, this one among them.
    pub visits: u32,
    /// The page that led here.
    pub referrer: Option<Address>,
    /// Where the visitor is.
    pub country: Option<Country>,
    /// What the visitor reads.
    pub language: Option<LanguageTag>,
}

/// The rule that greets a visitor: of those that fit the one with the lowest order, of the same order the one with the
/// lowest id.
#[must_use]
pub fn matching<'a>(rules: &'a [TargetingRule], visit: &Visit) -> Option<&'a TargetingRule> {
    rules
        .iter()
        .filter(|rule| rule.wait_s(visit) == 0 && rule.fits_in_time(visit))
        .min_by_key(|rule| (rule.sort_order, rule.id))
}

/// In how many seconds the next rule fits if the visitor stays on the page and nothing else changes; `None` when
/// none does. At least 1.
#[must_use]
pub fn next_match_s(rules: &[TargetingRule], visit: &Visit) -> Option<u32> {
    rules
        .iter()
        .filter(|rule| rule.wait_s(visit) > 0 && rule.fits_in_time(visit))
        .map(|rule| rule.wait_s(visit))
        .min()
}
