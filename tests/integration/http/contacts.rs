//! Contacts: what forms and agents say of them, and who may know of them.

use serde_json::{Value, json};

use super::{NOBODY, be, close, ids, pick, start, text};
use crate::support::{Answer, Persona, Tenant, Visitor};

#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

async fn staffed() -> (Tenant, Persona) {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    (tenant, agent)
}

/// A chat of this visitor with these answers.
async fn chat_of(visitor: &Visitor, fields: Value) -> String {
    let body = json!({"fields": fields});
    let chat = visitor.persona.post("/v1/visitor/chats", body).await;
    text(&chat.ok()["id"])
}

fn path_of(visitor: &Visitor) -> String {
    format!("/v1/contacts/{}", visitor.id)
}

#[tokio::test]
async fn chat_06_a_contact_is_what_its_forms_said() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let path = path_of(&visitor);
    agent.get(&path).await.problem(404, "not_found");

    chat_of(&visitor, json!({"name": "Vic", "plan": "gold"})).await;
    let answer = agent.get(&path).await;

    assert_eq!(tag(&answer), "\"1\"");
    let contact = answer.ok();
    assert_eq!(
        contact,
        json!({
            "id": visitor.id, "name": "Vic", "email": null, "fields": {"plan": "gold"}, "note": null,
            "language": null, "assigned_agent_ids": [], "created_at": contact["created_at"], "version": 1,
        })
    );
    // What says nothing new leaves the version, what does raises it.
    chat_of(&visitor, json!({"name": "Vic"})).await;
    assert_eq!(agent.get(&path).await.ok(), contact);
    chat_of(&visitor, json!({"email": "vic@home.example", "size": "L"})).await;
    let later = agent.get(&path).await.ok();
    assert_eq!(
        (
            &later["name"],
            &later["email"],
            &later["fields"],
            &later["version"]
        ),
        (
            &json!("Vic"),
            &json!("vic@home.example"),
            &json!({"size": "L"}),
            &json!(2)
        )
    );
}

#[tokio::test]
async fn chat_06_what_an_agent_gives_is_kept_from_the_forms() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let path = path_of(&visitor);
    let first = json!({"name": "Vic", "email": "old@home.example", "plan": "gold"});
    let first = chat_of(&visitor, first).await;
    let change = json!({
        "name": "Victor", "email": "vic@home.example", "note": "Rings\ntwice", "language": "de-AT",
        "fields": {"plan": "platinum", "number": "7"},
    });

    let changed = agent.patch(&path, change.clone()).await;

    assert_eq!(tag(&changed), "\"2\"");
    let mut expected = changed.ok();
    for (field, value) in change.as_object().unwrap() {
        assert_eq!(expected[field], *value);
    }
    let again = agent.patch(&path, change).await.ok();
    assert_eq!(again, expected, "a patch that changes nothing");
    chat_of(
        &visitor,
        json!({"name": "V", "email": "new@home.example", "plan": "tin", "size": "L"}),
    )
    .await;
    expected["fields"] = json!({"number": "7", "plan": "platinum", "size": "L"});
    expected["version"] = json!(3);
    assert_eq!(agent.get(&path).await.ok(), expected);
    // A chat has the answers of its own form.
    let chat = agent.get(&format!("/v1/chats/{first}")).await.ok();
    assert_eq!(chat["contact"]["name"], "Vic");
    // Null uncovers what the last form said.
    let change = json!({"name": null, "email": null, "note": null, "language": null, "fields": {"plan": null}});
    let back = agent.patch(&path, change).await.ok();
    assert_eq!(
        back["fields"],
        json!({"number": "7", "plan": "tin", "size": "L"})
    );
    assert_eq!(
        (&back["name"], &back["email"], &back["note"]),
        (&json!("V"), &json!("new@home.example"), &Value::Null)
    );
    chat_of(&visitor, json!({"name": "Vicky"})).await;
    assert_eq!(agent.get(&path).await.ok()["name"], "Vicky");
    let none = agent.patch(&path, json!({"fields": null})).await.ok();
    assert_eq!(none["fields"], json!({"plan": "tin", "size": "L"}));
}

