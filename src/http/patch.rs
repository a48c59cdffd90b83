//! Bodies that change a part of something (JSON Merge Patch, RFC 7396).
//!
//! Owns the media types of a patch. What a field means is its type's: [`Change`](crate::faults::Change) is absent or
//! a value, [`Field`](crate::faults::Field) may be null besides, which takes the field back to none or to its default.
//! Lists and hours inside of a patch are replaced as a whole. Of any other object what is not named stays, so what it must
//! have is taken from what is stored where that has it: [`Patch`] reads it so.

use axum::extract::{FromRequest, Request};
use axum::http::header::{HeaderName, HeaderValue};
use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;

use super::extract::{collect, json_of, media_type};
use super::{ApiError, AppState};
use crate::faults::{Draft, FaultCode, Faults, Sent, StandIns, read};
use crate::protocol::ErrorCode;

/// Which bodies a PATCH takes (RFC 5789, section 3.1).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// The media type of a merge patch, and the one that every client can send.
const MEDIA_TYPES: [&str; 2] = ["application/merge-patch+json", "application/json"];
const TAKEN: HeaderValue =
    HeaderValue::from_static("application/merge-patch+json, application/json");

/// Objects that are replaced as a whole, by the names of their fields.
const WHOLE: [&str; 1] = ["hours"];

/// The body of a PATCH that is read by itself: no object in it has to have anything that is stored.
pub(super) struct MergePatch<T>(pub T);

impl<T: Deserr<Faults>> FromRequest<AppState> for MergePatch<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        let source = source(request).await?;
        Ok(Self(read(source)?))
    }
}

/// The body of a PATCH that is read by what it changes: an object in it may leave out what that has there already.
#[derive(Clone, Debug)]
pub(super) struct Patch<P> {
    source: Value,
    /// What it says by itself.
    draft: Draft<P>,
}

impl<P: Deserr<Faults> + StandIns> FromRequest<AppState> for Patch<P> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        Ok(Self::new(source(request).await?)?)
    }
}

impl<P: Deserr<Faults> + StandIns> Patch<P> {
    fn new(source: Value) -> Result<Self, Faults> {
        let draft = read(source.clone())?;
        Ok(Self { source, draft })
    }
}

impl<P: Deserr<Faults> + StandIns + Clone> Patch<P> {
    /// What it names by itself.
    pub(super) fn named(&self) -> &P {
        self.draft.get()
    }

    /// Changes a thing of which `shown` is shown, and tells what is wrong with the patch of that.
    pub(super) fn change<T>(
        &self,
        thing: &mut T,
        shown: &impl Serialize,
        change: impl FnOnce(P, &mut T),
    ) -> Sent {
        let (patch, sent) = self.onto(shown).split();
        change(patch, thing);
        sent
    }

    /// What it says of a thing of which this is shown.
    pub(super) fn onto(&self, shown: &impl Serialize) -> Draft<P> {
        if self.draft.is_whole() {
            return self.draft.clone();
        }
        let (_, sent) = self.draft.clone().split();
        let shown = serde_json::to_value(shown).unwrap_or_default();
        let mut source = self.source.clone();
        let missing = sent.faults().0.into_iter();
        let missing = missing.filter(|fault| fault.code == FaultCode::Required);
        for fault in missing {
            fill_in(&mut source, &shown, &fault.pointer);
        }
        read(source).unwrap_or_else(|_| self.draft.clone())
    }
}

/// Puts what is stored in a place where something is missing. Nothing is put in the entry of a list: its entries are new.
fn fill_in(source: &mut Value, stored: &Value, place: &str) {
    let names: Vec<String> = place
        .split('/')
        .skip(1)
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect();
    let Some((last, around)) = names.split_last() else {
        return;
    };
    if around.iter().any(|name| WHOLE.contains(&&**name)) {
        return;
    }
    let (mut object, mut found) = (source.as_object_mut(), stored.as_object());
    for name in around {
        object = object.and_then(|fields| fields.get_mut(name)?.as_object_mut());
        found = found.and_then(|fields| fields.get(name)?.as_object());
    }
    let found = found.and_then(|fields| fields.get(last));
    if let (Some(object), Some(value)) = (object, found) {
        object.insert(last.clone(), value.clone());
    }
}

