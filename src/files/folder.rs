//! Files in a folder of this machine, or of a disk that several share.
//!
//! Owns the layout, `tenant_id/file_id`, and that a file is there whole or not at all: it is written elsewhere on the
//! same disk, synced and renamed. Everything is readable by the server's own user only.

use std::fs::{DirBuilder, File as SyncFile};
use std::io::{self, ErrorKind, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{Content, Draft, Error, FileKey};

/// What is read of a file at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A folder of files.
pub(super) struct Folder(PathBuf);

/// Makes a folder that nobody else may look into. One that is there is left as it is: its mode is its owner's choice.
fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

impl Folder {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        make(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn of(&self, key: FileKey) -> (PathBuf, PathBuf) {
        let folder = self.0.join(key.tenant_id.to_string());
        let file = folder.join(key.file_id.to_string());
        (folder, file)
    }

    pub(super) async fn keep(&self, key: FileKey, mut draft: Draft) -> Result<(), Error> {
        draft.sync().await?;
        let (folder, path) = self.of(key);
        let (root, from) = (self.0.clone(), draft.path().to_owned());
        let moving = tokio::task::spawn_blocking(move || {
            make(&folder)?;
            std::fs::rename(from, path)?;
            // The rename, and the tenant's folder if this is its first file, survive a crash with their folders only.
            SyncFile::open(folder)?.sync_all()?;
            SyncFile::open(root)?.sync_all()
        });
        moving.await.map_err(io::Error::other)??;
        draft.was_moved();
        Ok(())
    }

    pub(super) async fn read(&self, key: FileKey, range: Range<u64>) -> Result<Content, Error> {
        let (_, path) = self.of(key);
        let mut file = match File::open(path).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::Gone),
            Err(error) => return Err(error.into()),
        };
        file.seek(SeekFrom::Start(range.start)).await?;
        let part = file.take(range.end.saturating_sub(range.start));
        Ok(Box::pin(ReaderStream::with_capacity(part, CHUNK_BYTES)))
    }

    pub(super) async fn remove(&self, key: FileKey) -> Result<(), Error> {
        let (_, path) = self.of(key);
        match tokio::fs::remove_file(path).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(super) async fn remove_older_than(&self, age: Duration) -> Result<usize, Error> {
        let mut entries = tokio::fs::read_dir(&self.0).await?;
        let mut removed = 0;
        while let Some(entry) = entries.next_entry().await? {
            // One that vanishes meanwhile was another's to remove.
            let Ok(metadata) = entry.metadata().await else {
                continue;
            };
            // By the disk's own time, which may be another machine's; a time to come is no age.
            let old = metadata.modified()?.elapsed().is_ok_and(|past| past > age);
            if old && tokio::fs::remove_file(entry.path()).await.is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }
}
