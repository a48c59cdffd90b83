//! What the server says of everybody, asked for page by page.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::frames::{Line, LineText};
use crate::http::{Client, request};

/// An agent, as the server lists it.
pub(super) struct Listed {
    /// The number in its name.
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) line: Line,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<Row<'a>>,
    next_cursor: Option<&'a str>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    presence: LineText<'a>,
    agent: RowAgent<'a>,
    load: u32,
}

#[derive(Deserialize)]
struct RowAgent<'a> {
    id: &'a str,
    name: &'a str,
}

impl Row<'_> {
    fn listed(&self) -> Result<Listed> {
        let number = self.agent.name.strip_prefix("Agent ");
        Ok(Listed {
            number: number.context("an agent of somebody else")?.parse()?,
            id: self.agent.id.to_owned(),
            line: self.presence.line(self.load),
        })
    }
}

/// Who is online, as the server says: every page of the list.
pub(super) async fn list(address: SocketAddr, token: &str) -> Result<Vec<Listed>> {
    let mut client = Client::connect(address).await?;
    let bearer = format!("Bearer {token}");
    let mut listed = Vec::new();
    let mut path = "/v1/presence?limit=200".to_owned();
    loop {
        let asked = request("GET", &path, &[("authorization", &bearer)], "");
        let status = client.ask(&asked).await?;
        ensure!(status == 200, "the list was answered {status}");
        let page: Page = serde_json::from_slice(client.body())?;
        for row in &page.data {
            listed.push(row.listed()?);
        }
        match page.next_cursor {
            Some(cursor) => path = format!("/v1/presence?limit=200&cursor={cursor}"),
            None => return Ok(listed),
        }
    }
}
