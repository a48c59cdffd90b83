//! An upload that is under way: a file without a name that anybody knows.

use std::fs::OpenOptions;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::domain::{MediaType, Pixels, Show};

use super::image::size_of;
use super::sniff::{HEAD_BYTES, media_type};

/// What has come of an upload so far. Dropped, it is removed.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
    /// Removed when dropped, unless it was moved to its place.
    moved: bool,
}

/// What an upload holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// By its content.
    pub media_type: MediaType,
    /// The size of an image that would be shown; `None` of such an image when its header cannot be read.
    pub pixels: Option<Pixels>,
}

impl Look {
    /// Whether it begins as an image that is shown and then is none.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.media_type.show() == Show::Image && self.pixels.is_none()
    }
}

impl Draft {
    pub(super) async fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = tokio::fs::OpenOptions::from(options).open(&path).await?;
        Ok(Self {
            path,
            file,
            hash: Sha256::new(),
            bytes: 0,
            moved: false,
        })
    }

    /// How much has come.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of what has come.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// Adds what comes next.
    ///
    /// # Errors
    /// When the disk fails or is full.
    pub async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk).await?;
        self.hash.update(chunk);
        self.bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Finds out what it holds. Reads the beginning, and of an image what leads to its size.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn look(&mut self) -> io::Result<Look> {
        self.file.flush().await?;
        let mut file = self.file.try_clone().await?.into_std().await;
        let looking = tokio::task::spawn_blocking(move || {
            file.seek(SeekFrom::Start(0))?;
            let mut head = Vec::with_capacity(HEAD_BYTES);
            let limit = u64::try_from(HEAD_BYTES).unwrap_or(u64::MAX);
            (&mut file).take(limit).read_to_end(&mut head)?;
            let media_type = media_type(&head);
            let pixels = size_of(&media_type, &mut BufReader::new(file));
            Ok(Look { media_type, pixels })
        });
        looking.await.map_err(io::Error::other)?
    }

    /// Writes all of it through to the disk.
    pub(super) async fn sync(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_all().await
    }

    /// Its bytes from the beginning.
    pub(super) async fn reopen(&mut self) -> io::Result<File> {
        self.file.flush().await?;
        File::open(&self.path).await
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says that it lies at its place now.
    pub(super) fn was_moved(&mut self) {
        self.moved = true;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.moved {
            // What cannot be removed now is removed with the drafts that are too old.
            drop(std::fs::remove_file(&self.path));
        }
    }
}
