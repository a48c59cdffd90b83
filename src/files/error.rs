//! What can go wrong with the bytes of files.

use std::io;

/// A failure of the place where files are kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file, though there should be.
    #[error("the file is gone")]
    Gone,
    /// The disk fails, or has no room.
    #[error("the folder of files fails")]
    Disk(#[from] io::Error),
    /// What is configured is no bucket.
    #[error("the bucket of files cannot be used as it is configured")]
    Misconfigured(#[source] object_store::Error),
    /// The bucket cannot be reached, or refuses.
    #[error("the bucket of files fails")]
    Bucket(#[source] object_store::Error),
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Gone,
            error => Self::Bucket(error),
        }
    }
}
