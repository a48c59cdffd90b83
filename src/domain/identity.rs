//! Visitors whom the tenant's own site knows.
//!
//! Owns what such a site says of a visitor, and how a secret that it signs with is kept. How it signs is `auth`'s matter.

use super::{Contact, Email, IdentitySecretId, Invalid, Name, Timestamp, bounded, is_blank};

/// The most identity secrets of a tenant: the one that signs and the one that takes its place.
pub const IDENTITY_SECRETS_MAX: usize = 2;

/// Who somebody is to the tenant's own site, such as the number of a customer: 1 to 200 characters, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(Box<str>);

impl Subject {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Subject {
    type Err = Invalid;

    /// Keeps the text as it is: to a site, `a` and `a ` may be two people.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        bounded(text, 1, 200)?;
        // A site that signs a blank one has failed to say who it is, and all of those would be one person.
        if is_blank(text) {
            return Err(Invalid::TooShort { min: 1 });
        }
        Ok(Self(text.into()))
    }
}

/// What the tenant's own site has signed of a visitor beside who it is. It stands in the visitor's token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// What the visitor is called.
    pub name: Option<Name>,
    /// Where it can be reached.
    pub email: Option<Email>,
}

impl Vouched {
    /// Says for a form what it does not say itself.
    #[must_use]
    pub fn beside(&self, form: Contact) -> Contact {
        Contact {
            name: form.name.or_else(|| self.name.clone()),
            email: form.email.or_else(|| self.email.clone()),
            ..form
        }
    }
}

/// A secret that only the server can read again.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The name of the server's key that it was sealed with.
    pub kid: String,
    /// The nonce, the ciphertext and its tag.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// An identity secret as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// Its id.
    pub id: IdentitySecretId,
    /// The secret itself.
    pub sealed: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{ContactFields, ContactId};
    use super::*;

    #[test]
    fn a_subject_is_kept_as_it_is_within_its_bounds() {
        let read = |text: &str| text.parse::<Subject>();

        for text in ["a", "a ", " a", &"\u{fc}".repeat(200)] {
            assert_eq!(read(text).unwrap().as_str(), text);
        }
        for text in ["", " ", "\u{200b}"] {
            assert_eq!(read(text), Err(Invalid::TooShort { min: 1 }), "{text:?}");
        }
        assert!(matches!(
            read(&"a".repeat(201)),
            Err(Invalid::TooLong { max: 200, .. })
        ));
        assert!(matches!(read("a\nb"), Err(Invalid::BadFormat(_))));
    }

    #[test]
    fn what_a_form_says_counts_before_what_the_site_has_signed() {
        let contact = |name: Option<&str>, email: Option<&str>| Contact {
            id: ContactId(Uuid::nil()),
            name: name.map(|name| name.parse().unwrap()),
            email: email.map(|email| email.parse().unwrap()),
            fields: ContactFields::default(),
        };
        let vouched = Vouched {
            name: Some("Vic".parse().unwrap()),
            email: Some("vic@site.example".parse().unwrap()),
        };

        let silent = vouched.beside(contact(None, None));
        assert_eq!(silent, contact(Some("Vic"), Some("vic@site.example")));
        let typed = vouched.beside(contact(None, Some("other@home.example")));
        assert_eq!(typed, contact(Some("Vic"), Some("other@home.example")));
        let nobody = Vouched::default().beside(contact(None, None));
        assert_eq!(nobody, contact(None, None));
    }
}
