//! Why a process does not start with its configuration.
//!
//! Owns the list of everything that is wrong, with where each comes from. Must not show values:
//! they may be secret.

/// Everything that is wrong with the configuration.
#[derive(Debug)]
pub struct ConfigError {
    /// At least one.
    pub misfits: Vec<Misfit>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// `section.key`, or empty when a file as a whole is wrong.
    pub path: String,
    /// The file, variable or flag that it comes from; `default` for a key that nobody set.
    pub source: String,
    /// What is wrong.
    pub detail: String,
}

impl std::error::Error for ConfigError {}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.misfits.len() {
            1 => f.write_str("the configuration has 1 fault:")?,
            count => write!(f, "the configuration has {count} faults:")?,
        }
        for Misfit {
            path,
            source,
            detail,
        } in &self.misfits
        {
            match path.as_str() {
                "" => write!(f, "\n  {source}: {detail}")?,
                path => write!(f, "\n  {path} (from {source}): {detail}")?,
            }
        }
        Ok(())
    }
}
