//! Offices: their hours, their delays, and what still needs them.

use serde_json::{Value, json};

use super::{create, hours};
use crate::support::Tenant;

#[tokio::test]
async fn pres_09_hours_that_overlap_run_backwards_or_nowhere_are_named_by_their_place() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/offices/{}", tenant.office_id);
    let interval = |day: &str, opens: &str, closes: &str| json!({"day": day, "opens": opens, "closes": closes});
    let with = |zone: &str, weekly: Value| json!({"hours": {"time_zone": zone, "weekly": weekly}});

    for (patch, expected) in [
        (
            with("Mars/Olympus", json!([])),
            vec!["/hours/time_zone bad_format"],
        ),
        (
            with(
                "UTC",
                json!([
                    interval("monday", "08:00", "12:00"),
                    interval("monday", "11:00", "13:00")
                ]),
            ),
            vec!["/hours/weekly/1 overlap"],
        ),
        (
            // Over midnight into the next day.
            with(
                "UTC",
                json!([
                    interval("monday", "05:00", "07:00"),
                    interval("sunday", "22:00", "06:00")
                ]),
            ),
            vec!["/hours/weekly/0 overlap"],
        ),
        (
            with("UTC", json!([interval("monday", "12:00", "12:00")])),
            vec!["/hours/weekly/0/closes bad_format"],
        ),
        (
            with("UTC", json!([interval("monday", "24:00", "01:00")])),
            vec!["/hours/weekly/0/opens bad_format"],
        ),
        (
            with("UTC", json!([interval("monday", "08.00", "25:00")])),
            vec![
                "/hours/weekly/0/closes bad_format",
                "/hours/weekly/0/opens bad_format",
            ],
        ),
        (
            json!({"hours": {}}),
            vec!["/hours/time_zone required", "/hours/weekly required"],
        ),
        (json!({"hours": []}), vec!["/hours wrong_type"]),
    ] {
        let patched = tenant.owner.patch(&path, patch.clone()).await;
        assert_eq!(patched.faults(), expected, "{patch}");
        let mut body = patch;
        body["name"] = json!("Sales");
        let posted = tenant.owner.post("/v1/offices", body).await;
        assert_eq!(posted.faults(), expected);
    }
    assert_eq!(tenant.owner.get(&path).await.ok()["hours"], Value::Null);
}

#[tokio::test]
async fn hours_are_replaced_as_a_whole_and_taken_away_by_null() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/offices/{}", tenant.office_id);
    let mut with_holiday = hours("08:00", "16:00");
    with_holiday["exceptions"] = json!([{"date": "2026-12-24", "intervals": []}]);

    for (patch, expected) in [
        (json!({"hours": with_holiday}), with_holiday.clone()),
        (
            json!({"hours": hours("09:00", "17:00")}),
            hours("09:00", "17:00"),
        ),
        (json!({"name": "Other"}), hours("09:00", "17:00")),
        (json!({"hours": null}), Value::Null),
    ] {
        let changed = tenant.owner.patch(&path, patch).await.ok();
        assert_eq!(changed["hours"], expected);
    }
}

#[tokio::test]
async fn pres_06_an_offices_delays_narrow_the_tenants() {
    let tenant = Tenant::new().await;
    let path = format!("/v1/offices/{}", tenant.office_id);
    let settings = json!({"inactivity": {"away_after_s": 600, "offline_after_s": 1200}});
    tenant.owner.patch("/v1/settings", settings).await.ok();
    let delays = |away: i64, offline: i64| json!({"inactivity": {"away_after_s": away, "offline_after_s": offline}});

    tenant.owner.patch(&path, delays(600, 1200)).await.ok();
    let both = [
        "/inactivity/away_after_s out_of_range",
        "/inactivity/offline_after_s out_of_range",
    ];
    let wide = tenant.owner.patch(&path, delays(601, 1201)).await;
    assert_eq!(wide.faults(), both);
    let mut body = delays(601, 1201);
    body["name"] = json!("Sales");
    let wide = tenant.owner.post("/v1/offices", body).await;
    assert_eq!(wide.faults(), both);
    // The tenant's may become shorter; the office can still be changed, and its delays only shortened.
    let settings = json!({"inactivity": {"away_after_s": 300}});
    tenant.owner.patch("/v1/settings", settings).await.ok();
    let named = tenant.owner.patch(&path, json!({"name": "Named"})).await;
    assert_eq!(named.ok()["inactivity"]["away_after_s"], 600);
    let one = json!({"inactivity": {"away_after_s": 301}});
    let wide = tenant.owner.patch(&path, one).await;
    assert_eq!(wide.faults(), [both[0]]);
    let none = tenant.owner.patch(&path, json!({"inactivity": null})).await;
    let expected = json!({"away_after_s": null, "offline_after_s": null});
    assert_eq!(none.ok()["inactivity"], expected);
}

#[tokio::test]
async fn an_office_that_queues_or_widgets_need_stays() {
    let tenant = Tenant::new().await;
    let office = create(&tenant.owner, "/v1/offices", json!({"name": "Sales"})).await;
    let id = &office["id"];
    let path = format!("/v1/offices/{}", id.as_str().unwrap());
    let queue = json!({"name": "Sales", "office_id": id});
    let queue = create(&tenant.owner, "/v1/queues", queue).await;
    let widget = json!({"name": "Sales", "office_ids": [id, tenant.office_id]});
    let widget = create(&tenant.owner, "/v1/widgets", widget).await;
    let ana = json!({
        "name": "Ana", "email": "ana@test.example", "password": crate::support::PASSWORD,
        "office_ids": [id],
    });
    let ana = create(&tenant.owner, "/v1/agents", ana).await;

    tenant.owner.delete(&path).await.problem(409, "in_use");
    let queue = format!("/v1/queues/{}", queue["id"].as_str().unwrap());
    assert_eq!(tenant.owner.delete(&queue).await.status, 204);
    tenant.owner.delete(&path).await.problem(409, "in_use");
    let widget = format!("/v1/widgets/{}", widget["id"].as_str().unwrap());
    let rest = json!({"office_ids": [tenant.office_id]});
    tenant.owner.patch(&widget, rest).await.ok();
    assert_eq!(tenant.owner.delete(&path).await.status, 204);

    let ana = format!("/v1/agents/{}", ana["id"].as_str().unwrap());
    let ana = tenant.owner.get(&ana).await.ok();
    assert_eq!(
        (&ana["office_ids"], &ana["version"]),
        (&json!([]), &json!(2))
    );
}
