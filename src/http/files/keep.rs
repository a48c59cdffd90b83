//! Keeping an upload that is in order: its row, its bytes, the answer to its key.
//!
//! Owns the order of these, which `store::files` explains, and the bounds on what one uploader and one tenant may have.

use serde_json::Value;

use super::failed;
use super::receive::Received;
use crate::domain::{FileId, TenantId, Timestamp, Upload, Uploader};
use crate::files::{Draft, FileKey};
use crate::http::once::{first_answer, keep_answer};
use crate::http::{ApiError, AppState};
use crate::protocol::{ErrorCode, FileLinks as _, wire};
use crate::realtime::IdempotencyKey;

/// Keeps it and gives what is answered.
pub(super) async fn keep(
    app: AppState,
    tenant_id: TenantId,
    uploader: Uploader,
    received: Received,
    once: Option<IdempotencyKey>,
) -> Result<Value, ApiError> {
    let now = app.now();
    let Received {
        name, draft, look, ..
    } = received;
    let upload = Upload {
        id: FileId(app.random.uuid_v7(now)),
        uploader,
        name,
        media_type: look.media_type,
        bytes: draft.bytes(),
        sha256: draft.sha256(),
        pixels: look.pixels,
        created_at: now,
        chat_id: None,
    };
    if let Some(first) = begin(&app, tenant_id, &upload, once.as_ref(), now).await? {
        return Ok(first);
    }
    match complete(&app, tenant_id, &upload, draft, once.as_ref()).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            undo(&app, tenant_id, upload.id).await;
            // A twin of the request may have been faster; then its answer is there by now.
            let first = settled(&app, tenant_id, once.as_ref()).await;
            first.unwrap_or(Err(error))
        }
    }
}

/// What the key stands for, or that it stands for something else; `None` when nothing is known of it, or cannot be now.
async fn settled(
    app: &AppState,
    tenant_id: TenantId,
    once: Option<&IdempotencyKey>,
) -> Option<Result<Value, ApiError>> {
    let once = once?;
    let mut tx = app.store.tenant(tenant_id).await.ok()?;
    match first_answer(&mut tx, Some(once), app.now()).await {
        Ok(first) => first.map(Ok),
        Err(error) if error.problem().code == ErrorCode::IdempotencyMismatch => Some(Err(error)),
        Err(_) => None,
    }
}

/// Writes the file down before its bytes come, if there is room for it.
async fn begin(
    app: &AppState,
    tenant_id: TenantId,
    upload: &Upload,
    once: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<Option<Value>, ApiError> {
    let settings = &app.config.files;
    let mut tx = app.store.tenant(tenant_id).await?;
    // A twin of the request waits here. If the first one is complete by then, its answer is found; if not, the twin brings
    // its own bytes, and the one that is complete first is answered for both.
    tx.queue_for_uploads(upload.uploader).await?;
    if let Some(first) = first_answer(&mut tx, once, now).await? {
        return Ok(Some(first));
    }
    let unsent = tx.count_unsent_files(upload.uploader).await?;
    if unsent >= settings.unsent_per_uploader_max.into() {
        return Err(ApiError::new(
            ErrorCode::LimitReached,
            "you have as many files as you may have that no message has; send one first",
        ));
    }
    let max = match settings.tenant_bytes_max {
        0 => u64::MAX,
        max => max,
    };
    if !tx.reserve_file_bytes(upload.bytes, max).await? {
        return Err(ApiError::new(
            ErrorCode::StorageFull,
            "the files of this tenant take as much room as they may",
        ));
    }
    tx.insert_file(upload).await?;
    tx.commit().await?;
    Ok(None)
}

/// Brings the bytes to their place; then the file counts, and the answer is kept with that.
async fn complete(
    app: &AppState,
    tenant_id: TenantId,
    upload: &Upload,
    draft: Draft,
    once: Option<&IdempotencyKey>,
) -> Result<Value, ApiError> {
    let key = FileKey {
        tenant_id,
        file_id: upload.id,
    };
    app.files.keep(key, draft).await.map_err(failed)?;
    let url = app.hub.links().of(tenant_id).link_to(upload.id);
    let answer = serde_json::to_value(wire::UploadedFile::new(upload, url)).unwrap_or_default();
    let now = app.now();
    let mut tx = app.store.tenant(tenant_id).await?;
    tx.complete_file(upload.id, now).await?;
    keep_answer(&mut tx, once, &answer, now).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Removes what there is of an upload that failed. What cannot be removed now is removed when it is a day old: the
/// commit whose outcome is unknown may have made it a file, and then its row stays and its bytes must too.
async fn undo(app: &AppState, tenant_id: TenantId, file_id: FileId) {
    let undone = async {
        let mut tx = app.store.tenant(tenant_id).await?;
        if tx.delete_incomplete_file(file_id).await? {
            // Under the row's lock: nobody completes a file whose bytes are going.
            app.files
                .remove(FileKey { tenant_id, file_id })
                .await
                .map_err(failed)?;
            tx.commit().await?;
        }
        Ok::<_, ApiError>(())
    };
    // Its failure has been logged where it became an error.
    drop(undone.await);
}
