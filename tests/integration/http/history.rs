//! One conversation over all chats of a contact.

use serde_json::{Value, json};

use super::{NOBODY, be, close, message, pick, start, text};
use crate::support::{Persona, Tenant, Visitor};

/// What was said and noted, as `chat: text`, on every page from the end to the beginning, each page in its order.
async fn pages(caller: &Persona, path: &str, limit: usize) -> Vec<Vec<(String, String)>> {
    let (mut pages, mut before) = (Vec::new(), String::new());
    loop {
        let page = caller
            .get(&format!("{path}?limit={limit}{before}"))
            .await
            .ok();
        pages.push(said(&page));
        if page["next_cursor"].is_null() {
            return pages;
        }
        before = format!("&before={}", text(&page["next_cursor"]));
    }
}

fn said(page: &Value) -> Vec<(String, String)> {
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|entry| {
            let said = match (entry.get("message"), entry.get("note")) {
                (Some(message), None) => text(&message["text"]),
                (None, Some(note)) => format!("note: {}", text(&note["text"])),
                _ => panic!("neither a message nor a note: {entry}"),
            };
            (text(&entry["chat_id"]), said)
        })
        .collect()
}

/// A line with when it was taken and whether it is a note: in the same instant messages stand before notes.
type Taken = (String, bool, (String, String));

/// Notes something.
async fn noted(agent: &Persona, chat: &str, note: &str) -> Taken {
    let body = json!({"note": {"id": note.replace(' ', "-"), "text": note}});
    let path = format!("/v1/chats/{chat}/notes");
    let taken = agent.post(&path, body).await.ok();
    let line = (chat.to_owned(), format!("note: {note}"));
    (text(&taken["sent_at"]), true, line)
}

/// Says something as the agent.
async fn replied(agent: &Persona, chat: &str, id: &str) -> Taken {
    let path = format!("/v1/chats/{chat}/messages");
    let taken = agent.post(&path, message(id, id)).await.ok();
    (
        text(&taken["sent_at"]),
        false,
        (chat.to_owned(), id.to_owned()),
    )
}

fn in_order(mut taken: Vec<Taken>) -> Vec<(String, String)> {
    taken.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    taken.into_iter().map(|(.., line)| line).collect()
}

/// A chat in which both sides wrote so many messages, closed unless it is left open.
async fn talk(agent: &Persona, visitor: &Visitor, count: usize, is_open: bool) -> String {
    let chat = visitor.persona.post("/v1/visitor/chats", json!({})).await;
    let chat = text(&chat.ok()["id"]);
    pick(agent, &chat).await;
    for number in 0..count {
        let (caller, path, name) = if number % 2 == 0 {
            let path = format!("/v1/visitor/chats/{chat}/messages");
            (&visitor.persona, path, "v")
        } else {
            (agent, format!("/v1/chats/{chat}/messages"), "a")
        };
        let body = message(&format!("{name}-{number}"), &format!("{chat} {number}"));
        caller.post(&path, body).await.ok();
    }
    if !is_open {
        close(agent, &chat).await;
    }
    chat
}

fn lines(chat: &str, numbers: std::ops::Range<usize>) -> Vec<(String, String)> {
    numbers
        .map(|number| (chat.to_owned(), format!("{chat} {number}")))
        .collect()
}

async fn staffed() -> (Tenant, Persona) {
    let mut tenant = Tenant::new().await;
    let agent = tenant.agent("ana").await;
    be(&agent, "online").await;
    (tenant, agent)
}

