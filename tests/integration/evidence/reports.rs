//! Reports: occupancy, tables, pages, offices, who is in them.

use serde_json::{Value, json};

use super::{Scene, be, id_of, lasting, text};
use crate::support::Persona;

async fn table(caller: &Persona, path: &str) -> (Vec<Vec<String>>, Option<String>) {
    let accept = [("accept", "text/csv")];
    let answer = caller.call(reqwest::Method::GET, path, None, &accept).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let content_type = answer.headers["content-type"].to_str().unwrap();
    assert!(content_type.starts_with("text/csv"), "{content_type}");
    let link = answer
        .headers
        .get("link")
        .map(|link| link.to_str().unwrap().to_owned());
    let text = answer.body.as_str().unwrap().to_owned();
    let rows = text.strip_suffix("\r\n").unwrap().split("\r\n");
    let rows = rows.map(|row| row.split(',').map(str::to_owned).collect());
    (rows.collect(), link)
}

fn of<'r>(report: &'r Value, id: &str) -> Option<&'r Value> {
    let lines = report["data"].as_array().unwrap();
    lines.iter().find(|line| line["agent_id"] == id)
}

#[tokio::test]
async fn pres_18_occupancy_is_the_part_of_the_time_with_chats() {
    let mut scene = Scene::new(lasting()).await;
    let ana = scene.tenant.agent("ana").await;
    let id = id_of(&ana).await;
    be(&ana, "online").await;
    scene.stopped.pass(100);
    let mut chats = Vec::new();
    for _ in 0..2 {
        let visitor = scene.tenant.visitor().await.persona;
        let chat = visitor.post("/v1/visitor/chats", json!({})).await.ok();
        let path = format!("/v1/chats/{}", text(&chat["id"]));
        ana.post(&format!("{path}/accept"), json!({})).await.ok();
        chats.push(path);
        scene.stopped.pass(30);
    }
    // Away she still has them: that time counts on both sides of the division.
    be(&ana, "away").await;
    scene.stopped.pass(40);
    for path in &chats {
        ana.post(&format!("{path}/close"), json!({})).await.ok();
    }
    scene.stopped.pass(500);

    let report = scene.owner().get("/v1/reports/agents").await.ok();
    let totals = &of(&report, &id).unwrap()["totals"];

    assert_eq!(totals["online_s"], 160);
    assert_eq!(totals["away_s"], 540);
    assert_eq!(totals["busy_s"], 100, "both chats at once count once");
    assert_eq!(totals["occupancy"], 0.5);
}

#[tokio::test]
async fn pres_18_a_report_is_a_table_for_those_who_ask_for_one() {
    let mut scene = Scene::new(lasting()).await;
    let ana = scene.tenant.agent("ana").await;
    let id = id_of(&ana).await;
    let name = json!({"name": "=Ana"});
    scene
        .owner()
        .patch(&format!("/v1/agents/{id}"), name)
        .await
        .ok();
    be(&ana, "online").await;
    scene.stopped.pass(90);

    let report = scene.owner().get("/v1/reports/agents").await.ok();
    let (rows, link) = table(scene.owner(), "/v1/reports/agents").await;

    assert_eq!(link, None);
    assert_eq!(rows.len() - 1, report["data"].as_array().unwrap().len());
    let row = rows.iter().find(|row| row[0] == id).unwrap();
    let expected = of(&report, &id).unwrap();
    assert_eq!(row[1], "\"'=Ana\"");
    assert_eq!(row[2], "", "not of a day");
    for (name, cell) in rows[0]
        .iter()
        .zip(row)
        .filter(|(name, _)| name.ends_with("_s") && !expected["totals"][name].is_null())
    {
        assert_eq!(*cell, expected["totals"][name].to_string(), "{name}");
    }

    let (first, link) = table(scene.owner(), "/v1/reports/agents?limit=1&interval=day").await;
    let link = link.unwrap();
    let query = link.strip_prefix("<?").unwrap().split('>').next().unwrap();
    let (second, last) = table(scene.owner(), &format!("/v1/reports/agents?{query}")).await;
    assert_eq!(last, None);
    let ids = [&first[1][0], &second[1][0]];
    assert_eq!(ids, [&rows[1][0], &rows[2][0]]);
    assert!(first[1][2].starts_with("20"), "{first:?}");

    let (offices, _) = table(scene.owner(), "/v1/reports/availability").await;
    assert_eq!(offices[1][0], scene.tenant.office_id);
}

#[tokio::test]
async fn pres_18_the_report_of_an_office_is_about_those_who_belonged_to_it() {
    let mut scene = Scene::new(lasting()).await;
    let office = scene.tenant.office_id.clone();
    let ana = scene.tenant.agent("ana").await;
    let bo = scene.tenant.agent("bo").await;
    let (ana_id, bo_id) = (id_of(&ana).await, id_of(&bo).await);
    be(&bo, "online").await;
    scene.stopped.pass(60);
    scene
        .owner()
        .delete(&format!("/v1/agents/{bo_id}"))
        .await
        .ok();
    scene.stopped.pass(60);

    let path = format!("/v1/reports/agents?office_id={office}");
    let report = scene.owner().get(&path).await.ok();

    assert!(of(&report, &ana_id).is_some());
    let archived = of(&report, &bo_id).unwrap();
    assert_eq!(archived["totals"]["online_s"], 60);
    let owner_id = id_of(scene.owner()).await;
    assert_eq!(of(&report, &owner_id), None, "it belongs to no office");
    let everybody = scene.owner().get("/v1/reports/agents").await.ok();
    assert!(of(&everybody, &owner_id).is_some());

    let unknown = format!("?office_id={}&interval=week&limit=0", super::NOBODY);
    for report in ["agents", "availability"] {
        let path = format!("/v1/reports/{report}");
        let bad = scene.owner().get(&format!("{path}{unknown}")).await;
        assert_eq!(
            bad.faults(),
            [
                "/interval unknown_value",
                "/limit out_of_range",
                "/office_id unknown_id"
            ]
        );
        let ends = "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";
        let bad = scene.owner().get(&format!("{path}{unknown}&{ends}")).await;
        assert_eq!(
            bad.faults(),
            [
                "/from out_of_range",
                "/interval unknown_value",
                "/limit out_of_range",
                "/office_id unknown_id"
            ]
        );
        let unknown = format!("{path}?office_id={}", super::NOBODY);
        let bad = scene.owner().get(&unknown).await;
        assert_eq!(bad.faults(), ["/office_id unknown_id"]);
        ana.get(&path).await.problem(403, "forbidden");
    }
}
