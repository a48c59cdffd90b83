//! Templates: found, and filled in for a chat. What holds for everything that is set up is tested in `setup`.

use serde_json::{Value, json};

use super::{NOBODY, active_chat, be, ids, start, text};
use crate::support::{Persona, Tenant};

const FOLDER: &str = "/v1/templates";

/// Makes a template and gives its path.
async fn make(owner: &Persona, name: &str, says: &str) -> String {
    let body = json!({"name": name, "text": says});
    let made = owner.post(FOLDER, body).await.ok();
    format!("{FOLDER}/{}", text(&made["id"]))
}

async fn render(agent: &Persona, path: &str, chat_id: &str) -> Value {
    let body = json!({"chat_id": chat_id});
    let answer = agent.post(&format!("{path}/render"), body).await;
    answer.ok()["text"].clone()
}

/// A chat whose visitor gave these answers, for an agent that is online.
async fn chat_with(tenant: &Tenant, fields: Value) -> String {
    let visitor = tenant.visitor().await.persona;
    let chat = visitor.post("/v1/visitor/chats", json!({"fields": fields}));
    text(&chat.await.ok()["id"])
}

#[tokio::test]
async fn chat_07_a_template_is_found_by_office_and_by_a_part_of_its_name() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let (other, _) = tenant.office("Sales", &[]).await;
    let make = async |name: &str, shortcut: &str, offices: Value| {
        let body = json!({"name": name, "shortcut": shortcut, "text": "Hi", "office_ids": offices});
        text(&owner.post(FOLDER, body).await.ok()["id"])
    };
    let all = make("Opening hours", "times", json!([])).await;
    let here = make("Ärger", "sorry", json!([tenant.office_id])).await;
    let there = make("Prices", "cost", json!([other])).await;
    let find = async |query: &str| {
        let page = owner.get(&format!("{FOLDER}{query}")).await.ok();
        ids(&page)
    };

    assert_eq!(find("").await, [&*all, &here, &there]);
    let office = format!("?office_id={}", tenant.office_id);
    assert_eq!(find(&office).await, [&*all, &here]);
    assert_eq!(find(&format!("?office_id={NOBODY}")).await, [&*all]);
    assert_eq!(find("?q=%C3%84RG").await, [&*here]);
    assert_eq!(find("?q=HOURS").await, [&*all]);
    assert_eq!(find("?q=cos").await, [&*there]);
    assert_eq!(find(&format!("{office}&q=cos")).await, Vec::<String>::new());
    let page = owner.get(&format!("{FOLDER}?q=r&limit=1")).await.ok();
    assert_eq!(ids(&page), [&*all]);
    let cursor = text(&page["next_cursor"]);
    let next = find(&format!("?q=r&limit=5&cursor={cursor}")).await;
    assert_eq!(next, [&*here, &there]);
    let long = "x".repeat(101);
    for (query, fault) in [
        ("?q=", "/q too_short"),
        ("?q=%20", "/q too_short"),
        (&*format!("?q={long}"), "/q too_long"),
        ("?office_id=x", "/office_id bad_format"),
        ("?office=x", "/office unknown_field"),
    ] {
        let answer = owner.get(&format!("{FOLDER}{query}")).await;
        assert_eq!(answer.faults(), [fault], "{query}");
    }
}

#[tokio::test]
async fn chat_07_a_shortcut_is_one_templates() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let body = |shortcut: &str| json!({"name": "Hello", "shortcut": shortcut, "text": "Hi"});
    let first = owner.post(FOLDER, body("Hi")).await.ok();
    let second = owner.post(FOLDER, body("ho")).await.ok();
    let path = |thing: &Value| format!("{FOLDER}/{}", text(&thing["id"]));

    let taken = owner.post(FOLDER, body("hI")).await;
    taken.problem(409, "shortcut_taken");
    let change = json!({"shortcut": "HI"});
    let taken = owner.patch(&path(&second), change.clone()).await;
    taken.problem(409, "shortcut_taken");
    assert_eq!(owner.get(&path(&second)).await.ok(), second);
    // Its own is no other's.
    let own = owner.patch(&path(&first), change.clone()).await.ok();
    assert_eq!(own["shortcut"], "HI");
    let (one, two) = tokio::join!(owner.post(FOLDER, body("x")), owner.post(FOLDER, body("X")));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(owner.delete(&path(&first)).await.status, 204);
    owner.patch(&path(&second), change).await.ok();
    let other = Tenant::new().await;
    other.owner.post(FOLDER, body("HI")).await.ok();
}

