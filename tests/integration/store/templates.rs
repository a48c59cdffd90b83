//! Templates in the database.

use deskbell::domain::{OfficeId, Template, TemplateId};
use deskbell::store::{Constraint, Error, TemplateFilter};

use super::support::{NOW, later, store, tenant, uuid};

fn template(name: &str, shortcut: Option<&str>, offices: &[OfficeId]) -> Template {
    Template {
        id: TemplateId(uuid()),
        name: name.parse().unwrap(),
        shortcut: shortcut.map(|text| text.parse().unwrap()),
        text: "Hello {{visitor.name|*there*}}\n{{field.plan}}"
            .parse()
            .unwrap(),
        office_ids: offices.iter().copied().collect(),
        sort_order: -7,
        created_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn a_template_is_read_as_it_was_written() {
    let store = store();
    let new = tenant(&store).await;
    let mut tx = store.tenant(new.id).await.unwrap();
    let full = template("Hello", Some("Hi"), &[OfficeId(uuid()), OfficeId(uuid())]);
    let bare = template("Bare", None, &[]);

    for template in [&full, &bare] {
        tx.insert_template(template).await.unwrap();
    }

    let found = tx.find_template(full.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&full));
    let all = TemplateFilter::default();
    let list = tx.list_templates(&all, None, 10).await.unwrap();
    assert_eq!(list, [full.clone(), bare.clone()]);
    let rest = tx.list_templates(&all, Some(full.id), 10).await.unwrap();
    assert_eq!(rest, [bare]);
    assert_eq!(tx.count_templates().await.unwrap(), 2);
}

#[tokio::test]
async fn a_template_is_changed_and_archived_at_the_version_that_was_seen() {
    let store = store();
    let new = tenant(&store).await;
    let mut tx = store.tenant(new.id).await.unwrap();
    let mut changed = template("Hello", Some("hi"), &[]);
    tx.insert_template(&changed).await.unwrap();
    changed.version = 2;
    changed.shortcut = None;
    changed.text = "Bye".parse().unwrap();

    assert!(!tx.update_template(&changed, 2).await.unwrap());
    assert!(tx.update_template(&changed, 1).await.unwrap());

    let found = tx.find_template(changed.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&changed));
    assert!(!tx.archive_template(changed.id, 1, later(1)).await.unwrap());
    assert!(tx.archive_template(changed.id, 2, later(1)).await.unwrap());
    assert!(!tx.archive_template(changed.id, 2, later(1)).await.unwrap());
    assert!(!tx.update_template(&changed, 2).await.unwrap());
    assert_eq!(tx.find_template(changed.id).await.unwrap(), None);
    assert_eq!(tx.count_templates().await.unwrap(), 0);
}

#[tokio::test]
async fn a_shortcut_is_free_again_when_its_template_is_archived() {
    let store = store();
    let new = tenant(&store).await;
    let first = template("First", Some("Grüße"), &[]);
    let second = template("Second", Some("GRÜSSE"), &[]);
    let third = template("Third", Some("GRÜßE"), &[]);
    let mut tx = store.tenant(new.id).await.unwrap();
    tx.insert_template(&first).await.unwrap();
    tx.insert_template(&second).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.tenant(new.id).await.unwrap();
    let taken = tx.insert_template(&third).await;
    assert!(
        matches!(taken, Err(Error::Conflict(Constraint::TemplateShortcut))),
        "{taken:?}"
    );
    drop(tx);
    let mut tx = store.tenant(new.id).await.unwrap();
    assert!(tx.archive_template(first.id, 1, later(1)).await.unwrap());
    tx.insert_template(&third).await.unwrap();
}

#[tokio::test]
async fn templates_are_searched_by_office_and_by_a_part_of_their_names() {
    let store = store();
    let new = tenant(&store).await;
    let (office, other) = (OfficeId(uuid()), OfficeId(uuid()));
    let everywhere = template("Opening Hours", Some("times"), &[]);
    let here = template("50% off_now", Some("sale"), &[office, other]);
    let there = template("Ärger", None, &[other]);
    let mut tx = store.tenant(new.id).await.unwrap();
    for template in [&everywhere, &here, &there] {
        tx.insert_template(template).await.unwrap();
    }

    for (office_id, search, expected) in [
        (Some(office), None, vec![&everywhere, &here]),
        (Some(other), None, vec![&everywhere, &here, &there]),
        (Some(OfficeId(uuid())), None, vec![&everywhere]),
        (None, Some("ing  HOUR"), vec![&everywhere]),
        (None, Some("TIME"), vec![&everywhere]),
        (None, Some("ärg"), vec![&there]),
        // A part, and no pattern.
        (None, Some("0%"), vec![&here]),
        (None, Some("f_n"), vec![&here]),
        (None, Some("%"), vec![&here]),
        (None, Some("_"), vec![&here]),
        (Some(other), Some("sal"), vec![&here]),
        (None, Some("nothing"), vec![]),
    ] {
        let filter = TemplateFilter {
            office_id,
            search: search.map(ToOwned::to_owned),
        };
        let found = tx.list_templates(&filter, None, 10).await.unwrap();
        let found: Vec<&Template> = found.iter().collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}
