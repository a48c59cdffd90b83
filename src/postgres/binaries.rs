//! Where the programs of Postgres are on this machine.
//!
//! Distributions keep them out of `PATH` on purpose (several majors side by side), so the known
//! places are looked through, newest first. Nothing is downloaded.

use std::cmp::Reverse;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Error;

/// The oldest major version that the schema and these options are tried with.
pub(super) const OLDEST_MAJOR: u32 = 14;

/// Folders that hold one folder for each version: (parent, prefix of the name, path below it).
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                   // the project's own RPM packages
    ("/usr/libexec", "postgresql", ""),          // Alpine
    ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A folder with `postgres` and `initdb` of one version.
#[derive(Debug)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the binaries: in `bin_dir` or `PG_BIN` if given, else the newest installed.
    ///
    /// An existing cluster's version goes before a newer one, so that a system upgrade which
    /// installs the next major beside the old one changes nothing.
    pub(super) async fn find(
        bin_dir: Option<&Path>,
        existing: Option<&str>,
    ) -> Result<Binaries, Error> {
        let named = bin_dir
            .map(Path::to_owned)
            .or_else(|| variable("PG_BIN").map(PathBuf::from));
        if let Some(bin_dir) = named {
            return Binaries::at(&bin_dir)
                .await
                .ok_or(Error::NoBinaries { bin_dir });
        }
        let mut first = None;
        for dir in candidates() {
            let Some(binaries) = Binaries::at(&dir).await else {
                continue;
            };
            if existing.is_none_or(|version| binaries.reads(version)) {
                return Ok(binaries);
            }
            first.get_or_insert(binaries);
        }

        first.ok_or(Error::NotInstalled {
            install: install_line(),
        })
    }

    /// Returns the binaries in `dir`, if both are there and new enough.
    async fn at(dir: &Path) -> Option<Binaries> {
        let dir = std::path::absolute(dir).ok()?;
        if !dir.join("initdb").is_file() || !dir.join("postgres").is_file() {
            return None;
        }
        let output = tokio::process::Command::new(dir.join("postgres"))
            .arg("--version")
            .output()
            .await
            .ok()?;
        let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;

        (major >= OLDEST_MAJOR).then_some(Binaries { dir, major })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn major(&self) -> u32 {
        self.major
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Returns whether this server can open a cluster of that version.
    pub(super) fn reads(&self, cluster_version: &str) -> bool {
        cluster_version == self.major.to_string()
    }
}

/// Returns every place worth a look, in the order of preference.
fn candidates() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    for (parent, prefix, below) in VERSIONED {
        let mut versions = versions_in(Path::new(parent), prefix);
        versions.sort_by_key(|(version, _)| Reverse(*version));
        dirs.extend(versions.into_iter().map(|(_, dir)| dir.join(below)));
    }
    if let Some(path) = variable("PATH") {
        dirs.extend(env::split_paths(&path));
    }

    dirs
}

fn versions_in(parent: &Path, prefix: &str) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };

    entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect()
}

/// Reads the major version from `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit());

    number.get(..digits.unwrap_or(number.len()))?.parse().ok()
}

fn install_line() -> &'static str {
    let has = |program: &str| Path::new(program).exists();
    if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else if has("/usr/bin/apt-get") {
        "sudo apt-get install -y postgresql"
    } else if has("/usr/bin/dnf") {
        "sudo dnf install -y postgresql-server"
    } else if has("/sbin/apk") {
        "sudo apk add postgresql"
    } else if has("/usr/bin/pacman") {
        "sudo pacman -S --needed postgresql"
    } else {
        "make setup"
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "PATH and PG_BIN are about the machine, not settings of the service"
)]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_each_build_prints() {
        let cases = [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18.4\n", Some(18)),
            ("postgres (PostgreSQL) 19beta2\n", Some(19)),
            ("postgres (PostgreSQL) 17\n", Some(17)),
            ("something else 15.1\n", None),
            ("postgres (PostgreSQL) next\n", None),
        ];

        for (printed, expected) in cases {
            assert_eq!(parse_major(printed), expected, "{printed}");
        }
    }
}