#[tokio::test]
async fn chat_07_an_unknown_placeholder_is_named_with_its_place() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let path = make(owner, "Hello", "Hello").await;
    let says = json!({"text": "Hi {{visitor.nam}} and {{agent.name|x}} {{chat}}"});
    let mut body = says.clone();
    body["name"] = json!("Bad");

    for answer in [
        owner.patch(&path, says).await,
        owner.post(FOLDER, body).await,
    ] {
        let problem = answer.problem(422, "invalid");
        let told: Vec<(&str, &str)> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                assert_eq!(error["pointer"], "/text");
                (
                    error["code"].as_str().unwrap(),
                    error["detail"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(told.len(), 2);
        for ((code, detail), (name, at)) in told.into_iter().zip([("visitor.nam", 4), ("chat", 41)])
        {
            assert_eq!(code, "unknown_placeholder");
            let begins =
                format!("there is no placeholder \"{name}\", at character {at}; there are ");
            assert!(detail.starts_with(&begins), "{detail}");
            assert!(detail.contains("visitor.name, visitor.email"), "{detail}");
        }
    }
    assert_eq!(owner.get(&path).await.ok()["text"], "Hello");
}

#[tokio::test]
async fn chat_07_a_template_is_filled_in_for_a_chat() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let fields = json!({"name": "Vic", "email": "vic@home.example", "plan": "gold"});
    let chat = chat_with(&tenant, fields).await;
    let path = make(
        &tenant.owner,
        "All",
        "{{visitor.name}}|{{visitor.email}}|{{agent.name}}|{{office.name}}|{{queue.name}}|{{chat.id}}|{{field.plan}}",
    )
    .await;

    let expected = format!("Vic|vic@home.example|ana|Support|General|{chat}|gold");
    assert_eq!(render(&agent, &path, &chat).await, expected);
    // It is the name under which the agent chats.
    agent
        .patch("/v1/me", json!({"public_name": "Ana of Support"}))
        .await
        .ok();
    let said = text(&render(&agent, &path, &chat).await);
    assert!(said.contains("|Ana of Support|Support|"), "{said}");
    // Nothing is sent.
    let events = agent.get(&format!("/v1/chats/{chat}/events")).await.ok();
    assert!(!events.to_string().contains("chat.message"), "{events}");
}

#[tokio::test]
async fn chat_07_what_agents_know_of_a_contact_comes_before_its_forms() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let visitor = tenant.visitor().await;
    let start = async |fields: Value| {
        let body = json!({"fields": fields});
        let chat = visitor.persona.post("/v1/visitor/chats", body).await;
        text(&chat.ok()["id"])
    };
    let first = start(json!({"name": "Vic", "plan": "gold", "seen": "once"})).await;
    let second = start(json!({"email": "vic@home.example", "plan": "silver"})).await;
    let says = "{{visitor.name|?}} {{visitor.email|?}} {{field.plan|?}} {{field.seen|?}}";
    let path = make(&tenant.owner, "All", says).await;

    // What the form of the chat does not say, others have said.
    let said = render(&agent, &path, &first).await;
    assert_eq!(said, "Vic vic@home.example gold once");
    let said = render(&agent, &path, &second).await;
    assert_eq!(said, "Vic vic@home.example silver ?");
    let contact = format!("/v1/contacts/{}", visitor.id);
    let change = json!({"name": "Victor", "fields": {"plan": "platinum"}});
    agent.patch(&contact, change).await.ok();
    let said = render(&agent, &path, &first).await;
    assert_eq!(said, "Victor vic@home.example platinum once");
}

