//! What admins set up and a tenant's engine decides by: listed, found, added, changed, archived, all in one way.
//!
//! Owns how a change is made to the version that its caller has seen: the thing is read from the store, patched, and
//! sent to the engine as a whole with the version that was read. When somebody else was faster the engine refuses it,
//! and [`Tries`] says whether to begin again. Of a request that is wrong by itself the engine is asked what else is wrong with
//! what could be read of it. Each kind of thing says in its own file what it is.

use std::future::Future;

use axum::Json as Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use super::conditional::{IfMatch, Tagged, Tries};
use super::page::{ListQuery, Page};
use super::{AgentPrincipal, ApiError, AppState, reply};
use crate::engine::{Command, Refusal, SetupCommand};
use crate::faults::{Draft, Sent};
use crate::protocol::{Audience, Problem, bad_fields};
use crate::realtime::{Answer, CallError, IdempotencyKey};
use crate::store::{self, TenantTx};

/// A thing with a version that an engine changes.
pub(super) trait Resource: Clone + PartialEq + Send + Sync + 'static {
    /// What it is found by.
    type Id: Copy + Send + Sync;
    /// What is shown of it.
    type Wire: Serialize;

    /// Reads it; `None` when there is none, or it is archived.
    fn find(
        tx: &mut TenantTx,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, store::Error>> + Send;

    /// Its version.
    fn version(&self) -> i64;

    /// What is shown of it.
    fn shown(&self) -> Self::Wire;

    /// The command that makes it what it is here.
    fn update(self) -> SetupCommand;

    /// What a refusal means to who asked, whose path names the thing.
    fn problem(refusal: Refusal) -> Problem {
        refusal.into()
    }
}

/// One thing of many.
pub(super) trait Listed: Resource {
    /// Under which they are.
    const FOLDER: &'static str;

    /// Reads those that follow one, oldest first.
    fn list(
        tx: &mut TenantTx,
        after: Option<Uuid>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Self>, store::Error>> + Send;

    /// Its id.
    fn id(&self) -> Uuid;

    /// The command that archives it, if it still has the version, if one is given.
    fn archive(id: Self::Id, version: Option<i64>) -> SetupCommand;
}

/// A page of them.
pub(super) async fn list<T: Listed>(
    app: &AppState,
    by: &AgentPrincipal,
    query: ListQuery,
) -> Result<Body<Page<T::Wire>>, ApiError> {
    let mut tx = app.store.tenant(by.tenant_id).await?;
    let rows = T::list(&mut tx, query.after(|id| id), query.limit.and_one_more()).await?;
    Ok(Body(Page::new(rows, query.limit, T::id, T::shown)))
}

/// One of them.
pub(super) async fn find<T: Resource>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
) -> Result<Tagged<T::Wire>, ApiError> {
    read::<T>(app, by, id).await.map(|found| tagged(&found))
}

/// Adds one.
pub(super) async fn create<T: Listed>(
    app: &AppState,
    by: &AgentPrincipal,
    once: Option<IdempotencyKey>,
    command: impl Into<Draft<SetupCommand>>,
) -> Result<Response, ApiError> {
    let (command, sent) = command.into().split();
    let answer = apply::<T>(app, by, command, once, sent).await?;
    Ok(reply::created(answer, Audience::Agent, T::FOLDER))
}

/// Has the engine do what was sent, or names all that is wrong with it.
pub(super) async fn apply<T: Resource>(
    app: &AppState,
    by: &AgentPrincipal,
    command: SetupCommand,
    once: Option<IdempotencyKey>,
    sent: Sent,
) -> Result<Answer, ApiError> {
    if !sent.is_whole() {
        return Err(flawed(app, by, command, sent).await);
    }
    let answer = call(app, by, command, once).await;
    answer.map_err(|wrong| error::<T>(wrong, sent))
}

async fn flawed(
    app: &AppState,
    by: &AgentPrincipal,
    command: SetupCommand,
    sent: Sent,
) -> ApiError {
    app.flawed(by.tenant_id, as_command(by, command), sent)
        .await
}