#[tokio::test]
async fn chat_06_a_conversation_goes_over_all_chats_of_a_contact() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let first = talk(&agent, &visitor, 3, false).await;
    let silent = talk(&agent, &visitor, 0, false).await;
    let second = talk(&agent, &visitor, 4, true).await;
    talk(&agent, &tenant.visitor().await, 2, true).await;
    let path = format!("/v1/contacts/{}/conversation", visitor.id);
    let whole = [lines(&first, 0..3), lines(&second, 0..4)].concat();

    let page = agent.get(&path).await.ok();

    assert_eq!(said(&page), whole);
    assert_eq!(page["next_cursor"], Value::Null);
    // The bounds of the chats: which they are, in their order.
    let chats = page["chats"].as_array().unwrap();
    let shown: Vec<_> = chats
        .iter()
        .map(|chat| (text(&chat["id"]), text(&chat["state"])))
        .collect();
    let expected = [
        (first.clone(), "closed".to_owned()),
        (second.clone(), "active".to_owned()),
    ];
    assert_eq!(shown, expected);
    assert!(!page.to_string().contains(&silent));
    let entry = &page["data"][1]["message"];
    assert_eq!(
        (&entry["seq"], &entry["author"]["name"]),
        (&json!(2), &json!("ana"))
    );
    for limit in 1..=8 {
        let mut pages = pages(&agent, &path, limit).await;
        assert!(pages.iter().all(|page| page.len() <= limit));
        pages.reverse();
        assert_eq!(pages.concat(), whole, "limit={limit}");
    }
    let page = agent.get(&format!("{path}?limit=2")).await.ok();
    assert_eq!(said(&page), lines(&second, 2..4));
    let cursor = text(&page["next_cursor"]);
    let by_name = agent.get(&format!("{path}?limit=3&before={cursor}")).await;
    let by_cursor = agent.get(&format!("{path}?limit=3&cursor={cursor}")).await;
    let (by_name, by_cursor) = (by_name.ok(), by_cursor.ok());
    assert_eq!(by_name, by_cursor);
    let expected = [lines(&first, 2..3), lines(&second, 0..2)].concat();
    assert_eq!(said(&by_name), expected);
    assert_eq!(by_name["chats"].as_array().unwrap().len(), 2);
    for (query, fault) in [
        ("?before=x", "/before bad_format"),
        ("?after=x", "/after unknown_field"),
        ("?limit=201", "/limit out_of_range"),
    ] {
        let answer = agent.get(&format!("{path}{query}")).await;
        assert_eq!(answer.faults(), [fault]);
    }
}

#[tokio::test]
async fn chat_06_notes_stand_in_a_conversation_where_they_were_written() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let first = talk(&agent, &visitor, 2, false).await;
    let silent = talk(&agent, &visitor, 0, false).await;
    let second = talk(&agent, &visitor, 1, true).await;
    let taken = vec![
        noted(&agent, &second, "n-1").await,
        noted(&agent, &second, "n-2").await,
        replied(&agent, &second, "a-8").await,
        noted(&agent, &second, "n-3").await,
    ];
    let last = [lines(&second, 0..1), in_order(taken)].concat();
    // What is noted after the end stands at the end of its chat, not among the chats that came later.
    let (.., late) = noted(&agent, &first, "n-1").await;
    let (.., alone) = noted(&agent, &silent, "n-1").await;
    let whole = [lines(&first, 0..2), vec![late, alone], last].concat();
    let path = format!("/v1/contacts/{}/conversation", visitor.id);

    let page = agent.get(&path).await.ok();

    assert_eq!(said(&page), whole);
    let shown = page["chats"].as_array().unwrap().iter();
    let shown: Vec<String> = shown.map(|chat| text(&chat["id"])).collect();
    assert_eq!(shown, [first.clone(), silent, second.clone()]);
    let mut entries = page["data"].as_array().unwrap().iter();
    let note = entries.rfind(|entry| entry["note"]["id"] == "n-1").unwrap();
    assert_eq!(note["note"]["author"]["name"], "ana");
    assert_eq!(note["note"]["number"], 1);
    for limit in 1..=9 {
        let mut pages = pages(&agent, &path, limit).await;
        let full = pages.iter().rev().skip(1);
        assert!(full.clone().all(|page| page.len() == limit), "{pages:?}");
        pages.reverse();
        assert_eq!(pages.concat(), whole, "limit={limit}");
    }
}

