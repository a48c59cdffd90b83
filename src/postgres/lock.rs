//! One process for each data folder, by a lock that the system drops with the process.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use super::Error;

/// How long a holder may take to go: the system frees a killed process's lock a moment after the
/// signal, and a start right after a kill must work.
const HOLDER_LEAVES: Duration = Duration::from_secs(1);

/// How often the lock is tried meanwhile.
const POLL: Duration = Duration::from_millis(20);

/// The exclusive lock on a data folder; held as long as this value lives.
///
/// A lock rather than a file with a pid: it cannot be left over by a crash.
#[derive(Debug)]
pub(super) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Makes the data folder if it is missing, and takes it.
    pub(super) async fn acquire(data_dir: &Path) -> Result<DataLock, Error> {
        // 0755, since another user may run Postgres below it; what is secret has modes of its own.
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(data_dir)
            .map_err(Error::file("create the folder", data_dir))?;
        let path = data_dir.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::file("write", &path))?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if waited < HOLDER_LEAVES => sleep(POLL).await,
                Err(TryLockError::WouldBlock) => return Err(held(&mut file, data_dir)),
                Err(TryLockError::Error(source)) => return Err(Error::file("lock", path)(source)),
            }
            waited += POLL;
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(Error::file("write", &path))?;

        Ok(DataLock { _file: file })
    }
}

/// Names the process that holds the lock. The lock counts, not the text, which may be missing.
fn held(file: &mut File, data_dir: &Path) -> Error {
    let mut pid = String::new();
    let pid = match file.read_to_string(&mut pid) {
        Ok(_) => Some(pid.trim().to_owned()).filter(|pid| !pid.is_empty()),
        Err(_) => None,
    };

    Error::Locked {
        pid,
        data_dir: data_dir.to_owned(),
    }
}
