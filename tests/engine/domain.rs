//! The vocabulary: what a value from outside must look like, and the tables of rights and words.

use std::str::FromStr;

use deskbell::domain::{
    ButtonText, Capacity, CloseReason, ContactFields, ContactNote, Domain, Email, FieldName,
    Invalid, MessageId, MessageText, Millis, Mode, Name, NewText, Note, OfficeId, Permission,
    PresenceReason, RatingComment, Role, Slug, Status, Timestamp, WhenNotLive, WithdrawReason,
    allows,
};

/// Which of these texts are taken, by the words that are.
fn check<T: FromStr<Err = Invalid>>(taken: &[&str], refused: &[&str]) {
    let kind = std::any::type_name::<T>();
    for text in taken {
        assert!(text.parse::<T>().is_ok(), "{kind} refuses {text:?}");
    }
    for text in refused {
        assert!(text.parse::<T>().is_err(), "{kind} takes {text:?}");
    }
}

#[test]
fn texts_from_outside_have_a_form() {
    let long = |n: usize| "x".repeat(n);
    check::<Email>(
        &["a@b", "Ana.B+c@example.com", " ana@example.com "],
        &[
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\u{7}",
            &format!("{}@b", long(253)),
        ],
    );
    check::<Slug>(
        &["ab", "acme-2"],
        &["a", "2a", "Acme", "a_b", "-ab", &long(41)],
    );
    check::<MessageId>(&["m-1", "a.b_c:D", &long(64)], &["", "a b", "ä", &long(65)]);
    check::<MessageText>(
        &["Hello", "two\nlines\tand a tab", &long(65_536)],
        &["", " \n ", "bell\u{7}", &long(65_537)],
    );
    check::<Name>(
        &["Ana", " Ana ", &long(100)],
        &["", "  ", "a\nb", &long(101)],
    );
    check::<Note>(&["why", &long(500)], &["", &long(501)]);
    check::<OfficeId>(
        &["00000000-0000-0000-0000-000000000001"],
        &[
            "",
            "00000000000000000000000000000001",
            "{00000000-0000-0000-0000-000000000001}",
        ],
    );
    check::<Domain>(
        &["example.com", "*", "localhost", "Example.COM"],
        &[
            "",
            "*.example.com",
            "-a.com",
            "a..b",
            "http://a.com",
            "a.com:80",
            "a/b",
        ],
    );
    check::<Status>(
        &["online", "away", "offline", "invisible"],
        &["Online", "busy", ""],
    );
}

/// Nothing of these would be seen.
const UNSEEN: [&str; 7] = [
    "\u{200b}",
    "\u{feff}\u{2060}",
    "\u{ad}",
    "\u{202e}",
    " \u{3164} ",
    "\u{200d}\u{fe0f}",
    "\u{e0041}\u{2800}",
];

#[test]
fn chat_05_a_new_text_has_something_visible_in_it() {
    fn check<T: NewText>(seen: &[&str]) {
        let kind = std::any::type_name::<T>();
        for text in UNSEEN {
            let refused = T::new_text(text).err();
            assert_eq!(
                refused,
                Some(Invalid::TooShort { min: 1 }),
                "{kind} {text:?}"
            );
            // What was stored before is read as it is.
            assert!(text.parse::<T>().is_ok(), "{kind} {text:?}");
        }
        for text in seen {
            assert!(T::new_text(text).is_ok(), "{kind} {text:?}");
        }
    }
    let family = "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let seen = [
        family,
        "\u{2764}\u{fe0f}",
        "a\u{200b}",
        "می\u{200c}خواهم",
        ".",
    ];
    check::<Name>(&seen);
    check::<Note>(&seen);
    check::<MessageText>(&seen);
    check::<ButtonText>(&seen);
    check::<ContactNote>(&seen);
    check::<RatingComment>(&seen);
    check::<FieldName>(&seen);

    assert_eq!(MessageText::new_text(family).unwrap().as_str(), family);
}

#[test]
fn a_new_address_has_a_domain_of_labels() {
    for good in ["a@b", "a@b.cz", "a@x-y.example", "a@bücher.example"] {
        assert!(Email::new_text(good).is_ok(), "{good}");
    }
    for bad in [
        "a@b..c", "a@.b.cz", "a@b.", "a@-b.cz", "a@b-.cz", "a@b.-cz", "a@-",
    ] {
        let refused = Email::new_text(bad).err();
        assert!(matches!(refused, Some(Invalid::BadFormat(_))), "{bad}");
        // What was stored before is read as it is.
        assert!(bad.parse::<Email>().is_ok(), "{bad}");
    }
    assert!(Email::new_text("a@b@c").is_err());
}

