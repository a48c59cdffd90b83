//! The server's log: kept small, and quoted when something goes wrong.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::Error;

/// A log larger than this is put aside at the next start; one old log is kept.
const LOG_BYTES_MAX: u64 = 1 << 20;

/// How much of the log an error quotes.
const QUOTED_LINES: usize = 10;

/// Puts a large log aside, before a server has it open.
pub(super) fn rotate(path: &Path) -> Result<(), Error> {
    if fs::metadata(path).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
        fs::rename(path, path.with_extension("log.1")).map_err(Error::file("rename", path))?;
    }

    Ok(())
}

/// Opens the log for a server to write to.
pub(super) fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(Error::file("write", path))
}

/// Returns what was logged from byte `start` on; nothing when the log cannot be read.
pub(super) fn read(path: &Path, start: u64) -> Vec<u8> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|mut log| {
        log.seek(SeekFrom::Start(start))?;
        log.take(LOG_BYTES_MAX).read_to_end(&mut text)
    });
    if read.is_err() {
        text.clear();
    }

    text
}

/// Returns the end of what a program printed, for an error to quote.
pub(super) fn last_lines(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let first = lines.len().saturating_sub(QUOTED_LINES);

    lines[first..].join("\n")
}

/// Returns whether the log tells of another server that has not quite left the cluster.
pub(super) fn tells_of_another_server(log: &[u8]) -> bool {
    let log = String::from_utf8_lossy(log);

    [
        "postmaster.pid\" already exists",
        "is still in use",
        ".lock\" already exists",
    ]
    .iter()
    .any(|message| log.contains(message))
}
