//! What holds for every kind of thing that is set up.

use reqwest::Method;
use serde_json::{Value, json};

use super::kinds::kinds;
use super::{NOBODY, create, delete_if, ids, stranger, tag, text};
use crate::support::{Persona, Tenant};

fn path_of(folder: &str, thing: &Value) -> String {
    format!("{folder}/{}", text(&thing["id"]))
}

#[tokio::test]
async fn everything_is_made_found_and_listed_with_its_version() {
    let tenant = Tenant::new().await;

    for kind in kinds(&tenant).await {
        let made = create(&tenant.owner, kind.folder, kind.least).await;
        assert_eq!(made["version"], 1, "{}", kind.folder);
        let found = tenant.owner.get(&path_of(kind.folder, &made)).await;
        assert_eq!(tag(&found), "\"1\"", "{}", kind.folder);
    }
}

#[tokio::test]
async fn every_field_of_everything_is_patched_and_the_rest_stays() {
    let tenant = Tenant::new().await;

    for kind in kinds(&tenant).await {
        let made = create(&tenant.owner, kind.folder, kind.least).await;
        let path = path_of(kind.folder, &made);
        let mut expected = made.clone();
        for (field, value) in kind.patched.as_object().unwrap() {
            expected[field] = value.clone();
        }
        expected["version"] = json!(2);

        let none = tenant.owner.patch(&path, json!({})).await;
        assert_eq!((tag(&none), none.ok()), ("\"1\"".to_owned(), made.clone()));
        let answer = tenant.owner.patch(&path, kind.patch.clone()).await;

        assert_eq!(tag(&answer), "\"2\"", "{path}");
        let mut changed = answer.ok();
        if kind.folder == "/v1/offices" {
            // What visitors see of it follows.
            assert_eq!(changed["mode"], "hidden");
            changed["mode"] = expected["mode"].clone();
        }
        assert_eq!(changed, expected, "{path}");
        let again = tenant.owner.patch(&path, kind.patch).await.ok();
        assert_eq!(again["version"], 2, "{path}: a patch that changes nothing");
        assert_eq!(tenant.owner.get(&path).await.ok(), again);
        let back = tenant
            .owner
            .patch(&path, json!({"name": "Back"}))
            .await
            .ok();
        assert_eq!(
            (&back["name"], &back["version"]),
            (&json!("Back"), &json!(3))
        );
    }
}

#[tokio::test]
async fn everything_can_be_made_with_all_of_its_fields() {
    let tenant = Tenant::new().await;

    for kind in kinds(&tenant).await {
        let mut body = kind.least;
        for (field, value) in kind.patch.as_object().unwrap() {
            body[field] = value.clone();
        }
        let made = create(&tenant.owner, kind.folder, body).await;
        for (field, value) in kind.patched.as_object().unwrap() {
            assert_eq!(made[field], *value, "{} {field}", kind.folder);
        }
    }
}

#[tokio::test]
async fn a_change_is_made_to_the_version_that_was_seen() {
    let tenant = Tenant::new().await;

    for kind in kinds(&tenant).await {
        let made = create(&tenant.owner, kind.folder, kind.least).await;
        let path = path_of(kind.folder, &made);
        let change = async |name: &str, tag: &str| {
            let headers = [("if-match", tag)];
            tenant
                .owner
                .patch_if(&path, json!({"name": name}), &headers)
                .await
        };

        assert_eq!(change("A", "\"1\"").await.ok()["version"], 2);
        for stale in ["\"1\"", "\"1\", \"3\"", "W/\"2\"", "\"x\""] {
            let answer = change("B", stale).await;
            answer.problem(412, "precondition_failed");
        }
        change("B", "2").await.problem(400, "malformed_request");
        assert_eq!(change("C", "\"1\", \"2\"").await.ok()["version"], 3);
        assert_eq!(change("D", "*").await.ok()["version"], 4);
        // Of two who have seen the same one is too late, and without a header neither is lost.
        let (first, second) = tokio::join!(change("E", "\"4\""), change("F", "\"4\""));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{path}");
        let owner = &tenant.owner;
        let (first, second) = tokio::join!(
            owner.patch(&path, json!({"name": "G"})),
            owner.patch(&path, json!({"name": "H"})),
        );
        let mut versions = [
            first.ok()["version"].clone(),
            second.ok()["version"].clone(),
        ];
        versions.sort_by_key(Value::as_i64);
        assert_eq!(versions, [json!(6), json!(7)], "{path}");
    }
}

#[tokio::test]
async fn what_is_archived_is_gone() {
    let tenant = Tenant::new().await;

    for kind in kinds(&tenant).await {
        let made = create(&tenant.owner, kind.folder, kind.least).await;
        let path = path_of(kind.folder, &made);
        let stale = delete_if(&tenant.owner, &path, "\"7\"").await;
        stale.problem(412, "precondition_failed");
        tenant.owner.get(&path).await.ok();

        let answer = delete_if(&tenant.owner, &path, "\"1\"").await;

        assert_eq!((answer.status.as_u16(), answer.body), (204, json!("")));
        let list = tenant
            .owner
            .get(&format!("{}?limit=200", kind.folder))
            .await;
        assert!(!ids(&list.ok()).contains(&text(&made["id"])), "{path}");
        tenant.owner.get(&path).await.problem(404, "not_found");
        let changed = tenant.owner.patch(&path, json!({"name": "A"})).await;
        changed.problem(404, "not_found");
        tenant.owner.delete(&path).await.problem(404, "not_found");
        let late = delete_if(&tenant.owner, &path, "\"1\"").await;
        late.problem(404, "not_found");
    }
}