#[test]
fn a_domain_covers_itself_and_what_is_below_it() {
    let rows = [
        ("example.com", "example.com", true),
        ("example.com", "www.example.com", true),
        ("example.com", "badexample.com", false),
        ("example.com", "example.com.evil.org", false),
        ("www.example.com", "example.com", false),
        ("*", "anything.org", true),
    ];
    for (domain, host, expected) in rows {
        let domain: Domain = domain.parse().unwrap();
        assert_eq!(domain.covers(host), expected, "{domain:?} and {host}");
    }
}

#[test]
fn addresses_are_compared_without_regard_to_case() {
    let [one, other]: [Email; 2] =
        ["Ana@Example.com", "ana@example.COM"].map(|text| text.parse().unwrap());

    assert_eq!(one.folded(), other.folded());
    assert_eq!(one.as_str(), "Ana@Example.com");
}

#[test]
fn words_are_read_as_they_are_written() {
    fn check<T: FromStr + PartialEq + Copy + std::fmt::Debug>(
        all: &[T],
        word: fn(T) -> &'static str,
    ) {
        for value in all {
            assert_eq!(word(*value).parse::<T>().ok(), Some(*value));
        }
    }
    check(&Role::ALL, Role::as_str);
    check(
        &[WhenNotLive::Messenger, WhenNotLive::Hidden],
        WhenNotLive::as_str,
    );
    check(
        &[CloseReason::AgentClosed, CloseReason::VisitorEnded],
        CloseReason::as_str,
    );
    check(
        &[
            PresenceReason::Initial,
            PresenceReason::Chosen,
            PresenceReason::LoggedOut,
            PresenceReason::Disconnected,
            PresenceReason::Reconnected,
        ],
        PresenceReason::as_str,
    );
    check(
        &[
            WithdrawReason::ChatClosed,
            WithdrawReason::AcceptedElsewhere,
            WithdrawReason::AgentUnavailable,
            WithdrawReason::RemovedFromQueue,
        ],
        WithdrawReason::as_str,
    );
    assert!(Mode::Live > Mode::Messenger && Mode::Messenger > Mode::Hidden);
}

#[test]
fn a_capacity_is_from_1_to_100() {
    for (number, fits) in [
        (0, false),
        (1, true),
        (100, true),
        (101, false),
        (-1, false),
    ] {
        assert_eq!(Capacity::try_from(number).is_ok(), fits, "{number}");
    }
    assert!(Capacity::try_from(i64::MAX).is_err());
}

#[test]
fn a_form_has_a_bounded_number_of_answers_and_an_answer_may_be_changed() {
    let mut fields = ContactFields::default();
    for number in 0..ContactFields::COUNT_MAX {
        fields.insert(&format!("field {number}"), "yes").unwrap();
    }

    assert!(fields.insert("one more", "no").is_err());
    assert_eq!(fields.insert("field 0", "no"), Ok(()));
    assert!(fields.insert("", "no").is_err());
    assert!(fields.insert("field 1", &"x".repeat(1001)).is_err());
    assert!(fields.insert("field 1", "bell\u{7}").is_err());
}

#[test]
fn sums_of_time_stop_at_the_end_of_time() {
    assert_eq!(Timestamp::MAX + Millis(1), Timestamp::MAX);
    assert_eq!(Timestamp(0) + Millis(i64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp(5).since(Timestamp(7)), Millis::ZERO);
    assert_eq!(Timestamp(7).since(Timestamp(5)), Millis(2));
    assert_eq!(Millis::from_secs(i64::MAX), Millis(i64::MAX));
}

#[test]
fn rights_grow_with_the_role() {
    let rows = [
        (Permission::OwnPresence, Role::Agent),
        (Permission::ReadPresence, Role::Agent),
        (Permission::ChangeOthersPresence, Role::Supervisor),
        (Permission::ReadReports, Role::Supervisor),
        (Permission::AnswerChats, Role::Agent),
        (Permission::ReadOwnChats, Role::Agent),
        (Permission::ChangeContacts, Role::Agent),
        (Permission::AssignContacts, Role::Supervisor),
        (Permission::DeleteContacts, Role::Admin),
        (Permission::BanVisitors, Role::Supervisor),
        (Permission::ReadSetup, Role::Agent),
        (Permission::ReadAllChats, Role::Supervisor),
        (Permission::ChangeSetup, Role::Admin),
    ];
    assert_eq!(rows.len(), Permission::ALL.len());
    for (permission, least) in rows {
        for role in Role::ALL {
            assert_eq!(
                allows(role, permission),
                role >= least,
                "{role:?} {permission:?}"
            );
        }
    }
}