/// A change that was made.
pub(super) struct Changed<T> {
    /// What there was.
    pub before: T,
    /// What the engine made of it; `None` when it was so already.
    pub answer: Option<Answer>,
}

impl<T: Resource> IntoResponse for Changed<T> {
    fn into_response(self) -> Response {
        match self.answer {
            Some(answer) => reply::ok(answer, Audience::Agent),
            None => tagged(&self.before).into_response(),
        }
    }
}

/// Changes one by what was sent. `patch` changes it and tells what is wrong with what was sent.
pub(super) async fn change<T: Resource>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
    patch: impl Fn(&mut T) -> Sent + Sync,
) -> Result<Response, ApiError> {
    let changed = attempt(app, by, id, if_match, &patch).await?;
    Ok(changed.into_response())
}

/// Changes one and tells what it was. A change to what it is already leaves the version and asks no engine.
pub(super) async fn attempt<T: Resource>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
    patch: &(impl Fn(&mut T) -> Sent + Sync),
) -> Result<Changed<T>, ApiError> {
    let mut tries = Tries::default();
    loop {
        let before = read::<T>(app, by, id).await?;
        if_match.check(before.version())?;
        let mut after = before.clone();
        let sent = patch(&mut after);
        if !sent.is_whole() {
            return Err(flawed(app, by, after.update(), sent).await);
        }
        if after == before {
            let answer = None;
            return Ok(Changed { before, answer });
        }
        match call(app, by, after.update(), None).await {
            Ok(answer) => {
                let answer = Some(answer);
                return Ok(Changed { before, answer });
            }
            Err(CallError::Refused(Refusal::VersionMismatch)) => tries.lost()?,
            Err(other) => return Err(error::<T>(other, sent)),
        }
    }
}

/// Replaces a part of one as a whole. The engine checks the version, if one is asked for.
pub(super) async fn order<T: Resource>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
    sent: Sent,
    command: impl FnOnce(Option<i64>) -> SetupCommand,
) -> Result<Response, ApiError> {
    let version = asked_for::<T>(app, by, id, if_match).await?;
    let answer = apply::<T>(app, by, command(version), None, sent).await?;
    Ok(reply::ok(answer, Audience::Agent))
}

/// Archives one.
pub(super) async fn archive<T: Listed>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
) -> Result<StatusCode, ApiError> {
    let version = asked_for::<T>(app, by, id, if_match).await?;
    let answer = call(app, by, T::archive(id, version), None).await;
    answer.map_err(|wrong| error::<T>(wrong, Sent::default()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The version to which a change is to be made; `None` is whichever there is.
async fn asked_for<T: Resource>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
) -> Result<Option<i64>, ApiError> {
    match if_match {
        IfMatch::Absent | IfMatch::Anything => Ok(None),
        IfMatch::OneOf(_) => {
            let version = read::<T>(app, by, id).await?.version();
            if_match.check(version)?;
            Ok(Some(version))
        }
    }
}

/// Reads one. The transaction is over before anything else is asked.
async fn read<T: Resource>(app: &AppState, by: &AgentPrincipal, id: T::Id) -> Result<T, ApiError> {
    let mut tx = app.store.tenant(by.tenant_id).await?;
    let found = T::find(&mut tx, id).await?;
    found.ok_or_else(ApiError::not_found)
}

fn tagged<T: Resource>(thing: &T) -> Tagged<T::Wire> {
    Tagged {
        version: thing.version(),
        body: thing.shown(),
    }
}

async fn call(
    app: &AppState,
    by: &AgentPrincipal,
    command: SetupCommand,
    once: Option<IdempotencyKey>,
) -> Result<Answer, CallError> {
    app.call(by.tenant_id, as_command(by, command), once).await
}

fn as_command(by: &AgentPrincipal, command: SetupCommand) -> Command {
    Command::Setup {
        by: Some(by.agent_id),
        command,
    }
}

fn error<T: Resource>(error: CallError, sent: Sent) -> ApiError {
    match error {
        CallError::Refused(Refusal::BadFields(found)) => bad_fields(sent, found).into(),
        CallError::Refused(refusal) => T::problem(refusal).into(),
        error => error.into(),
    }
}