#[tokio::test]
async fn chat_07_a_visitor_puts_no_markup_into_an_agents_message() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let fields = json!({"name": "[gift](https://evil.example)", "plan": "*b* {{agent.name}}"});
    let chat = chat_with(&tenant, fields).await;
    let path = make(
        &tenant.owner,
        "All",
        "*Dear* {{visitor.name}}: {{field.plan}}",
    )
    .await;

    assert_eq!(
        render(&agent, &path, &chat).await,
        r"*Dear* \[gift\](https://evil.example): \*b\* {{agent.name}}"
    );
}

#[tokio::test]
async fn chat_07_a_template_is_filled_in_only_for_a_chat_that_one_may_read() {
    let (tenant, agent, _, chat) = active_chat().await;
    let outsider = tenant.outsider_as("eve", "agent").await;
    let supervisor = tenant.outsider_as("super", "supervisor").await;
    let path = make(&tenant.owner, "Hello", "Hello {{visitor.name}}").await;
    let ask = format!("{path}/render");

    assert_eq!(render(&agent, &path, &chat).await, "Hello ");
    assert_eq!(render(&supervisor, &path, &chat).await, "Hello ");
    for id in [&*chat, NOBODY] {
        let answer = outsider.post(&ask, json!({"chat_id": id})).await;
        assert_eq!(answer.faults(), ["/chat_id unknown_id"]);
    }
    let nowhere = format!("{FOLDER}/{NOBODY}/render");
    let answer = agent.post(&nowhere, json!({"chat_id": chat})).await;
    answer.problem(404, "not_found");
    let answer = agent.post(&ask, json!({"chat": chat})).await;
    assert_eq!(
        answer.faults(),
        ["/chat unknown_field", "/chat_id required"]
    );
    tenant.owner.delete(&path).await;
    let answer = agent.post(&ask, json!({"chat_id": chat})).await;
    answer.problem(404, "not_found");
}

#[tokio::test]
async fn chat_07_what_would_be_longer_than_a_message_is_refused() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let slot = "{{field.a}}";
    let fits = "x".repeat(65_536 - slot.len() - 1);
    let chat_of = async |answer: &str| chat_with(&tenant, json!({"a": answer})).await;
    let path = make(&tenant.owner, "Long", &format!("{fits}{slot}")).await;

    let most = chat_of(&"y".repeat(slot.len() + 1)).await;
    assert_eq!(text(&render(&agent, &path, &most).await).len(), 65_536);
    let more = chat_of(&"y".repeat(slot.len() + 2)).await;
    let ask = format!("{path}/render");
    let answer = agent.post(&ask, json!({"chat_id": more})).await;
    answer.problem(409, "limit_reached");
}

#[tokio::test]
async fn chat_07_an_office_that_was_archived_since_does_not_stop_a_change() {
    let tenant = Tenant::new().await;
    let owner = &tenant.owner;
    let made = owner.post("/v1/offices", json!({"name": "Old"})).await.ok();
    let office = text(&made["id"]);
    let body = json!({"name": "Hello", "text": "Hi", "office_ids": [office]});
    let template = owner.post(FOLDER, body).await.ok();
    let path = format!("{FOLDER}/{}", text(&template["id"]));
    owner.delete(&format!("/v1/offices/{office}")).await;

    owner.patch(&path, json!({"text": "Hello"})).await.ok();
    let change = json!({"office_ids": [office, tenant.office_id]});
    owner.patch(&path, change).await.ok();
    let change = json!({"office_ids": [office, NOBODY]});
    let refused = owner.patch(&path, change).await.faults();
    assert_eq!(refused, ["/office_ids/1 unknown_id"]);
    let body = json!({"name": "Hello", "text": "Hi", "office_ids": [office]});
    assert_eq!(
        owner.post(FOLDER, body).await.faults(),
        ["/office_ids/0 unknown_id"]
    );
}

#[tokio::test]
async fn chat_07_waiting_chats_can_be_prepared_for_too() {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    let (_, chat) = start(&tenant).await;
    let path = make(
        &tenant.owner,
        "Hello",
        "{{queue.name}} {{visitor.name|you}}",
    )
    .await;

    assert_eq!(render(&agent, &path, &chat).await, "General you");
}
