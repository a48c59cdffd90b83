//! The body of the poll and its tag (AVAIL-3): what it tells, what it never tells, and that one changes with the other.

use std::collections::BTreeMap;

use deskbell::domain::{Millis, Overrun};
use reqwest::Method;
use serde_json::{Value, json};

use super::{be, id_of, stopped, tenant_on};
use crate::support::{Persona, Setup, Socket, Tenant};

/// Polls, and holds that the tag changes exactly when the body does.
struct Poller {
    tags: BTreeMap<String, String>,
    last: String,
}

impl Poller {
    fn new() -> Self {
        Self {
            tags: BTreeMap::new(),
            last: String::new(),
        }
    }

    async fn poll(&mut self, tenant: &Tenant) -> Value {
        let path = format!("/v1/widget/{}/availability", tenant.widget_key);
        let stranger = Persona::new(tenant.owner.base(), None);
        let answer = stranger.get(&path).await;
        let tag = answer.headers["etag"].to_str().unwrap().to_owned();
        let body = answer.ok();
        let text = body.to_string();
        for (known, tagged) in &self.tags {
            assert_eq!(
                *known == text,
                *tagged == tag,
                "{known} {tagged} against {text} {tag}"
            );
        }
        let headers = [("if-none-match", self.last.as_str())];
        let again = stranger.call(Method::GET, &path, None, &headers).await;
        assert_eq!(
            again.status == 304,
            self.last == tag,
            "{} then {tag}",
            self.last
        );
        assert_eq!(again.headers["etag"], tag.as_str());
        self.tags.insert(text, tag.clone());
        self.last = tag;
        body
    }
}

#[tokio::test]
async fn avail_03_the_tag_changes_exactly_when_the_body_does() {
    let mut tenant = Tenant::new().await;
    let mut poller = Poller::new();
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);

    let first = poller.poll(&tenant).await;
    be(&ana, "online").await;
    let live = poller.poll(&tenant).await;
    // Of what is not shown nothing is seen in the tag either.
    be(&bo, "online").await;
    assert_eq!(poller.poll(&tenant).await, live);
    be(&ana, "away").await;
    assert_eq!(poller.poll(&tenant).await, live);
    let visitor = tenant.visitor().await.persona;
    visitor.post("/v1/visitor/chats", json!({})).await.ok();
    assert_eq!(poller.poll(&tenant).await, live);
    be(&bo, "away").await;
    assert_eq!(poller.poll(&tenant).await, first);
    assert_eq!(poller.tags.len(), 2);
}

#[tokio::test]
async fn avail_03_who_is_online_is_told_only_if_the_tenant_shows_it() {
    let mut tenant = Tenant::new().await;
    let mut poller = Poller::new();
    let setup = Setup::new(&tenant);
    let (ana, bo) = (tenant.agent("ana").await, tenant.agent("bo").await);
    let named = |agent: &mut deskbell::domain::Agent| {
        agent.public_name = Some("Anna from support".parse().unwrap());
        agent.picture_url = Some("https://pics.example/anna.png".parse().unwrap());
    };
    setup.agent(&id_of(&ana).await, named).await;
    be(&ana, "online").await;
    let hidden = poller.poll(&tenant).await;
    assert_eq!(hidden["offices"][0].get("agents"), None);

    setup.settings(|settings| settings.show_agents = true).await;
    let face = json!({"name": "Anna from support", "picture_url": "https://pics.example/anna.png"});
    let shown = poller.poll(&tenant).await;
    assert_eq!(shown["offices"][0]["agents"], json!([face]));
    be(&bo, "online").await;
    let plain = json!({"name": "bo", "picture_url": null});
    let shown = poller.poll(&tenant).await;
    assert_eq!(shown["offices"][0]["agents"], json!([face, plain]));
    be(&ana, "invisible").await;
    let shown = poller.poll(&tenant).await;
    assert_eq!(
        shown["offices"][0]["agents"],
        json!([plain]),
        "an invisible one is not there"
    );
    let rename = |agent: &mut deskbell::domain::Agent| {
        agent.public_name = Some("Bob".parse().unwrap());
    };
    setup.agent(&id_of(&bo).await, rename).await;
    let shown = poller.poll(&tenant).await;
    assert_eq!(
        shown["offices"][0]["agents"][0]["name"], "Bob",
        "a new name is seen too"
    );
    be(&bo, "away").await;
    let shown = poller.poll(&tenant).await;
    assert_eq!(shown["offices"][0].get("agents"), None);

    setup
        .settings(|settings| settings.show_agents = false)
        .await;
    be(&ana, "online").await;
    assert_eq!(poller.poll(&tenant).await, hidden);
}

