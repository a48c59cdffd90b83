//! A queue's order, which also knows places: how many are before a chat is asked whenever one is shown.
//!
//! A sorted list in chunks: to insert, to remove and to count take time in the number of chunks and the length of one,
//! which for 100,000 waiting chats is some hundred steps. A balanced tree has no count of what is before a key without
//! more code than this.

use crate::domain::{ChatId, Timestamp};

/// Where a chat stands: who goes ahead of all others, then by age and priority, then by id (ROUTE-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// Whether it waits behind those that go ahead (ROUTE-11).
    pub(super) behind: bool,
    /// Since when it waits, made earlier by its priority.
    pub(super) order: Timestamp,
    /// The last tie-break.
    pub(super) chat_id: ChatId,
}

/// Half of what a chunk may hold. With 256 a chunk fits into a few pages, and 100,000 chats make some 400 chunks.
const HALF: usize = 256;

/// The places of a queue in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// None is empty, and all in one are before all in the next.
    chunks: Vec<Vec<Place>>,
    len: usize,
}

/// How the places are cut into chunks depends on how they came.
impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for Line {}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.chunks.iter().flatten()
    }

    /// The chunk in which a place stands or would.
    fn chunk_of(&self, place: &Place) -> usize {
        let before = |chunk: &Vec<Place>| chunk.last().is_some_and(|last| last < place);
        self.chunks.partition_point(before)
    }

    pub(super) fn insert(&mut self, place: Place) {
        let index = self
            .chunk_of(&place)
            .min(self.chunks.len().saturating_sub(1));
        let Some(chunk) = self.chunks.get_mut(index) else {
            self.chunks.push(vec![place]);
            self.len = 1;
            return;
        };
        if let Err(at) = chunk.binary_search(&place) {
            chunk.insert(at, place);
            self.len += 1;
            if chunk.len() > 2 * HALF {
                let rest = chunk.split_off(HALF);
                self.chunks.insert(index + 1, rest);
            }
        }
    }

    pub(super) fn remove(&mut self, place: &Place) {
        let index = self.chunk_of(place);
        let Some(chunk) = self.chunks.get_mut(index) else {
            return;
        };
        if let Ok(at) = chunk.binary_search(place) {
            chunk.remove(at);
            self.len -= 1;
            if chunk.is_empty() {
                self.chunks.remove(index);
            } else {
                self.join(index);
            }
        }
    }

    /// Joins a chunk with the next where both have become small, or random removals would leave chunks of one.
    fn join(&mut self, index: usize) {
        let len = |at: usize| self.chunks.get(at).map(Vec::len);
        if let (Some(one), Some(other)) = (len(index), len(index + 1))
            && one + other <= HALF
        {
            let next = self.chunks.remove(index + 1);
            if let Some(chunk) = self.chunks.get_mut(index) {
                chunk.extend(next);
            }
        }
    }

    /// How many are before a place.
    pub(super) fn before(&self, place: &Place) -> usize {
        let index = self.chunk_of(place);
        let earlier: usize = self.chunks.iter().take(index).map(Vec::len).sum();
        let within = self
            .chunks
            .get(index)
            .map_or(0, |chunk| chunk.partition_point(|other| other < place));
        earlier + within
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn place(number: u16) -> Place {
        Place {
            behind: !number.is_multiple_of(7),
            order: Timestamp(i64::from(number / 3)),
            chat_id: ChatId(Uuid::from_u128(u128::from(number))),
        }
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_set_that_counts(steps in prop::collection::vec((any::<bool>(), 0_u16..2000), 0..4000)) {
            let (mut line, mut model) = (Line::default(), BTreeSet::new());
            for (insert, number) in steps {
                let place = place(number);
                if insert {
                    line.insert(place);
                    model.insert(place);
                } else {
                    line.remove(&place);
                    model.remove(&place);
                }
                prop_assert_eq!(line.len(), model.len());
                prop_assert_eq!(line.before(&place), model.range(..place).count());
            }
            prop_assert!(line.iter().eq(model.iter()));
            prop_assert!(line.chunks.iter().all(|chunk| (1..=2 * HALF).contains(&chunk.len())));
        }
    }
}
