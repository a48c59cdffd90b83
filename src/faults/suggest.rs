//! The known name that an unknown one was probably meant to be.
//!
//! Owns the measure of likeness. Must not be used to accept anything: it only makes a sentence
//! helpful.

/// Longer names are no slips of the pen, and the measure costs the product of both lengths.
const NAME_CHARS_MAX: usize = 64;

/// Returns the known name that is nearest to `key`, when it is near enough to be a slip: one edit
/// for every three characters. `officeId` is as near to `office_id` as can be.
pub(super) fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    if key.len() > NAME_CHARS_MAX {
        return None;
    }
    let folded = fold(key);
    known
        .iter()
        .map(|name| (distance(&folded, &fold(name)), *name))
        .filter(|(distance, _)| *distance <= folded.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn fold(name: &str) -> Vec<char> {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// How many characters must be added, removed or exchanged (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (to, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(from != to))
                .min(left + 1)
                .min(*above + 1);
            diagonal = std::mem::replace(above, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_none() {
        let known = ["name", "office_id", "ring_timeout_s"];

        assert_eq!(nearest("nam", &known), Some("name"));
        assert_eq!(nearest("officeId", &known), Some("office_id"));
        assert_eq!(nearest("ring_timeout", &known), Some("ring_timeout_s"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest(&"n".repeat(10_000), &known), None);
    }
}
