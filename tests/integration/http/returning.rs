//! Visitors who come back: to the agents that their contact is assigned to, or to who had their last chat (ROUTE-1,
//! ROUTE-10), over HTTP and over the socket alike.

use serde_json::{Value, json};

use super::text;
use crate::support::{Persona, Socket, Tenant, Visitor};

/// Ana has had the visitor's chat, so that bo has been free for longer now and is asked first by himself.
struct Scene {
    tenant: Tenant,
    visitor: Visitor,
    widget: Socket,
    ana: (Persona, Socket),
    bo: (Persona, Socket),
}

/// How a chat is started.
#[derive(Clone, Copy, Debug)]
enum By {
    Http,
    Socket,
}

impl Scene {
    async fn new() -> Self {
        let mut tenant = Tenant::new().await;
        let ana = tenant.online_agent("ana").await;
        let bo = tenant.online_agent("bo").await;
        let visitor = tenant.visitor().await;
        let widget = Socket::visitor(&visitor).await;
        let mut scene = Self {
            tenant,
            visitor,
            widget,
            ana,
            bo,
        };
        let chat_id = scene.start(By::Http).await;
        scene.ana.1.expect("offer.made").await;
        let accept = json!({"type": "chat.accept", "chat_id": chat_id});
        scene.ana.1.ok(accept).await;
        scene.close(&chat_id).await;
        scene
    }

    async fn start(&mut self, by: By) -> Value {
        match by {
            By::Http => {
                let visitor = &self.visitor.persona;
                let chat = visitor.post("/v1/visitor/chats", json!({})).await.ok();
                chat["id"].clone()
            }
            By::Socket => {
                let ok = self.widget.ok(json!({"type": "chat.start"})).await;
                ok["chat"]["id"].clone()
            }
        }
    }

    async fn close(&mut self, chat_id: &Value) {
        let close = json!({"type": "chat.close", "chat_id": chat_id});
        self.ana.1.ok(close).await;
    }

    async fn end(&mut self, chat_id: &Value) {
        let end = json!({"type": "chat.end", "chat_id": chat_id});
        self.widget.ok(end).await;
    }

    /// Whom a chat rings at, and why it is kept for somebody.
    async fn rings_at(&self, chat_id: &Value) -> (Value, Value) {
        let path = format!("/v1/chats/{}/routing", text(chat_id));
        let told = self.tenant.owner.get(&path).await.ok();
        let ringing = &told["now"]["ringing"];
        assert_eq!(ringing.as_array().unwrap().len(), 1, "{told}");
        let reason = told["data"][0]["decision"]["kept_for"]["reason"].clone();
        (ringing[0]["agent_id"].clone(), reason)
    }
}

async fn id_of(agent: &Persona) -> Value {
    agent.get("/v1/me").await.ok()["id"].clone()
}

#[tokio::test]
async fn route_01_the_chats_of_an_assigned_contact_go_to_whom_it_is_assigned_to() {
    let mut scene = Scene::new().await;
    let ana = id_of(&scene.ana.0).await;
    let path = format!("/v1/contacts/{}", scene.visitor.id);
    let assigned = json!({"assigned_agent_ids": [ana]});
    scene.tenant.owner.patch(&path, assigned).await.ok();

    for by in [By::Http, By::Socket] {
        let chat_id = scene.start(by).await;
        let (at, reason) = scene.rings_at(&chat_id).await;
        assert_eq!((at, reason), (ana.clone(), json!("assignment")), "{by:?}");
        scene.end(&chat_id).await;
    }

    // Who is assigned to nobody is for everybody again.
    let nobody = json!({"assigned_agent_ids": []});
    scene.tenant.owner.patch(&path, nobody).await.ok();
    let bo = id_of(&scene.bo.0).await;
    let chat_id = scene.start(By::Http).await;
    assert_eq!(scene.rings_at(&chat_id).await, (bo, Value::Null));
}

#[tokio::test]
async fn route_10_a_queue_may_prefer_who_had_the_last_chat() {
    let mut scene = Scene::new().await;
    let (ana, bo) = (id_of(&scene.ana.0).await, id_of(&scene.bo.0).await);
    let chat_id = scene.start(By::Http).await;
    assert_eq!(
        scene.rings_at(&chat_id).await,
        (bo, Value::Null),
        "by default"
    );
    scene.end(&chat_id).await;
    let queue = format!("/v1/queues/{}", scene.tenant.queue_id);
    let prefer = json!({"prefer_last_agent_for_s": 60});
    scene.tenant.owner.patch(&queue, prefer).await.ok();

    for by in [By::Http, By::Socket] {
        let chat_id = scene.start(by).await;
        let (at, reason) = scene.rings_at(&chat_id).await;
        assert_eq!((at, reason), (ana.clone(), json!("last_agent")), "{by:?}");
        scene.end(&chat_id).await;
    }
}