#[tokio::test]
async fn avail_03_ten_faces_are_shown_and_no_more() {
    let tenant = Tenant::new().await;
    let setup = Setup::new(&tenant);
    setup.settings(|settings| settings.show_agents = true).await;
    setup.people(&tenant, 12).await;

    let shown = tenant.poll().await.ok();

    assert_eq!(shown["offices"][0]["agents"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn avail_03_how_many_wait_is_told_only_if_the_tenant_shows_it() {
    let mut tenant = Tenant::new().await;
    let mut poller = Poller::new();
    let setup = Setup::new(&tenant);
    let ana = tenant.agent("ana").await;
    be(&ana, "online").await;
    let visitor = tenant.visitor().await.persona;
    let start = async || visitor.post("/v1/visitor/chats", json!({})).await.ok();
    start().await;
    assert_eq!(
        poller.poll(&tenant).await["offices"][0].get("waiting"),
        None
    );

    setup.settings(|settings| settings.show_queue = true).await;
    assert_eq!(poller.poll(&tenant).await["offices"][0]["waiting"], 1);
    let chat = start().await;
    assert_eq!(poller.poll(&tenant).await["offices"][0]["waiting"], 2);
    let path = format!("/v1/chats/{}", super::text(&chat["id"]));
    ana.post(&format!("{path}/accept"), json!({})).await.ok();
    assert_eq!(poller.poll(&tenant).await["offices"][0]["waiting"], 1);
    ana.post(&format!("{path}/close"), json!({})).await.ok();
    assert_eq!(poller.poll(&tenant).await["offices"][0]["waiting"], 1);
    setup.settings(|settings| settings.show_queue = false).await;
    assert_eq!(
        poller.poll(&tenant).await["offices"][0].get("waiting"),
        None
    );
}

#[tokio::test]
async fn avail_01_a_pause_with_an_end_is_known_until_then() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let mut poller = Poller::new();
    let setup = Setup::on(&stopped.server.state, &tenant);
    let lunch = setup.pause("Lunch", Some((600, Overrun::End))).await;
    let (ana, _tab) = tenant.online_agent("ana").await;
    assert_eq!(poller.poll(&tenant).await["valid_until"], Value::Null);

    let pause = json!({"pause_id": lunch});
    let pause = ana.put("/v1/me/pause", pause).await.ok()["pause"].clone();
    let shown = poller.poll(&tenant).await;
    assert_eq!(
        (&shown["mode"], &shown["valid_until"]),
        (&json!("messenger"), &pause["due_at"])
    );
    assert_eq!(shown["offices"][0]["valid_until"], shown["valid_until"]);

    stopped.pass(600);
    stopped.clock.advance(Millis(1));
    // Whoever reads makes the tenant's time go on.
    super::presence_of(&ana).await;
    let shown = poller.poll(&tenant).await;
    assert_eq!(
        (&shown["mode"], &shown["valid_until"]),
        (&json!("live"), &Value::Null)
    );
}

#[tokio::test]
async fn avail_01_a_pause_that_is_only_marked_when_it_is_too_long_has_no_known_end() {
    let stopped = stopped().await;
    let mut tenant = tenant_on(&stopped).await;
    let setup = Setup::on(&stopped.server.state, &tenant);
    let lunch = setup.pause("Lunch", Some((600, Overrun::Flag))).await;
    let (ana, mut tab) = tenant.online_agent("ana").await;

    ana.put("/v1/me/pause", json!({"pause_id": lunch}))
        .await
        .ok();
    stopped.pass(601);

    let told = super::heard_of(&mut tab, "presence.changed").await;
    assert_eq!(told.last().unwrap()["presence"]["pause"]["overdue"], true);
    let shown = tenant.poll().await.ok();
    assert_eq!(
        (&shown["mode"], &shown["valid_until"]),
        (&json!("messenger"), &Value::Null)
    );
    drop(Socket::agent(&ana).await);
}
