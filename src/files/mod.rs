//! Uploads: what they hold, and where their bytes are kept (CHAT-5).
//!
//! Owns the bytes of files and nothing else: an upload comes into a [`Draft`], which is looked at and then kept under
//! its tenant's and its own id, in a folder or in an S3-compatible store. Must not know who may read a file, which
//! message has it or that there is HTTP; the rows about files are `store`'s. A file's name never becomes part of a path.

mod draft;
mod error;
mod folder;
mod image;
mod s3;
mod sniff;

use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;

use crate::config;
use crate::domain::{FileId, TenantId};
use crate::random::Random;

use folder::Folder;
use s3::Bucket;

pub use draft::{Draft, Look};
pub use error::Error;
pub use sniff::contradicts;

/// The bytes of a file, as they come.
pub type Content = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKey {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Itself.
    pub file_id: FileId,
}

/// Where files are kept.
enum Place {
    Here(Folder),
    Bucket(Box<Bucket>),
}

/// The files of all tenants.
pub struct Files {
    drafts: Folder,
    place: Place,
    random: Random,
}

impl Files {
    /// Opens the folder, which is made when there is none, or the bucket. No request is sent to a bucket before there is
    /// something to keep, so that a store which is away does not keep the server from starting.
    ///
    /// # Errors
    /// When the folder cannot be made, or what is configured is no bucket.
    pub fn open(settings: &config::Files, data_dir: &Path, random: Random) -> Result<Self, Error> {
        let directory = settings.directory.clone();
        let directory = directory.unwrap_or_else(|| data_dir.join("files"));
        let drafts = Folder::open(directory.join("drafts"))?;
        let place = if settings.is_remote() {
            Place::Bucket(Box::new(Bucket::open(settings)?))
        } else {
            Place::Here(Folder::open(directory.join("kept"))?)
        };
        Ok(Self {
            drafts,
            place,
            random,
        })
    }

    /// Begins an upload. Dropped before it is kept it leaves nothing.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn draft(&self) -> Result<Draft, Error> {
        let path = self.drafts.path().join(self.random.hex(16));
        Ok(Draft::create(path).await?)
    }

    /// Keeps what was uploaded; afterwards it is on the disk, or the store has confirmed it.
    ///
    /// # Errors
    /// When the place fails. Then there may be the whole file or nothing, but never a part under this key.
    pub async fn keep(&self, key: FileKey, draft: Draft) -> Result<(), Error> {
        match &self.place {
            Place::Here(folder) => folder.keep(key, draft).await,
            Place::Bucket(bucket) => bucket.keep(key, draft).await,
        }
    }

    /// Reads the bytes of a range, which must lie within the file.
    ///
    /// # Errors
    /// `Gone` when there is no such file, or that the place fails.
    pub async fn read(&self, key: FileKey, range: Range<u64>) -> Result<Content, Error> {
        match &self.place {
            Place::Here(folder) => folder.read(key, range).await,
            Place::Bucket(bucket) => bucket.read(key, range).await,
        }
    }

    /// Removes a file; one that is not there has been removed.
    ///
    /// # Errors
    /// When the place fails; then it may be there or not.
    pub async fn remove(&self, key: FileKey) -> Result<(), Error> {
        match &self.place {
            Place::Here(folder) => folder.remove(key).await,
            Place::Bucket(bucket) => bucket.remove(key).await,
        }
    }

    /// Removes the drafts of a process that has ended, by their age: another one's uploads may be under way in the same
    /// folder. Gives how many there were.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn remove_drafts_older_than(&self, age: Duration) -> Result<usize, Error> {
        self.drafts.remove_older_than(age).await
    }
}