#[tokio::test]
async fn chat_06_a_chat_is_read_with_what_is_known_of_its_contact() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let path = path_of(&visitor);
    let first = chat_of(
        &visitor,
        json!({"name": "Vic", "email": "vic@home.example"}),
    )
    .await;
    let second = chat_of(&visitor, json!({"name": "V."})).await;
    let known = async |chat: &str| {
        let one = agent.get(&format!("/v1/chats/{chat}")).await.ok();
        let list = agent.get("/v1/chats?view=waiting").await.ok();
        let list = list["data"].as_array().unwrap();
        let listed = list.iter().find(|listed| listed["id"] == one["id"]);
        assert_eq!(listed.unwrap()["contact"], one["contact"]);
        let of_contact = agent.get(&format!("{path}/chats")).await.ok();
        let mut of_contact = of_contact["data"].as_array().unwrap().iter();
        let found = of_contact.find(|listed| listed["id"] == one["id"]);
        assert_eq!(found.unwrap()["contact"], one["contact"]);
        one["contact"].clone()
    };

    // Its own form counts before others, which fill in what it did not say.
    let contact = known(&second).await;
    assert_eq!(
        (&contact["name"], &contact["email"]),
        (&json!("V."), &json!(null))
    );
    assert_eq!(
        contact["known"],
        json!({"name": "V.", "email": "vic@home.example"})
    );
    let contact = known(&first).await;
    assert_eq!(
        contact["known"],
        json!({"name": "Vic", "email": "vic@home.example"})
    );
    // What an agent gives counts before them all, and what the form said stays to be read.
    agent.patch(&path, json!({"name": "Victor"})).await.ok();
    for (chat, said) in [(&first, "Vic"), (&second, "V.")] {
        let contact = known(chat).await;
        assert_eq!(contact["name"], said);
        assert_eq!(
            contact["known"],
            json!({"name": "Victor", "email": "vic@home.example"})
        );
    }
    // What the socket tells is the engine's, and events are read as they were told.
    let events = agent.get(&format!("/v1/chats/{first}/events")).await.ok();
    assert!(!events.to_string().contains("known"), "{events}");
    for chat in [&first, &second] {
        let end = format!("/v1/visitor/chats/{chat}/end");
        visitor.persona.post(&end, json!({})).await.ok();
    }
    assert_eq!(tenant.owner.delete(&path).await.status, 204);
    for chat in [&first, &second] {
        let read = tenant.owner.get(&format!("/v1/chats/{chat}")).await.ok();
        assert_eq!(read["contact"].get("known"), None);
    }
}

#[tokio::test]
async fn chat_06_a_form_does_not_slip_under_an_agents_change() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let path = path_of(&visitor);
    chat_of(&visitor, json!({"name": "Vic"})).await;
    let seen = tag(&agent.get(&path).await);

    chat_of(&visitor, json!({"name": "Vicky"})).await;

    let headers = [("if-match", &*seen)];
    let late = agent.patch_if(&path, json!({"note": "x"}), &headers).await;
    late.problem(412, "precondition_failed");
    let fresh = tag(&agent.get(&path).await);
    let headers = [("if-match", &*fresh)];
    let body = json!({"note": "x"});
    let (one, two) = tokio::join!(
        agent.patch_if(&path, body.clone(), &headers),
        agent.patch_if(&path, json!({"note": "y"}), &headers),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let (one, two) = tokio::join!(
        agent.patch(&path, json!({"language": "fr"})),
        agent.patch(&path, json!({"note": "z"})),
    );
    one.ok();
    two.ok();
    let both = agent.get(&path).await.ok();
    assert_eq!(
        (&both["language"], &both["note"]),
        (&json!("fr"), &json!("z"))
    );
}

#[tokio::test]
async fn chat_06_contacts_are_searched_and_come_in_pages() {
    let (tenant, agent) = staffed().await;
    let mut made = Vec::new();
    for (name, email) in [
        ("Vera", "vera@home.example"),
        ("Ärzte", "ae@work.example"),
        ("Ver_a", "VERA@home.example"),
    ] {
        let visitor = tenant.visitor().await;
        chat_of(&visitor, json!({"name": name, "email": email})).await;
        made.push(visitor.id);
    }
    let find = async |query: &str| ids(&agent.get(&format!("/v1/contacts{query}")).await.ok());

    assert_eq!(find("").await, [&*made[2], &made[1], &made[0]]);
    assert_eq!(find("?q=ver").await, [&*made[2], &made[0]]);
    assert_eq!(find("?q=VER_").await, [&*made[2]]);
    assert_eq!(find("?q=%C3%A4").await, [&*made[1]]);
    assert_eq!(find("?q=ae%40").await, [&*made[1]]);
    assert_eq!(find("?q=zte").await, Vec::<String>::new());
    assert_eq!(
        find("?email=Vera%40Home.example").await,
        [&*made[2], &made[0]]
    );
    assert_eq!(find("?email=vera%40home.example&q=ver_").await, [&*made[2]]);
    let page = agent.get("/v1/contacts?q=ver&limit=1").await.ok();
    assert_eq!(ids(&page), [&*made[2]]);
    let cursor = text(&page["next_cursor"]);
    let page = agent
        .get(&format!("/v1/contacts?q=ver&limit=1&cursor={cursor}"))
        .await
        .ok();
    assert_eq!(ids(&page), [&*made[0]]);
    assert_eq!(page["next_cursor"], Value::Null);
    for (query, fault) in [
        ("?q=", "/q too_short"),
        ("?email=vera", "/email bad_format"),
        ("?name=vera", "/name unknown_field"),
    ] {
        let answer = agent.get(&format!("/v1/contacts{query}")).await;
        assert_eq!(answer.faults(), [fault]);
    }
}

