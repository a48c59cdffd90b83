//! Targeting rules in the database, and the answers that the app role keeps.

use deskbell::domain::{Conditions, OfficeId, TargetingRule, TargetingRuleId, WidgetId};
use deskbell::store::{Constraint, Error, IdempotencyRecord, Remembered};
use serde_json::json;

use super::support::{Desk, NOW, later, store, tenant, uuid};

fn rule(widget_id: WidgetId, office_id: OfficeId) -> TargetingRule {
    TargetingRule {
        id: TargetingRuleId(uuid()),
        name: "Pricing".parse().unwrap(),
        widget_id: Some(widget_id),
        office_id: Some(office_id),
        enabled: false,
        sort_order: 7,
        conditions: Conditions {
            url_contains: Some("/Pricing".parse().unwrap()),
            url_matches: Some("*".parse().unwrap()),
            min_time_on_page_s: Some(86_400),
            min_visits: Some(1_000_000),
            referrer_contains: Some("search".parse().unwrap()),
            countries: ["AT", "DE"].map(|text| text.parse().unwrap()).into(),
            languages: ["de", "fr"].map(|text| text.parse().unwrap()).into(),
        },
        greeting: "May we help?".parse().unwrap(),
        created_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn a_rule_is_read_as_it_was_written() {
    let store = store();
    let new = tenant(&store).await;
    let desk = Desk::of(new.id).await;
    let full = rule(desk.widget_id, desk.office_id);
    let mut bare = full.clone();
    bare.id = TargetingRuleId(uuid());
    (bare.widget_id, bare.office_id) = (None, None);
    bare.conditions = Conditions::default();

    let mut tx = store.tenant(new.id).await.unwrap();
    for rule in [&full, &bare] {
        tx.insert_targeting_rule(rule).await.unwrap();
    }

    let found = tx.find_targeting_rule(full.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&full));
    let list = tx.list_targeting_rules(None, 10).await.unwrap();
    assert_eq!(list, [full.clone(), bare.clone()]);
    let rest = tx.list_targeting_rules(Some(full.id), 10).await.unwrap();
    assert_eq!(rest, [bare]);
    assert_eq!(tx.count_targeting_rules().await.unwrap(), 2);
}

#[tokio::test]
async fn a_rule_is_changed_and_removed_at_the_version_that_was_seen() {
    let store = store();
    let new = tenant(&store).await;
    let desk = Desk::of(new.id).await;
    let mut rule = rule(desk.widget_id, desk.office_id);
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_targeting_rule(&rule).await.unwrap();
    rule.version = 2;
    rule.conditions = Conditions::default();
    rule.office_id = None;

    assert!(!tx.update_targeting_rule(&rule, 2).await.unwrap());
    assert!(tx.update_targeting_rule(&rule, 1).await.unwrap());

    let found = tx.find_targeting_rule(rule.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&rule));
    assert!(!tx.delete_targeting_rule(rule.id, 1).await.unwrap());
    assert!(tx.delete_targeting_rule(rule.id, 2).await.unwrap());
    assert_eq!(tx.find_targeting_rule(rule.id).await.unwrap(), None);
}

#[tokio::test]
async fn the_app_role_keeps_an_answer_for_its_time_and_not_in_the_place_of_another() {
    let store = store();
    let new = tenant(&store).await;
    let record = |id: u8| IdempotencyRecord {
        body_hash: [id; 32],
        answer: json!({"id": id}),
    };
    let mut tx = store.tenant(new.id).await.unwrap();
    let not_before = NOW;
    tx.insert_answer("agent:1", "key", &record(1), NOW, not_before)
        .await
        .unwrap();

    let again = tx
        .insert_answer("agent:1", "key", &record(2), later(9), not_before)
        .await;
    assert!(
        matches!(again, Err(Error::Conflict(Constraint::IdempotencyKey))),
        "{again:?}"
    );
    tx.insert_answer("agent:1", "key", &record(2), later(9), later(1))
        .await
        .unwrap();
    let found = tx
        .find_answer("agent:1", "key", &[2; 32], later(9))
        .await
        .unwrap();
    assert_eq!(found, Remembered::Same(json!({"id": 2})));
}
