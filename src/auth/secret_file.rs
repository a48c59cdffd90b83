//! Files that hold a secret: made once, whole or not at all, and readable by their owner only.
//!
//! Owns how such a file comes to be. Must not know what is in it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::random::Random;

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file cannot be read or made.
    #[error("cannot read or make the file {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is there, but what it holds is no such secret.
    #[error("the file {path} must hold {expected}", path = path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
}

/// Reads the secret at `path`; when there is no such file, makes it with what `make` gives and mode
/// 0600. Of several processes that make it at once one wins, and all read the same.
///
/// # Errors
/// `Io` when the file cannot be read or made.
pub fn read_or_create(
    path: &Path,
    random: &Random,
    make: impl FnOnce(&Random) -> String,
) -> Result<String, SecretFileError> {
    let failed = |source| SecretFileError::Io {
        path: path.to_owned(),
        source,
    };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            warn_of_others(path);
            Ok(text)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path, &make(random), random).map_err(failed)?;
            std::fs::read_to_string(path).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes a file of its own beside it and links that to the name, which fails when the name is
/// taken: nobody ever reads half a secret or another one than the others.
fn create(path: &Path, text: &str, random: &Random) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", random.hex(8)));
    let draft = PathBuf::from(draft);

    // The mode takes effect before there is anything to read.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}

/// A file that others can read is used all the same: containers mount secrets with such a mode and
/// an owner that the process cannot change.
fn warn_of_others(path: &Path) {
    if let Ok(metadata) = std::fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "other users may read this secret: chmod 600 it");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::read_or_create;
    use crate::random::Random;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below").join("secret");

        let once = |text: &str| read_or_create(&path, &Random::system(), |_| text.to_owned());
        assert_eq!(once("first").unwrap(), "first");
        assert_eq!(once("second").unwrap(), "first");

        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1);
    }
}
