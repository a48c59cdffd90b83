//! What has a version and no engine decides by: found, added, changed, archived, all in one way.
//!
//! Owns how it is written: in the request's own transaction, with the entry of the audit and the answer to the
//! idempotency key in the same one. Each kind of thing says in its own file what it is. What an engine decides by is in
//! `resource`.

use std::future::Future;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::conditional::{IfMatch, Tagged, Tries};
use super::once::{first_answer, keep_answer};
use super::{AgentPrincipal, ApiError, AppState, reply};
use crate::domain::Timestamp;
use crate::engine::{FieldFault, Refusal};
use crate::faults::{Draft, Sent};
use crate::protocol::{Problem, bad_fields};
use crate::realtime::IdempotencyKey;
use crate::store::{self, AuditEntry, TenantTx};

/// A thing with a version.
pub(super) trait Versioned: Clone + PartialEq + Send + Sync + 'static {
    /// What it is found by.
    type Id: Copy + Send + Sync;
    /// What is shown of it.
    type Wire: Serialize;
    /// What it is called in the audit.
    const KIND: &'static str;

    /// Reads it; `None` when there is none that the caller may know of.
    fn find(
        tx: &mut TenantTx,
        by: &AgentPrincipal,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, store::Error>> + Send;

    /// What it refers to and is not there, as far as it did not refer to it before.
    fn faults(
        &self,
        tx: &mut TenantTx,
        before: Option<&Self>,
    ) -> impl Future<Output = Result<Vec<FieldFault>, store::Error>> + Send;

    /// Writes it, if the stored one still has this version. Says whether it had.
    fn update(
        &self,
        tx: &mut TenantTx,
        expected: i64,
    ) -> impl Future<Output = Result<bool, store::Error>> + Send;

    /// Its id.
    fn id(&self) -> Uuid;

    /// Its version.
    fn version(&mut self) -> &mut i64;

    /// What is shown of it.
    fn shown(&self) -> Self::Wire;
}

/// A thing that people make.
pub(super) trait Made: Versioned {
    /// Under which they are.
    const FOLDER: &'static str;
    /// The most of them.
    const MAX: usize;

    /// Counts those that there are.
    fn count(tx: &mut TenantTx) -> impl Future<Output = Result<i64, store::Error>> + Send;

    /// Writes a new one.
    fn insert(&self, tx: &mut TenantTx) -> impl Future<Output = Result<(), store::Error>> + Send;

    /// Checks that nothing needs it any more.
    fn check_unused(
        tx: &mut TenantTx,
        id: Self::Id,
    ) -> impl Future<Output = Result<(), ApiError>> + Send {
        let _ = (tx, id);
        async { Ok(()) }
    }

    /// Archives it, if the stored one still has this version. Says whether it had.
    fn archive(
        tx: &mut TenantTx,
        id: Self::Id,
        expected: i64,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, store::Error>> + Send;
}

/// One of them.
pub(super) async fn find<T: Versioned>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
) -> Result<Tagged<T::Wire>, ApiError> {
    let mut tx = app.store.tenant(by.tenant_id).await?;
    let found = T::find(&mut tx, by, id).await?;
    Ok(tagged(found.ok_or_else(ApiError::not_found)?))
}

/// Adds one.
pub(super) async fn create<T: Made>(
    app: &AppState,
    by: &AgentPrincipal,
    once: Option<IdempotencyKey>,
    now: Timestamp,
    new: impl Into<Draft<T>>,
) -> Result<Response, ApiError> {
    let (new, sent) = new.into().split();
    let mut tx = app.store.tenant(by.tenant_id).await?;
    if !sent.is_whole() {
        return Err(bad_fields(sent, new.faults(&mut tx, None).await?).into());
    }
    // A twin of the request waits here, and then finds the answer to this one.
    tx.take_turn(T::KIND).await?;
    if let Some(first) = first_answer(&mut tx, once.as_ref(), now).await? {
        return Ok(reply::created_body(first, T::FOLDER));
    }
    let count = T::count(&mut tx).await?;
    if usize::try_from(count).is_ok_and(|count| count >= T::MAX) {
        return Err(Problem::from(Refusal::LimitReached).into());
    }
    bad_fields(sent, new.faults(&mut tx, None).await?).or(())?;
    new.insert(&mut tx).await?;
    let body = json(&new);
    let audit = entry::<T>(app, by, now, "created", new.id(), Vec::new());
    tx.insert_audit_entry(&audit).await?;
    keep_answer(&mut tx, once.as_ref(), &body, now).await?;
    tx.commit().await?;
    Ok(reply::created_body(body, T::FOLDER))
}