/// Whatever is said and noted meanwhile, and in whichever chat: what stands before a place is given once.
#[tokio::test]
async fn chat_06_a_place_in_a_conversation_stays_whatever_comes() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let first = talk(&agent, &visitor, 2, false).await;
    let second = talk(&agent, &visitor, 2, true).await;
    let mut older = lines(&first, 0..2);
    let mut newer = Vec::new();
    for number in 1..=3 {
        newer.push(noted(&agent, &second, &format!("n-{number}")).await);
        newer.push(replied(&agent, &second, &format!("r-{number}")).await);
    }
    let newer = [lines(&second, 0..2), in_order(newer)].concat();
    let path = format!("/v1/contacts/{}/conversation", visitor.id);

    // After each page more comes.
    let (mut read, mut before) = (Vec::new(), String::new());
    for turn in 0.. {
        let page = agent.get(&format!("{path}?limit=3{before}")).await.ok();
        read.splice(0..0, said(&page));
        if page["next_cursor"].is_null() {
            break;
        }
        before = format!("&before={}", text(&page["next_cursor"]));
        noted(&agent, &second, &format!("late-{turn}")).await;
        replied(&agent, &second, &format!("later-{turn}")).await;
        if turn == 0 {
            // It stands before what was read so far, so it is read in its place.
            older.push(noted(&agent, &first, "after the end").await.2);
        }
    }

    assert_eq!(read, [older, newer].concat());
}

/// No way of a visitor gives a note, nor does an agent's place in its hands.
#[tokio::test]
async fn chat_06_a_visitors_history_never_has_a_note() {
    const CANARY: &str = "canary-7d01";
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let first = talk(&agent, &visitor, 2, true).await;
    noted(&agent, &first, CANARY).await;
    close(&agent, &first).await;
    let silent = talk(&agent, &visitor, 0, true).await;
    noted(&agent, &silent, CANARY).await;
    close(&agent, &silent).await;
    let path = format!("/v1/contacts/{}/conversation", visitor.id);
    let page = agent.get(&format!("{path}?limit=1")).await.ok();
    assert!(page.to_string().contains(CANARY), "agents are shown it");
    let cursor = text(&page["next_cursor"]);

    let history = "/v1/visitor/history";
    for query in ["", "?limit=1", &format!("?before={cursor}")] {
        let answer = visitor.persona.get(&format!("{history}{query}")).await;
        let page = answer.ok();
        let bytes = page.to_string();
        assert!(!bytes.contains(CANARY) && !bytes.contains("note"), "{page}");
        assert!(!bytes.contains(&silent), "nothing was said in it");
    }
    let whole = visitor.persona.get(history).await.ok();
    assert_eq!(said(&whole), lines(&first, 0..2));
    let mut in_pages = pages(&visitor.persona, history, 1).await;
    in_pages.reverse();
    assert_eq!(in_pages.concat(), lines(&first, 0..2));
    visitor
        .persona
        .get(&path)
        .await
        .problem(401, "token_invalid");
}

#[tokio::test]
async fn chat_06_what_was_deleted_stands_in_a_conversation_and_holds_nothing() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let chat = talk(&agent, &visitor, 2, true).await;
    let own = format!("/v1/visitor/chats/{chat}/messages/v-0");
    assert!(visitor.persona.delete(&own).await.status.is_success());
    close(&agent, &chat).await;
    let path = format!("/v1/contacts/{}/conversation", visitor.id);

    for page in [
        agent.get(&path).await.ok(),
        visitor.persona.get("/v1/visitor/history").await.ok(),
    ] {
        let [first, second] = &page["data"].as_array().unwrap()[..] else {
            panic!("{page}");
        };
        let message = &first["message"];
        assert_eq!(
            (&message["deleted"], &message["text"], &message["seq"]),
            (&json!(true), &Value::Null, &json!(1))
        );
        assert_eq!(second["message"]["text"], format!("{chat} 1"));
    }
}