#[tokio::test]
async fn chat_06_an_agent_knows_of_the_contacts_whose_chats_it_may_read() {
    let (tenant, member) = staffed().await;
    let outsider = tenant.outsider_as("eve", "agent").await;
    let supervisor = tenant.outsider_as("super", "supervisor").await;
    let visitor = tenant.visitor().await;
    let chat = chat_of(&visitor, json!({"name": "Vic"})).await;
    let path = path_of(&visitor);

    for reader in [&member, &supervisor, &tenant.owner] {
        assert_eq!(ids(&reader.get("/v1/contacts").await.ok()), [&*visitor.id]);
        reader.get(&path).await.ok();
        let chats = reader.get(&format!("{path}/chats")).await.ok();
        assert_eq!(ids(&chats), [&*chat]);
        reader.patch(&path, json!({"note": "Known"})).await.ok();
    }
    assert_eq!(ids(&outsider.get("/v1/contacts").await.ok()).len(), 0);
    for path in [path.clone(), format!("{path}/chats")] {
        outsider.get(&path).await.problem(404, "not_found");
    }
    let refused = outsider.patch(&path, json!({"note": "Mine"})).await;
    refused.problem(404, "not_found");
    assert_eq!(member.get(&path).await.ok()["note"], "Known");
    for id in [NOBODY, "1", "%00"] {
        let path = format!("/v1/contacts/{id}");
        tenant.owner.get(&path).await.problem(404, "not_found");
        let chats = tenant.owner.get(&format!("{path}/chats")).await;
        chats.problem(404, "not_found");
    }
    assert_eq!(visitor.persona.get(&path).await.status, 401);
}

#[tokio::test]
async fn chat_06_the_chats_of_a_contact_come_in_pages_newest_first() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let chat = chat_of(&visitor, json!({})).await;
        pick(&agent, &chat).await;
        close(&agent, &chat).await;
        made.push(chat);
    }
    start(&tenant).await;
    let path = format!("{}/chats", path_of(&visitor));

    let page = agent.get(&format!("{path}?limit=2")).await.ok();
    assert_eq!(ids(&page), [&*made[2], &made[1]]);
    let cursor = text(&page["next_cursor"]);
    let page = agent
        .get(&format!("{path}?limit=2&cursor={cursor}"))
        .await
        .ok();
    assert_eq!(
        (ids(&page), &page["next_cursor"]),
        (vec![made[0].clone()], &Value::Null)
    );
    assert_eq!(page["data"][0]["state"], "closed");
}

#[tokio::test]
async fn route_01_a_supervisor_says_whom_the_chats_of_a_contact_are_for() {
    let (tenant, agent) = staffed().await;
    let supervisor = tenant.outsider_as("super", "supervisor").await;
    let other = Tenant::new().await;
    let stranger = text(&other.owner.get("/v1/me").await.ok()["id"]);
    let me = text(&agent.get("/v1/me").await.ok()["id"]);
    let visitor = tenant.visitor().await;
    chat_of(&visitor, json!({"name": "Vic"})).await;
    let path = path_of(&visitor);
    let assign = |ids: Value| json!({"assigned_agent_ids": ids});

    for body in [assign(json!([me])), assign(Value::Null), assign(json!([]))] {
        agent.patch(&path, body).await.problem(403, "forbidden");
    }
    let done = supervisor.patch(&path, assign(json!([me]))).await.ok();
    assert_eq!(done["assigned_agent_ids"], json!([me]));
    for id in [NOBODY, &*stranger] {
        let refused = supervisor.patch(&path, assign(json!([me, id]))).await;
        assert_eq!(refused.faults(), ["/assigned_agent_ids/1 unknown_id"]);
    }
    let twice = supervisor.patch(&path, assign(json!([me, me]))).await;
    assert_eq!(twice.faults(), ["/assigned_agent_ids/1 duplicate"]);
    // Who was archived since does not stop another change.
    let body = json!({"name": "Gone", "email": "gone@test.example", "password": "x".repeat(12)});
    let gone = text(&tenant.owner.post("/v1/agents", body).await.ok()["id"]);
    supervisor
        .patch(&path, assign(json!([me, gone])))
        .await
        .ok();
    tenant.owner.delete(&format!("/v1/agents/{gone}")).await;
    let mut both = vec![me.clone(), gone.clone()];
    both.sort();
    let mut body = assign(json!(both));
    body["note"] = json!("x");
    let kept = supervisor.patch(&path, body).await.ok();
    assert_eq!(kept["assigned_agent_ids"], json!(both));
    let none = supervisor.patch(&path, assign(Value::Null)).await.ok();
    assert_eq!(none["assigned_agent_ids"], json!([]));
    let again = supervisor.patch(&path, assign(json!([gone]))).await;
    assert_eq!(again.faults(), ["/assigned_agent_ids/0 unknown_id"]);
}

