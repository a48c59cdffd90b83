//! Tags. What holds for everything that is set up is tested in `setup`.

use serde_json::json;

use super::text;
use crate::support::Tenant;

const FOLDER: &str = "/v1/tags";

#[tokio::test]
async fn chat_07_two_tags_have_two_names() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let body = |name: &str| json!({"name": name});
    let first = owner.post(FOLDER, body("Late delivery")).await.ok();
    let second = owner.post(FOLDER, body("Refund")).await.ok();
    assert_eq!(first["color"], "#757575");
    let (first, second) = (text(&first["id"]), text(&second["id"]));
    let (first, second) = (format!("{FOLDER}/{first}"), format!("{FOLDER}/{second}"));

    for name in ["late delivery", " LATE   Delivery "] {
        owner
            .post(FOLDER, body(name))
            .await
            .problem(409, "name_taken");
        let taken = owner.patch(&second, body(name)).await;
        taken.problem(409, "name_taken");
    }
    let own = owner.patch(&first, body("LATE delivery")).await.ok();
    assert_eq!(own["name"], "LATE delivery");
    assert_eq!(owner.delete(&first).await.status, 204);
    owner.patch(&second, body("late delivery")).await.ok();
    Tenant::new()
        .await
        .owner
        .post(FOLDER, body("late delivery"))
        .await
        .ok();
}
