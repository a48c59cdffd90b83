//! What watchers were told. All of them are sent the same bytes, so each frame is read once, and the others only
//! compare it: a thousand watchers would otherwise cost the driver more than the server.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A frame is looked for among so many: the slowest watcher is not further behind, or the frame is read anew.
const RECENT: usize = 64;

/// What a watcher knows of one agent, as one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line(u64);

/// A line as it is sent; what is the same in a line of the list that `GET /v1/presence` gives.
#[derive(Debug, Deserialize, Hash)]
pub(super) struct LineText<'a> {
    pub(super) status: &'a str,
    pub(super) status_id: Option<&'a str>,
    pub(super) effective: &'a str,
    pub(super) reason: &'a str,
    pub(super) since: &'a str,
}

impl LineText<'_> {
    /// Makes the number of it.
    pub(super) fn line(&self, load: u32) -> Line {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        load.hash(&mut hasher);
        Line(hasher.finish())
    }
}

#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    agents: Vec<AgentText<'a>>,
}

#[derive(Deserialize)]
struct AgentText<'a> {
    id: &'a str,
    #[serde(borrow, flatten)]
    line: LineText<'a>,
    load: u32,
}

/// The agents by their ids.
#[derive(Debug)]
pub(super) struct Agents(HashMap<String, usize>);

impl Agents {
    pub(super) fn new(ids: impl IntoIterator<Item = String>) -> Self {
        Self(ids.into_iter().zip(0..).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn index(&self, id: &str) -> Result<usize> {
        self.0
            .get(id)
            .copied()
            .with_context(|| format!("nobody is {id}"))
    }

    /// Reads the lines of a frame.
    pub(super) fn lines(&self, text: &str) -> Result<Vec<(usize, Line)>> {
        let told: Told = serde_json::from_str(text).context("read a frame of watchers")?;
        let lines = told.agents.iter();
        lines
            .map(|agent| Ok((self.index(agent.id)?, agent.line.line(agent.load))))
            .collect()
    }
}

/// One frame, with who has heard it.
#[derive(Debug)]
pub(super) struct Frame {
    text: Utf8Bytes,
    pub(super) lines: Arc<[(usize, Line)]>,
    pub(super) heard: usize,
    pub(super) first: Instant,
    pub(super) last: Instant,
}

impl Frame {
    pub(super) fn names(&self, agent: usize) -> bool {
        self.lines.iter().any(|(index, _)| *index == agent)
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }
}

/// Every frame, in the order in which the first watcher heard it.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) agents: Agents,
    frames: Mutex<Vec<Frame>>,
}

/// The lines of a frame, each with its agent's place.
type Lines = Arc<[(usize, Line)]>;

impl Frames {
    pub(super) fn new(agents: Agents) -> Self {
        Self {
            agents,
            frames: Mutex::default(),
        }
    }

    /// Notes that a watcher has heard a frame. Returns its lines, and whether all have heard it by now.
    pub(super) fn hear(&self, text: Utf8Bytes) -> Result<(Lines, bool)> {
        let now = Instant::now();
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recent = frames.iter_mut().rev().take(RECENT);
        if let Some(frame) = recent.find(|frame| frame.text == text) {
            frame.heard += 1;
            frame.last = now;
            return Ok((Arc::clone(&frame.lines), frame.heard == self.agents.len()));
        }
        let lines: Arc<[_]> = self.agents.lines(&text)?.into();
        frames.push(Frame {
            text,
            lines: Arc::clone(&lines),
            heard: 1,
            first: now,
            last: now,
        });
        Ok((lines, self.agents.len() == 1))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.with(0, <[Frame]>::len)
    }

    /// Looks at those that come after the first so many.
    pub(super) fn with<T>(&self, after: usize, look: impl FnOnce(&[Frame]) -> T) -> T {
        let frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        look(&frames[after..])
    }
}
