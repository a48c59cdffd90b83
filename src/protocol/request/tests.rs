//! What the schemas of bodies say, held against what is read.

use deserr::Deserr;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::*;
use crate::faults::{FaultCode, Faults, read};

/// Checks that of every field of a body its schema says `null` exactly where null is taken.
#[track_caller]
pub(crate) fn check_nulls<T: Deserr<Faults> + ToSchema>() {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let fields = schema["properties"].as_object().unwrap();
    assert!(!fields.is_empty());
    for (name, field) in fields {
        let refused = read::<T>(json!({ name: null })).err().unwrap_or_default();
        let place = format!("/{name}");
        let is_taken = !refused
            .0
            .iter()
            .any(|fault| fault.pointer == place && fault.code == FaultCode::WrongType);
        assert_eq!(says_null(field), is_taken, "{} {name}: {field}", T::name());
    }
}

fn says_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let kind = &schema["type"];
    let choices = ["oneOf", "anyOf"].map(|name| schema[name].as_array());
    is_null(kind)
        || kind
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(is_null))
        || choices.into_iter().flatten().flatten().any(says_null)
}

#[test]
fn a_schema_says_null_where_null_is_taken() {
    check_nulls::<UpdateChat>();
    check_nulls::<CloseChat>();
    check_nulls::<RateChat>();
    check_nulls::<StartChat>();
    check_nulls::<CreateBan>();
    check_nulls::<PatchBan>();
    check_nulls::<CreateContact>();
    check_nulls::<PatchContact>();
    check_nulls::<CreateDisposition>();
    check_nulls::<PatchDisposition>();
    check_nulls::<CreateOffice>();
    check_nulls::<PatchOffice>();
    check_nulls::<CreatePause>();
    check_nulls::<PatchPause>();
    check_nulls::<CreateQueue>();
    check_nulls::<PatchQueue>();
    check_nulls::<CreateRoutingRule>();
    check_nulls::<PatchRoutingRule>();
    check_nulls::<ChangeRoutingConditions>();
    check_nulls::<PatchSettings>();
    check_nulls::<PatchChats>();
    check_nulls::<PatchDisconnect>();
    check_nulls::<PatchInactivity>();
    check_nulls::<PatchLease>();
    check_nulls::<PatchOwnInactivity>();
    check_nulls::<CreateSkill>();
    check_nulls::<PatchSkill>();
    check_nulls::<CreateStatus>();
    check_nulls::<PatchStatus>();
    check_nulls::<CreateTag>();
    check_nulls::<PatchTag>();
    check_nulls::<CreateTargetingRule>();
    check_nulls::<PatchTargetingRule>();
    check_nulls::<ChangeConditions>();
    check_nulls::<CreateTemplate>();
    check_nulls::<PatchTemplate>();
    check_nulls::<CreateWidget>();
    check_nulls::<PatchWidget>();
}