#[tokio::test]
async fn chat_06_a_conversation_shows_the_chats_that_the_agent_may_read() {
    let (mut tenant, ana) = staffed().await;
    let bo = tenant.outsider_as("bo", "agent").await;
    let me = text(&bo.get("/v1/me").await.ok()["id"]);
    let (_, queue) = tenant.office("Sales", &[&me]).await;
    let visitor = tenant.visitor().await;
    let first = talk(&ana, &visitor, 2, false).await;
    let path = format!("/v1/contacts/{}/conversation", visitor.id);
    bo.get(&path).await.problem(404, "not_found");
    let eve = tenant.agent_as("super", "supervisor").await;

    // The contact's next chat is in the other office, where only bo answers.
    be(&bo, "online").await;
    let widget = tenant.owner.get("/v1/widgets").await.ok();
    let widget = format!("/v1/widgets/{}", text(&widget["data"][0]["id"]));
    let offices = tenant.owner.get("/v1/offices").await.ok();
    let offices: Vec<&Value> = offices["data"].as_array().unwrap().iter().collect();
    let ids: Vec<&Value> = offices.iter().map(|office| &office["id"]).collect();
    tenant
        .owner
        .patch(&widget, json!({"office_ids": ids}))
        .await
        .ok();
    let body = json!({"queue_id": queue, "message": {"id": "m-1", "text": "Prices?"}});
    let chat = visitor.persona.post("/v1/visitor/chats", body).await.ok();
    let second = (text(&chat["id"]), "Prices?".to_owned());
    let (.., secret) = noted(&ana, &first, "hers").await;
    let read = async |caller: &Persona| said(&caller.get(&path).await.ok());

    let hers = [lines(&first, 0..2), vec![secret]].concat();
    assert_eq!(read(&ana).await, hers);
    assert_eq!(read(&bo).await, vec![second.clone()]);
    let whole = [hers, vec![second.clone()]].concat();
    assert_eq!(read(&eve).await, whole);
    let history = async |caller: &Persona| {
        let chat = caller.get(&format!("/v1/chats/{}", second.0)).await.ok();
        (chat["has_history"].clone(), chat["earlier_chats"].clone())
    };
    assert_eq!(history(&eve).await, (json!(true), json!(1)));
    assert_eq!(history(&bo).await, (json!(false), json!(0)));
    let nowhere = format!("/v1/contacts/{NOBODY}/conversation");
    eve.get(&nowhere).await.problem(404, "not_found");
}

#[tokio::test]
async fn chat_06_a_chat_says_whether_there_were_others_before_it() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    start(&tenant).await;
    let mut chats = Vec::new();
    for _ in 0..3 {
        chats.push(talk(&agent, &visitor, 1, false).await);
    }

    for (earlier, chat) in chats.iter().enumerate() {
        let chat = agent.get(&format!("/v1/chats/{chat}")).await.ok();
        assert_eq!(chat["has_history"], json!(earlier > 0));
        assert_eq!(chat["earlier_chats"], json!(earlier));
    }
}

#[tokio::test]
async fn chat_06_a_visitor_reads_what_was_said_in_its_chats_that_are_over() {
    let (tenant, agent) = staffed().await;
    let visitor = tenant.visitor().await;
    let first = talk(&agent, &visitor, 3, false).await;
    let body = json!({
        "fields": {"name": "Vic", "email": "vic@home.example"},
        "message": {"id": "m-1", "text": "Call me"},
    });
    let left = visitor
        .persona
        .post("/v1/visitor/offline-messages", body)
        .await;
    let left = (text(&left.ok()["id"]), "Call me".to_owned());
    let open = talk(&agent, &visitor, 2, true).await;
    talk(&agent, &tenant.visitor().await, 2, false).await;
    let path = "/v1/visitor/history";
    let over = [lines(&first, 0..3), vec![left]].concat();

    let page = visitor.persona.get(path).await.ok();

    assert_eq!(said(&page), over);
    assert_eq!(page["chats"][0]["id"], *first);
    assert_eq!(page["chats"][0]["position"], Value::Null);
    assert!(page["chats"][0].get("contact").is_none(), "{page}");
    let mut in_pages = pages(&visitor.persona, path, 2).await;
    in_pages.reverse();
    assert_eq!(in_pages.concat(), over);
    close(&agent, &open).await;
    let page = visitor.persona.get(path).await.ok();
    assert_eq!(said(&page), [over, lines(&open, 0..2)].concat());
    let neighbour = tenant.visitor().await.persona;
    assert_eq!(neighbour.get(path).await.ok()["data"], json!([]));
    assert_eq!(agent.get(path).await.status, 401);
}