/// Changes one by what was sent. `patch` changes it and tells what is wrong with what was sent. A change to what it is already
/// leaves the version.
pub(super) async fn change<T: Versioned>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
    patch: impl Fn(&mut T) -> Sent + Sync,
) -> Result<Tagged<T::Wire>, ApiError> {
    let mut tx = app.store.tenant(by.tenant_id).await?;
    let mut tries = Tries::default();
    loop {
        let found = T::find(&mut tx, by, id).await?;
        let mut before = found.ok_or_else(ApiError::not_found)?;
        let version = *before.version();
        if_match.check(version)?;
        let mut after = before.clone();
        let sent = patch(&mut after);
        if after == before && sent.is_whole() {
            return Ok(tagged(before));
        }
        *after.version() += 1;
        let found = after.faults(&mut tx, Some(&before)).await?;
        bad_fields(sent, found).or(())?;
        if after.update(&mut tx, version).await? {
            let fields = differing(&json(&before), &json(&after));
            let audit = entry::<T>(app, by, app.now(), "changed", after.id(), fields);
            tx.insert_audit_entry(&audit).await?;
            tx.commit().await?;
            return Ok(tagged(after));
        }
        tries.lost()?;
    }
}

/// Archives one.
pub(super) async fn archive<T: Made>(
    app: &AppState,
    by: &AgentPrincipal,
    id: T::Id,
    if_match: &IfMatch,
) -> Result<StatusCode, ApiError> {
    let mut tx = app.store.tenant(by.tenant_id).await?;
    let mut tries = Tries::default();
    loop {
        let found = T::find(&mut tx, by, id).await?;
        let mut found = found.ok_or_else(ApiError::not_found)?;
        let version = *found.version();
        if_match.check(version)?;
        T::check_unused(&mut tx, id).await?;
        let now = app.now();
        if T::archive(&mut tx, id, version, now).await? {
            let audit = entry::<T>(app, by, now, "archived", found.id(), Vec::new());
            tx.insert_audit_entry(&audit).await?;
            tx.commit().await?;
            return Ok(StatusCode::NO_CONTENT);
        }
        tries.lost()?;
    }
}

fn tagged<T: Versioned>(mut thing: T) -> Tagged<T::Wire> {
    Tagged {
        version: *thing.version(),
        body: thing.shown(),
    }
}

fn json<T: Versioned>(thing: &T) -> Value {
    serde_json::to_value(thing.shown()).unwrap_or_default()
}

/// The names of the fields that are not the same, but for the version.
fn differing(before: &Value, after: &Value) -> Vec<String> {
    let fields = after.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| *name != "version" && before.get(name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect()
}

fn entry<T: Versioned>(
    app: &AppState,
    by: &AgentPrincipal,
    at: Timestamp,
    done: &str,
    subject_id: Uuid,
    fields: Vec<String>,
) -> AuditEntry {
    AuditEntry {
        id: app.random.uuid_v7(at),
        at,
        agent_id: by.agent_id,
        kind: format!("{}.{done}", T::KIND),
        subject_id,
        fields,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_audit_names_the_fields_that_were_changed() {
        let before = json!({"id": 1, "name": "A", "fields": {"a": 1}, "note": null, "version": 1});
        let after = json!({"id": 1, "name": "A", "fields": {"a": 2}, "note": "x", "version": 2});

        assert_eq!(differing(&before, &after), ["fields", "note"]);
    }
}