#[tokio::test]
async fn chat_06_every_bad_field_of_a_contact_is_named() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    chat_of(&visitor, json!({"name": "Vic"})).await;
    let path = path_of(&visitor);
    let before = agent.get(&path).await.ok();
    let body = json!({
        "name": 1, "email": "x", "note": "x".repeat(4001), "language": "", "version": 7,
        "fields": {"a": true, "b": "x".repeat(1001), "x".repeat(41): "c"},
    });

    let faults = agent.patch(&path, body).await.faults();

    let long = format!("/fields/{} too_long", "x".repeat(41));
    assert_eq!(
        faults,
        [
            "/email bad_format",
            "/fields/a wrong_type",
            "/fields/b too_long",
            &*long,
            "/language bad_format",
            "/name wrong_type",
            "/note too_long",
            "/version unknown_field",
        ]
    );
    let many: serde_json::Map<_, _> = (0..21)
        .map(|number| (format!("f{number}"), json!("x")))
        .collect();
    let faults = agent.patch(&path, json!({"fields": many})).await.faults();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].ends_with(" too_long"), "{faults:?}");
    assert_eq!(agent.get(&path).await.ok(), before);
}

#[tokio::test]
async fn chat_06_taking_a_name_and_an_address_back_uncovers_what_the_form_said() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let path = path_of(&visitor);
    chat_of(&visitor, json!({"name": "Form1", "email": "f1@x.cz"})).await;
    let change = json!({"name": "Agent", "email": "ag@x.cz"});
    let kept = agent.patch(&path, change).await.ok();
    assert_eq!(
        (&kept["name"], &kept["email"]),
        (&json!("Agent"), &json!("ag@x.cz"))
    );

    let nothing = json!({"name": null, "email": null});
    let back = agent.patch(&path, nothing.clone()).await.ok();

    assert_eq!(
        (&back["name"], &back["email"]),
        (&json!("Form1"), &json!("f1@x.cz"))
    );
    let again = agent.patch(&path, nothing).await.ok();
    assert_eq!(again, back, "there is nothing to take back any more");
    // What a form says meanwhile is covered, counts as a change, and shows when it is uncovered.
    agent.patch(&path, json!({"name": "Agent"})).await.ok();
    let seen = tag(&agent.get(&path).await);
    chat_of(&visitor, json!({"name": "Form2"})).await;
    let late = agent
        .patch_if(&path, json!({"name": null}), &[("if-match", &*seen)])
        .await;
    late.problem(412, "precondition_failed");
    let back = agent.patch(&path, json!({"name": null})).await.ok();
    assert_eq!(back["name"], "Form2");
    let found = agent.get("/v1/contacts?q=form2").await.ok();
    assert_eq!(ids(&found), [&*visitor.id]);
}

#[tokio::test]
async fn chat_06_the_language_of_a_contact_is_one_as_in_rules() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    chat_of(&visitor, json!({"name": "Vic"})).await;
    let path = path_of(&visitor);

    for bad in ["notalang1", "d", "verylongword", "12-DE", "-", "de_AT"] {
        let body = json!({"language": bad, "name": "Vic"});
        for answer in [
            agent.patch(&path, body.clone()).await,
            agent.post("/v1/contacts", body).await,
        ] {
            assert_eq!(answer.faults(), ["/language bad_format"], "{bad}");
        }
    }
    for good in ["de", "de-AT", "zh-Hant-TW", "sr-Latn-RS", "gsw"] {
        let changed = agent.patch(&path, json!({"language": good})).await.ok();
        assert_eq!(changed["language"], good);
    }
}
