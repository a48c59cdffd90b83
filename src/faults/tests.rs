//! What a sender is told about its faults.

use deserr::Deserr;
use serde_json::{Value, json};

use super::{Between, Change, ContactForm, Distinct, Fault, Faults, Field, read};
use crate::domain::{
    AgentId, Capacity, ContactFields, Email, Invalid, Name, Note, OfferNumber, Role,
};

#[derive(Debug, PartialEq, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct NewTenant {
    name: Name,
    seats: u32,
    admin: NewAdmin,
}

#[derive(Debug, PartialEq, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct NewAdmin {
    name: Name,
    email: Email,
    #[deserr(default)]
    role: Option<Role>,
    #[deserr(default)]
    capacity: Option<Capacity>,
    #[deserr(default)]
    ring_timeout_s: Field<Between<5, 600>>,
}

#[derive(Debug, PartialEq, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Members {
    #[deserr(default)]
    member_ids: Distinct<AgentId>,
    #[deserr(default, try_from(i64) = super::between::<_, 1, 300> -> Invalid)]
    wait_s: u64,
}

fn faults<T: Deserr<Faults> + std::fmt::Debug>(
    value: Value,
) -> Vec<(String, &'static str, String)> {
    let tell = |Fault {
                    pointer,
                    code,
                    detail,
                }| (pointer, code.as_str(), detail);
    read::<T>(value)
        .unwrap_err()
        .0
        .into_iter()
        .map(tell)
        .collect()
}

fn fault(pointer: &str, code: &'static str, detail: &str) -> (String, &'static str, String) {
    (pointer.to_owned(), code, detail.to_owned())
}

#[test]
fn every_fault_of_a_nested_request_is_named_in_one_go() {
    let found = faults::<NewTenant>(json!({
        "name": 7,
        "seats": -1,
        "admin": {
            "nam": "Ana", "email": ["a@b"], "role": "boss", "capacity": 101, "ring_timeout_s": 1.5,
        },
    }));

    let mut expected = vec![
        fault(
            "/admin/capacity",
            "out_of_range",
            "must be between 1 and 100",
        ),
        fault(
            "/admin/email",
            "wrong_type",
            "expected a text, found a list",
        ),
        fault(
            "/admin/nam",
            "unknown_field",
            "there is no such field; did you mean name?",
        ),
        fault("/admin/name", "required", "this field is required"),
        fault(
            "/admin/ring_timeout_s",
            "wrong_type",
            "expected a whole number, found a number with a fraction",
        ),
        fault(
            "/admin/role",
            "unknown_value",
            "must be one of agent, supervisor, admin, owner",
        ),
        fault(
            "/name",
            "wrong_type",
            "expected a text, found a whole number",
        ),
        fault("/seats", "out_of_range", "must be at least 0"),
    ];
    let mut found = found;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_is_right_is_read() {
    let tenant: NewTenant = read(json!({
        "name": " Acme ",
        "seats": 5,
        "admin": {"name": "Ana", "email": "ana@example.com", "role": null},
    }))
    .unwrap();

    assert_eq!(tenant.name.as_str(), "Acme");
    assert_eq!(tenant.admin.role, None);
    assert_eq!(tenant.admin.ring_timeout_s, Field::Absent);
}

#[test]
fn null_is_not_absence_where_it_means_something() {
    let admin = |value| {
        let text = json!({"name": "Ana", "email": "a@b", "ring_timeout_s": value});
        read::<NewAdmin>(text).map(|admin| admin.ring_timeout_s)
    };

    assert_eq!(admin(json!(null)), Ok(Field::Null));
    assert_eq!(admin(json!(30)), Ok(Field::Value(Between(30))));
    assert_eq!(Field::Null.or(Some(30)), None);
    assert_eq!(Field::Absent.or(Some(30)), Some(30));
    assert!(admin(json!(u64::MAX)).is_err());
}

#[derive(Debug, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct PatchAgent {
    #[deserr(default)]
    name: Change<Name>,
    #[deserr(default)]
    note: Field<Note>,
    #[deserr(default)]
    capacity: Field<Capacity>,
}

#[test]
fn a_patch_changes_what_it_names() {
    let patched = |patch: Value| {
        let patch: PatchAgent = read(patch).unwrap();
        let name: Name = "Ana".parse().unwrap();
        let (mut name, mut note, mut capacity) =
            (name, Some("on leave".parse::<Note>().unwrap()), 7_i64);
        patch.name.put_into(&mut name);
        patch.note.put_into(&mut note);
        patch
            .capacity
            .map(|capacity| i64::from(capacity.get()))
            .put_or(&mut capacity, || 4);
        json!([name.as_str(), note.as_ref().map(Note::as_str), capacity])
    };

    assert_eq!(patched(json!({})), json!(["Ana", "on leave", 7]));
    assert_eq!(
        patched(json!({"name": "Bo", "note": "back", "capacity": 9})),
        json!(["Bo", "back", 9])
    );
    assert_eq!(
        patched(json!({"note": null, "capacity": null})),
        json!(["Ana", null, 4])
    );
}