#[tokio::test]
async fn every_bad_field_of_everything_is_named_at_once() {
    let tenant = Tenant::new().await;

    for kind in kinds(&tenant).await {
        let made = create(&tenant.owner, kind.folder, kind.least.clone()).await;
        let path = path_of(kind.folder, &made);
        let before = tenant.owner.get(kind.folder).await.ok();
        let mut bad = kind.bad.clone();
        let patched = tenant.owner.patch(&path, bad.clone()).await;
        assert_eq!(patched.faults(), kind.faults, "{path}");
        for (field, value) in kind.least.as_object().unwrap() {
            if bad.get(field).is_none() {
                bad[field] = value.clone();
            }
        }
        let posted = tenant.owner.post(kind.folder, bad).await;
        assert_eq!(posted.faults(), kind.faults, "{}", kind.folder);
        for body in [json!([]), json!(null), json!("x")] {
            let faults = tenant.owner.patch(&path, body).await.faults();
            assert_eq!(faults, [" wrong_type"], "{path}");
        }
        let null = tenant.owner.patch(&path, json!({"name": null})).await;
        assert_eq!(null.faults(), ["/name wrong_type"], "{path}");
        assert_eq!(tenant.owner.get(kind.folder).await.ok(), before);
    }
}

#[tokio::test]
async fn what_there_is_not_or_is_another_tenants_is_not_found() {
    let tenant = Tenant::new().await;
    let other = Tenant::new().await;

    for kind in kinds(&other).await {
        let theirs = create(&other.owner, kind.folder, kind.least).await;
        let theirs = text(&theirs["id"]);
        for id in [NOBODY, &*theirs, "1", "not-an-id", "%00", "..%2f..", "ä"] {
            let path = format!("{}/{id}", kind.folder);
            let answers = [
                tenant.owner.get(&path).await,
                tenant.owner.patch(&path, json!({"name": "A"})).await,
                tenant.owner.delete(&path).await,
                delete_if(&tenant.owner, &path, "\"1\"").await,
            ];
            for answer in answers {
                answer.problem(404, "not_found");
            }
        }
        let path = format!("{}/{theirs}", kind.folder);
        assert_eq!(other.owner.get(&path).await.ok()["version"], 1);
    }
}

#[tokio::test]
async fn agents_and_supervisors_read_it_and_admins_change_it() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("bo").await;
    let supervisor = tenant.agent_as("super", "supervisor").await;
    let admin = tenant.agent_as("chief", "admin").await;
    let visitor = tenant.visitor().await.persona;

    for kind in kinds(&tenant).await {
        let made = create(&admin, kind.folder, kind.least).await;
        let path = path_of(kind.folder, &made);
        let attempts = async |caller: &Persona| {
            // Whoever may not is told nothing of what would be wrong.
            [
                caller.post(kind.folder, json!({"nam": 1})).await,
                caller.patch(&path, json!({"nam": 1})).await,
                caller.delete(&path).await,
            ]
        };
        for caller in [&agent, &supervisor] {
            assert_eq!(caller.get(&path).await.ok(), made);
            caller.get(kind.folder).await.ok();
            for answer in attempts(caller).await {
                answer.problem(403, "forbidden");
            }
        }
        for caller in [&visitor, &stranger()] {
            for answer in attempts(caller).await {
                assert_eq!(answer.status, 401, "{}", answer.body);
            }
            assert_eq!(caller.get(&path).await.status, 401);
        }
        let changed = admin.patch(&path, json!({"name": "Changed"})).await.ok();
        assert_eq!(changed["name"], "Changed");
        assert_eq!(admin.delete(&path).await.status, 204);
    }
}

#[tokio::test]
async fn what_is_made_twice_under_one_key_is_there_once() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;

    for (number, kind) in kinds(&tenant).await.into_iter().enumerate() {
        let key = format!("key-{number}");
        let before = ids(&owner.get(kind.folder).await.ok()).len();
        let post = |body| owner.post_once(kind.folder, body, &key);
        let (first, second) = tokio::join!(post(kind.least.clone()), post(kind.least.clone()));
        let third = post(kind.least.clone()).await;
        for answer in [&second, &third] {
            assert_eq!(answer.status, 201, "{}", answer.body);
            assert_eq!(answer.body, first.body);
            assert_eq!(answer.headers["location"], first.headers["location"]);
            assert_eq!(tag(answer), "\"1\"");
        }
        let after = ids(&owner.get(kind.folder).await.ok()).len();
        assert_eq!(after, before + 1, "{}", kind.folder);
        let mut other = kind.least;
        other["name"] = json!("Other");
        post(other).await.problem(409, "idempotency_mismatch");
    }
}

#[tokio::test]
async fn a_patch_is_a_merge_patch_by_its_media_type() {
    let tenant = Tenant::new().await;
    let mut paths = vec!["/v1/settings".to_owned(), "/v1/me".to_owned()];
    for kind in kinds(&tenant).await {
        let made = create(&tenant.owner, kind.folder, kind.least).await;
        paths.push(path_of(kind.folder, &made));
    }

    for path in paths {
        let change = async |media_type: &str| {
            let headers = [("content-type", media_type)];
            let body = Some("{}".to_owned());
            tenant
                .owner
                .call(Method::PATCH, &path, body, &headers)
                .await
        };
        change("application/merge-patch+json").await.ok();
        change("application/json; charset=utf-8").await.ok();
        let answer = change("application/json-patch+json").await;
        answer.problem(415, "unsupported_media_type");
    }
}
