//! Where a cluster lies, and as whom its server runs.
//!
//! Postgres refuses to run as root, so root's server runs as an unprivileged user, who must be able
//! to reach its folders. Only the folders made here change their owner.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::Error;

/// Where a cluster goes when its user cannot reach the data folder.
const STATE_DIR: &str = "/var/lib/deskbell";

/// The longest folder for a socket: `sun_path` holds 104 bytes on macOS and 108 on Linux, and the
/// file's name takes 20 of them with its lock's suffix.
const SOCKET_DIR_BYTES_MAX: usize = 80;

/// The unprivileged user that root's server runs as.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

/// The folders of one cluster.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    socket_dir: PathBuf,
    log: PathBuf,
    user: Option<User>,
}

impl Place {
    /// Chooses the user and makes the folders; `data_dir` exists.
    pub(super) async fn choose(data_dir: &Path) -> Result<Place, Error> {
        let data_dir = data_dir
            .canonicalize()
            .map_err(Error::file("open the folder", data_dir))?;
        let log = data_dir.join("postgres.log");
        let cluster = data_dir.join("pg");
        let owner = fs::metadata(&cluster).ok().map(|found| User {
            uid: found.uid(),
            gid: found.gid(),
        });
        let me = geteuid().as_raw();
        let (root, user) = match owner {
            Some(owner) if me != 0 && owner.uid != me => {
                return Err(Error::ForeignCluster {
                    cluster,
                    owner: owner.uid,
                });
            }
            _ if me != 0 => (data_dir, None),
            owner => {
                // A cluster that a normal user made stays that user's.
                let user = match owner.filter(|owner| owner.uid != 0) {
                    Some(owner) => owner,
                    None => unprivileged_user().await.ok_or(Error::NoUser)?,
                };
                if user.reaches(&data_dir).await {
                    (data_dir, Some(user))
                } else if owner.is_some() {
                    return Err(Error::Unreachable {
                        cluster,
                        uid: user.uid,
                    });
                } else {
                    (state_dir_for(&data_dir, user)?, Some(user))
                }
            }
        };
        let socket_dir = make_socket_dir(&root, user)?;

        Ok(Place {
            root,
            socket_dir,
            log,
            user,
        })
    }

    /// The folder that holds everything of the cluster.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The cluster itself, what Postgres calls its data directory.
    pub(super) fn cluster(&self) -> PathBuf {
        self.root.join("pg")
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The server's log. It stays in the data folder, where people look for it.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Makes an empty folder that only the server's user may enter.
    pub(super) fn make_private_dir(&self, path: &Path) -> Result<(), Error> {
        make_private_dir(path, self.user)
    }

    /// Returns a command that runs as the server's user, untouched by variables for clients.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        // PGPORT, PGDATA and the like would change the server's defaults. Messages stay English,
        // since some of them are read.
        for name in [
            "PGPORT",
            "PGDATA",
            "PGTZ",
            "PGDATESTYLE",
            "PGCLIENTENCODING",
        ] {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir("/");

        command
    }
}

/// Removes the folder of the socket if it is a temporary one.
impl Drop for Place {
    fn drop(&mut self) {
        if !self.socket_dir.starts_with(&self.root) {
            // An empty folder that stays is no reason to fail.
            let _ = fs::remove_dir_all(&self.socket_dir);
        }
    }
}

impl User {
    /// Tries whether this user may enter `dir`, as the system sees it (access lists included).
    async fn reaches(self, dir: &Path) -> bool {
        // The child enters its folder after it has changed its user.
        let tried = Command::new("/bin/sh")
            .args(["-c", ":"])
            .current_dir(dir)
            .uid(self.uid)
            .gid(self.gid)
            .status()
            .await;

        tried.is_ok_and(|status| status.success())
    }
}

async fn unprivileged_user() -> Option<User> {
    for name in ["postgres", "nobody"] {
        if let (Some(uid), Some(gid)) = (id_of("-u", name).await, id_of("-g", name).await) {
            return Some(User { uid, gid });
        }
    }

    None
}

/// Asks `id`, since users may come from elsewhere than `/etc/passwd`.
async fn id_of(kind: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([kind, name]).output().await.ok()?;
    if !output.status.success() {
        return None;
    }

    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Makes the folder in the state directory that stands in for `data_dir`.
fn state_dir_for(data_dir: &Path, user: User) -> Result<PathBuf, Error> {
    let parent = Path::new(STATE_DIR);
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(parent)
        .map_err(Error::file("create the folder", parent))?;
    let dir = parent.join(state_name(data_dir));
    make_private_dir(&dir, Some(user))?;

    Ok(dir)
}

/// Names a data folder for people, with a hash of its path against two checkouts of one name.
fn state_name(data_dir: &Path) -> String {
    let named = match (data_dir.file_name(), data_dir.parent()) {
        (Some(name), Some(parent)) if name == "data" => parent.file_name().or(Some(name)),
        (name, _) => name,
    };
    let name: String = named
        .unwrap_or(OsStr::new("data"))
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(32)
        .collect();
    let hash = Sha256::digest(data_dir.as_os_str().as_bytes());

    // 4 bytes keep the socket's path short; a collision needs two checkouts of the same name too.
    format!(
        "{name}-{:02x}{:02x}{:02x}{:02x}",
        hash[0], hash[1], hash[2], hash[3]
    )
}

/// Makes `root/run`, or a folder under the temporary one when that path is too long for a socket.
fn make_socket_dir(root: &Path, user: Option<User>) -> Result<PathBuf, Error> {
    let dir = root.join("run");
    if dir.as_os_str().len() <= SOCKET_DIR_BYTES_MAX {
        make_private_dir(&dir, user)?;
        return Ok(dir);
    }
    let mut temporary = std::env::temp_dir();
    if temporary.as_os_str().len() + "deskbell-0123456789-99".len() > SOCKET_DIR_BYTES_MAX {
        temporary = PathBuf::from("/tmp");
    }
    // Fresh, so that it cannot be one that somebody else has prepared. A few may be left over from
    // killed processes of the same pid.
    for attempt in 0..100 {
        let dir = temporary.join(format!("deskbell-{}-{attempt}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => {
                make_private_dir(&dir, user)?;
                return Ok(dir);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::file("create the folder", dir)(error)),
        }
    }

    Err(Error::file("create a folder for the socket in", temporary)(
        io::ErrorKind::AlreadyExists.into(),
    ))
}

/// Makes `path` if it is missing, for `user` alone.
fn make_private_dir(path: &Path, user: Option<User>) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Error::file("create the folder", path)(error));
        }
        _ => {}
    }
    fs::set_permissions(path, Permissions::from_mode(0o700))
        .map_err(Error::file("set the mode of", path))?;
    if let Some(user) = user {
        chown(path, Some(user.uid), Some(user.gid)).map_err(Error::file("chown", path))?;
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_folder_is_named_after_the_checkout_and_its_path() {
        let one = state_name(Path::new("/home/one/desk bell/data"));
        let two = state_name(Path::new("/home/two/desk bell/data"));

        assert!(one.starts_with("desk-bell-"), "{one}");
        assert_eq!(one.len(), "desk-bell-".len() + 8);
        assert_ne!(one, two);
        assert!(state_name(Path::new("/srv/bells")).starts_with("bells-"));
    }
}
