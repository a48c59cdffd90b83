//! Why a value from outside is refused.

/// What is wrong with one value, in words that the sender can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Shorter than allowed.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// Longer than allowed.
    #[error("must have at most {max} {unit}")]
    TooLong {
        /// The greatest number.
        max: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A number outside of its bounds.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// Not of the form that is expected.
    #[error("must be {0}")]
    BadFormat(&'static str),
    /// None of the known words.
    #[error("must be one of {0}")]
    UnknownValue(&'static str),
    /// The same thing twice.
    #[error("is named twice")]
    Duplicate,
    /// Covers time that another one covers.
    #[error("overlaps another interval")]
    Overlap,
}
