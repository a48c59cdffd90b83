//! Offices, queues and widgets as readers see them, and the board.

use deskbell::domain::{Mode, OfficeId, QueueId, QueueSettings, Role, ShownReason, WidgetId};
use deskbell::engine::OfficeAvailability;
use deskbell::store::OfficeOnBoard;

use super::support::{Desk, NOW, agent, store, tenant, uuid};

#[tokio::test]
async fn offices_are_listed_by_pages_without_the_archived() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let (library, closed, hidden) = (OfficeId(uuid()), OfficeId(uuid()), OfficeId(uuid()));
    desk.insert_office(library, "Library", "messenger").await;
    desk.insert_office(closed, "Closed", "live").await;
    desk.insert_office(hidden, "Hidden", "hidden").await;
    desk.change(
        "update offices set archived_at = now() where tenant_id = $1 and office_id = $2",
        closed.0,
    )
    .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let first = tx.list_offices(None, 2).await.unwrap();
    let second = tx.list_offices(Some(library), 2).await.unwrap();
    let found = tx.find_office(library).await.unwrap();

    let modes = |views: &[deskbell::engine::OfficeView]| -> Vec<(OfficeId, Mode)> {
        views
            .iter()
            .map(|view| (view.office.id, view.mode))
            .collect()
    };
    assert_eq!(
        modes(&first),
        [(desk.office_id, Mode::Live), (library, Mode::Messenger)]
    );
    assert_eq!(modes(&second), [(hidden, Mode::Hidden)]);
    assert_eq!(found.as_ref(), first.last());
    assert_eq!(tx.find_office(closed).await.unwrap(), None);
}

#[tokio::test]
async fn queues_come_with_their_members() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let bo = agent("Bo", Role::Agent);
    desk.insert_agent(&bo).await;
    let (staffed, archived) = (QueueId(uuid()), QueueId(uuid()));
    desk.insert_queue(staffed, &[bo.id, new.owner.id]).await;
    desk.insert_queue(archived, &[bo.id]).await;
    desk.change(
        "update queues set archived_at = now() where tenant_id = $1 and queue_id = $2",
        archived.0,
    )
    .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let listed = tx.list_queues(None, 10).await.unwrap();
    let found = tx.find_queue(staffed).await.unwrap().unwrap();

    let members: Vec<_> = listed
        .iter()
        .map(|view| (view.queue.id, view.member_ids.clone()))
        .collect();
    assert_eq!(
        members,
        [
            (desk.queue_id, vec![]),
            (staffed, vec![new.owner.id, bo.id])
        ]
    );
    assert_eq!(found, listed[1]);
    assert_eq!(*found.queue.settings, QueueSettings::default());
    assert_eq!(
        (found.queue.office_id, found.queue.created_at),
        (desk.office_id, NOW)
    );
    assert_eq!(tx.find_queue(archived).await.unwrap(), None);
    assert_eq!(tx.list_queues(Some(staffed), 10).await.unwrap(), []);
}

#[tokio::test]
async fn widgets_name_their_offices_in_the_order_in_which_they_are_tried() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let library = OfficeId(uuid());
    desk.insert_office(library, "Library", "messenger").await;
    let both = WidgetId(uuid());
    let key = format!("wk_{}", uuid().simple());
    desk.insert_widget(both, &key, &[library, desk.office_id])
        .await;

    let mut tx = store.tenant(new.id).await.unwrap();
    let found = tx.find_widget(both).await.unwrap().unwrap();
    let listed = tx.list_widgets(Some(desk.widget_id), 10).await.unwrap();

    assert_eq!(found.office_ids, [library, desk.office_id]);
    assert_eq!(found.key.as_str(), key);
    assert_eq!(found.allowed_domains, ["harbour.example".parse().unwrap()]);
    assert_eq!(listed, [found]);
}

#[tokio::test]
async fn the_board_holds_every_widget_that_is_not_archived() {
    let store = store();
    let new = tenant(&store).await;
    let mut desk = Desk::of(new.id).await;
    let library = OfficeId(uuid());
    desk.insert_office(library, "Library", "messenger").await;
    let (both, bare, archived) = (WidgetId(uuid()), WidgetId(uuid()), WidgetId(uuid()));
    let key = |id: WidgetId| format!("wk_{}", id.0.simple());
    desk.insert_widget(both, &key(both), &[library, desk.office_id])
        .await;
    desk.insert_widget(bare, &key(bare), &[]).await;
    desk.insert_widget(archived, &key(archived), &[library])
        .await;
    desk.change(
        "update widgets set archived_at = now() where tenant_id = $1 and widget_id = $2",
        archived.0,
    )
    .await;

    let mut tx = store.system().await.unwrap();
    let mut board = tx.list_board().await.unwrap();
    let named = tx.find_tenant_of_widget_key(&key(both)).await.unwrap();
    let gone = tx.find_tenant_of_widget_key(&key(archived)).await.unwrap();

    board.retain(|entry| entry.tenant_id == new.id);
    board.sort_by_key(|entry| entry.widget.id);
    let offices: Vec<_> = board
        .iter()
        .map(|e| (e.widget.id, e.offices.clone()))
        .collect();
    let office = |office_id, name: &str, mode, reason| OfficeOnBoard {
        name: name.parse().unwrap(),
        shown: OfficeAvailability {
            office_id,
            mode,
            reason,
            since: NOW,
            valid_until: None,
            opens_at: None,
            agents: Vec::new(),
            waiting: Some(2),
            estimated_wait: None,
        },
    };
    let online = ShownReason::AgentOnline;
    let admissions = office(desk.office_id, "Admissions", Mode::Live, online);
    let nobody = ShownReason::NobodyOnline;
    let library = office(library, "Library", Mode::Messenger, nobody);
    assert_eq!(
        offices,
        [
            (desk.widget_id, vec![admissions.clone()]),
            (both, vec![library.clone(), admissions]),
            (bare, vec![]),
        ]
    );
    let office_ids = [library.shown.office_id, desk.office_id];
    assert_eq!(board[1].widget.office_ids, office_ids);
    assert_eq!((named, gone), (Some((new.id, both)), None));
}