async fn source(request: Request) -> Result<Value, ApiError> {
    let (parts, body) = request.into_parts();
    let bytes = collect(body).await?;
    check_type(&media_type(&parts.headers))?;
    json_of(&bytes)
}

fn check_type(media_type: &str) -> Result<(), ApiError> {
    if MEDIA_TYPES.contains(&media_type) {
        return Ok(());
    }
    let error = ApiError::new(
        ErrorCode::UnsupportedMediaType,
        "send the body as application/merge-patch+json or application/json",
    );
    Err(error.with_header(ACCEPT_PATCH, TAKEN))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde_json::json;

    use super::*;
    use crate::protocol::request::{PatchQueue, PatchSettings};

    #[test]
    fn a_patch_is_a_merge_patch() {
        for media_type in MEDIA_TYPES {
            assert!(check_type(media_type).is_ok(), "{media_type}");
        }
        for other in ["", "text/plain", "application/json-patch+json"] {
            let answer = check_type(other).unwrap_err().into_response();
            assert_eq!(answer.status(), 415, "{other}");
            assert_eq!(answer.headers()[ACCEPT_PATCH], TAKEN);
        }
    }

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    /// What is wrong with a patch of a thing of which this is shown.
    fn faults<P: Deserr<Faults> + StandIns + Clone>(patch: Value, shown: &Value) -> Vec<String> {
        let (_, sent) = Patch::<P>::new(patch).unwrap().onto(shown).split();
        let faults = sent.faults().0.into_iter();
        let mut told: Vec<String> = faults
            .map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()))
            .collect();
        told.sort();
        told
    }

    #[test]
    fn what_an_object_must_have_and_a_patch_does_not_name_is_what_is_stored() {
        let shown = json!({
            "overflow": {"queue_id": ID}, "on_missed_offer": {"pause_id": ID}, "reminder": {"after_s": 60},
        });

        let empty = json!({"overflow": {}, "on_missed_offer": {}, "reminder": {}});
        assert_eq!(faults::<PatchQueue>(empty, &shown), [""; 0]);
        let nested = json!({"chats": {"on_agent_gone": {}}});
        let stored = json!({"chats": {"on_agent_gone": {"requeue_after_s": 7}}});
        assert_eq!(faults::<PatchSettings>(nested.clone(), &stored), [""; 0]);
        let patch = Patch::<PatchSettings>::new(nested).unwrap();
        let said = Patch::<PatchSettings>::new(stored.clone()).unwrap();
        assert_eq!(
            format!("{:?}", patch.onto(&stored).get()),
            format!("{:?}", said.named())
        );
    }

    #[test]
    fn what_is_stored_mends_nothing_else() {
        let shown = json!({"overflow": {"queue_id": ID}, "max_waiting": 7});
        let wrong = json!({"overflow": {"queue": ID}, "max_waiting": 0, "on_missed_offer": {}});
        assert_eq!(
            faults::<PatchQueue>(wrong, &shown),
            [
                "/max_waiting out_of_range",
                "/on_missed_offer/pause_id required",
                "/overflow/queue unknown_field",
            ]
        );
        let null = json!({"overflow": {"queue_id": null}});
        assert_eq!(
            faults::<PatchQueue>(null, &shown),
            ["/overflow/queue_id wrong_type"]
        );
    }

    #[test]
    fn an_incomplete_object_in_the_place_of_a_word_or_of_nothing_stays_one() {
        let empty = || json!({"overflow": {}, "reminder": {}});
        let missing = ["/overflow/queue_id required", "/reminder/after_s required"];

        for shown in [
            json!({"overflow": "messenger", "reminder": "every_message"}),
            json!({"overflow": null, "reminder": null}),
            json!({}),
        ] {
            assert_eq!(faults::<PatchQueue>(empty(), &shown), missing, "{shown}");
        }
    }

    #[test]
    fn hours_and_entries_of_lists_are_replaced_as_a_whole() {
        let hours = json!({"time_zone": "UTC", "weekly": [], "exceptions": []});
        let shown = json!({"hours": hours, "required_skills": [{"skill_id": ID, "level": 3}]});

        let patch = json!({"hours": {"weekly": []}, "required_skills": [{"skill_id": ID}]});
        assert_eq!(
            faults::<PatchQueue>(patch, &shown),
            [
                "/hours/time_zone required",
                "/required_skills/0/level required"
            ]
        );
    }
}