#[test]
fn a_patch_names_every_bad_field_and_null_where_there_must_be_a_value() {
    let mut found = faults::<PatchAgent>(json!({"name": null, "capacity": "x", "nam": 1}));
    found.sort();

    assert_eq!(
        found,
        [
            fault(
                "/capacity",
                "wrong_type",
                "expected a whole number, found a text"
            ),
            fault(
                "/nam",
                "unknown_field",
                "there is no such field; did you mean name?"
            ),
            fault("/name", "wrong_type", "expected a text, found null"),
        ]
    );
    assert_eq!(
        faults::<PatchAgent>(json!([])),
        [fault("", "wrong_type", "expected an object, found a list")]
    );
}

#[test]
fn a_list_names_its_bad_and_its_repeated_entries() {
    let a = "01890000-0000-7000-8000-000000000001";

    assert_eq!(
        faults::<Members>(json!({"member_ids": [a, "x", 3], "wait_s": 301})),
        [
            fault(
                "/member_ids/1",
                "bad_format",
                "must be a UUID in its hyphenated form"
            ),
            fault(
                "/member_ids/2",
                "wrong_type",
                "expected a text, found a whole number"
            ),
            fault("/wait_s", "out_of_range", "must be between 1 and 300"),
        ]
    );
    assert_eq!(
        faults::<Members>(json!({"member_ids": [a, a, a]})),
        [
            fault("/member_ids/1", "duplicate", "is named twice"),
            fault("/member_ids/2", "duplicate", "is named twice"),
        ]
    );
}

#[test]
fn answers_of_a_form_are_named_by_their_own_pointer() {
    let form = json!({"name": "", "email": "nobody", "age": 7, "a/b": "\u{1}", "plan": "gold"});

    let mut found = faults::<ContactForm>(form);
    found.sort();
    let pointers: Vec<_> = found
        .iter()
        .map(|(pointer, code, _)| (&**pointer, *code))
        .collect();
    assert_eq!(
        pointers,
        [
            ("/age", "wrong_type"),
            ("/a~1b", "bad_format"),
            ("/email", "bad_format"),
            ("/name", "too_short"),
        ]
    );
    let ticked: ContactForm = read(json!({"terms": true, "news": false})).unwrap();
    let kept = |name| ticked.fields.get(name);
    assert_eq!((kept("terms"), kept("news")), (Some("true"), Some("false")));
    for own in ["name", "email"] {
        let found = faults::<ContactForm>(json!({own: true}));
        assert_eq!(
            (&*found[0].0, found[0].1),
            (&*format!("/{own}"), "wrong_type")
        );
    }
    for email in ["a@b..c", "a@-b.cz"] {
        let found = faults::<ContactForm>(json!({"email": email}));
        assert_eq!((&*found[0].0, found[0].1), ("/email", "bad_format"));
    }
    assert!(read::<ContactFields>(json!({"plan": "gold", "age": "7"})).is_ok());
    assert_eq!(
        faults::<ContactFields>(json!([])),
        [fault("", "wrong_type", "expected an object, found a list")]
    );
}

#[test]
fn numbers_beyond_their_type_are_out_of_range() {
    assert_eq!(
        faults::<u8>(json!(256)),
        [fault("", "out_of_range", "must be at most 255")]
    );
    assert_eq!(
        faults::<OfferNumber>(json!(0)),
        [fault(
            "",
            "out_of_range",
            "must be between 1 and 4294967295"
        )]
    );
}

#[test]
fn a_huge_number_is_out_of_range_and_has_no_fraction() {
    let huge = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for number in [
        "1180591620717411303424",
        "18446744073709551616",
        "-1180591620717411303424",
        "1e300",
    ] {
        let bounds = fault("", "out_of_range", "must be between 5 and 600");
        assert_eq!(
            faults::<Between<5, 600>>(huge(number)),
            [bounds],
            "{number}"
        );
    }
    let large = fault("", "out_of_range", "is too large");
    assert_eq!(faults::<u32>(huge("1180591620717411303424")), [large]);
    let small = fault("", "out_of_range", "is too small");
    assert_eq!(faults::<i64>(huge("-1180591620717411303424")), [small]);
    assert_eq!(faults::<u32>(json!(1.5))[0].1, "wrong_type");
}

#[test]
fn a_flood_of_faults_is_cut_at_a_hundred() {
    let many: serde_json::Map<_, _> = (0..1000).map(|n| (format!("x{n}"), json!(1))).collect();

    assert_eq!(faults::<Members>(Value::Object(many)).len(), 100);
}
