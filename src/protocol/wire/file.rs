//! Files.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Show, Time};
use crate::domain::{self, FileCard, FileName, FileSource, MediaType};
use crate::protocol::FileLinks;

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

/// The file of a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct File {
    /// Its id; `null` of one that is elsewhere.
    pub id: Option<Uuid>,
    /// What opens it: a path of this server that needs no token and is good for a day or so, or the address that the
    /// sender gave.
    pub url: String,
    /// What its sender calls it.
    #[schema(value_type = String)]
    pub name: FileName,
    /// What it holds: found in an upload, said of what is elsewhere.
    #[schema(value_type = String)]
    pub media_type: MediaType,
    /// How long it is; `null` of one that is elsewhere.
    pub bytes: Option<u64>,
    /// From left to right, of an image that is shown.
    pub width: Option<u32>,
    /// From top to bottom.
    pub height: Option<u32>,
    /// How it is shown; one that is elsewhere is a download.
    pub show: Show,
}

impl File {
    /// What is said of a file, with an address that is made now.
    #[must_use]
    pub fn new(card: &FileCard, links: &dyn FileLinks) -> Self {
        let (id, url) = match &card.source {
            FileSource::Upload(id) => (Some(id.0), links.link_to(*id)),
            FileSource::Address(url) => (None, url.as_str().to_owned()),
        };
        Self {
            id,
            url,
            name: card.name.clone(),
            media_type: card.media_type.clone(),
            bytes: card.bytes,
            width: card.pixels.map(|pixels| pixels.width),
            height: card.pixels.map(|pixels| pixels.height),
            show: Show(card.show().as_str()),
        }
    }
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
