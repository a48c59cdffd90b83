//! Files.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Show, Time};
use crate::domain::{self, FileName, MediaType};

/// A file that was uploaded and can be sent in a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UploadedFile {
    /// Its id, for the message.
    pub id: Uuid,
    /// A path of this server that opens it without a token, for a day or so.
    pub url: String,
    /// What its sender calls it.
    #[schema(value_type = String)]
    pub name: FileName,
    /// What it holds, by its content.
    #[schema(value_type = String)]
    pub media_type: MediaType,
    /// How long it is.
    pub bytes: u64,
    /// From left to right, of an image that is shown.
    pub width: Option<u32>,
    /// From top to bottom.
    pub height: Option<u32>,
    /// How it is shown.
    pub show: Show,
    /// When it came.
    pub created_at: Time,
}

impl UploadedFile {
    /// What is said of an upload that this address opens.
    #[must_use]
    pub fn new(upload: &domain::Upload, url: String) -> Self {
        Self {
            id: upload.id.0,
            url,
            name: upload.name.clone(),
            media_type: upload.media_type.clone(),
            bytes: upload.bytes,
            width: upload.pixels.map(|pixels| pixels.width),
            height: upload.pixels.map(|pixels| pixels.height),
            show: Show(upload.media_type.show().as_str()),
            created_at: upload.created_at.into(),
        }
    }
}
