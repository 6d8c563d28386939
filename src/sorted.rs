//! Decides how maps are kept that must be ordered, small in code and fast whatever order their keys arrive in.
//!
//! The standard `BTreeMap` compiles to 5 to 15 kB of wasm for each pair of types. For the dozen pairs of this crate that
//! was 102 kB, 17 kB in brotli (8 % of all). This map is a sorted list cut into chunks of bounded length. Finding is
//! two binary searches; inserting and removing move one chunk and, once in hundreds of times, the list of chunks.

use std::borrow::Borrow;

/// A map ordered by its keys.
#[derive(Clone, Eq, Debug)]
pub struct SortedMap<K, V> {
    /// None is empty, and each holds only keys above those of the one before.
    chunks: Vec<Vec<(K, V)>>,
}

/// Where a key is or would be.
struct Place {
    chunk: usize,
    index: usize,
    is_taken: bool,
}

impl<K: Ord, V> SortedMap<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// Whether there are no entries.
    pub const fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }

    /// The value of `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key);
        let (_, value) = self.chunks.get(place.chunk)?.get(place.index).filter(|_| place.is_taken)?;
        Some(value)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key);
        let (_, value) = self.chunks.get_mut(place.chunk)?.get_mut(place.index).filter(|_| place.is_taken)?;
        Some(value)
    }

    /// Whether `key` has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_taken
    }

    /// Gives `key` a value; returns the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let place = self.find(&key);
        if place.is_taken {
            let (_, held) = self.chunks.get_mut(place.chunk)?.get_mut(place.index)?;
            return Some(std::mem::replace(held, value));
        }
        self.insert_at(&place, (key, value));
        None
    }

    /// As [`Self::insert`], for a key that is likely to be above all others: then it is not looked for.
    pub fn push(&mut self, key: K, value: V) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < MAX_CHUNK && chunk.last().is_some_and(|(last, _)| *last < key) => {
                chunk.push((key, value));
            }
            _ => drop(self.insert(key, value)),
        }
    }

    /// The entry with the greatest key.
    pub fn last(&self) -> Option<(&K, &V)> {
        self.chunks.last()?.last().map(|(key, value)| (key, value))
    }

    /// Removes `key`; returns the value it had.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key);
        let chunk = self.chunks.get_mut(place.chunk).filter(|_| place.is_taken)?;
        let (_, value) = chunk.remove(place.index);
        if chunk.is_empty() {
            self.chunks.remove(place.chunk);
        }
        Some(value)
    }

    /// The entry with the greatest key below `key`.
    pub fn last_below(&self, key: &K) -> Option<(&K, &V)> {
        let place = self.find(key);
        let entry = match place.index.checked_sub(1) {
            Some(index) => self.chunks.get(place.chunk)?.get(index)?,
            None => self.chunks.get(place.chunk.checked_sub(1)?)?.last()?,
        };
        Some((&entry.0, &entry.1))
    }

    /// The entries from `key` on, in order.
    pub fn from(&self, key: &K) -> impl Iterator<Item = (&K, &V)> {
        let place = self.find(key);
        self.chunks.iter().skip(place.chunk).flatten().skip(place.index).map(|(key, value)| (key, value))
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.chunks.iter().flatten().map(|(key, value)| (key, value))
    }

    /// The entries in order, with values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.chunks.iter_mut().flatten().map(|(key, value)| (&*key, value))
    }

    /// Keeps the entries of which `keep` says so.
    pub fn retain(&mut self, keep: impl Fn(&K, &V) -> bool) {
        self.chunks.iter_mut().for_each(|chunk| chunk.retain(|(key, value)| keep(key, value)));
        self.chunks.retain(|chunk| !chunk.is_empty());
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Place
    where
        K: Borrow<Q>,
    {
        let begins_by = |chunk: &Vec<(K, V)>| chunk.first().is_some_and(|(first, _)| first.borrow() <= key);
        let chunk = self.chunks.partition_point(begins_by).saturating_sub(1);
        let entries = self.chunks.get(chunk).map_or(&[][..], Vec::as_slice);
        let found = entries.binary_search_by(|(held, _)| held.borrow().cmp(key));
        Place { chunk, index: found.unwrap_or_else(|index| index), is_taken: found.is_ok() }
    }

    fn insert_at(&mut self, place: &Place, entry: (K, V)) {
        let Some(chunk) = self.chunks.get_mut(place.chunk) else {
            self.chunks.push(vec![entry]);
            return;
        };
        chunk.insert(place.index, entry);
        if chunk.len() > MAX_CHUNK {
            let second = chunk.split_off(MAX_CHUNK / 2);
            self.chunks.insert(place.chunk + 1, second);
        }
    }
}

/// How many entries are moved at most to insert one among them. A million entries are then some thousand chunks.
const MAX_CHUNK: usize = 512;

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

/// Equal maps may be cut differently.
impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.chunks.iter().flatten().eq(other.chunks.iter().flatten())
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, entries: T) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(target_family = "wasm"))]
    mod random {
        use super::*;
        use proptest::prelude::*;
        use std::collections::BTreeMap;

        proptest! {
            #[test]
            fn it_behaves_like_the_map_of_the_standard_library(
                steps in proptest::collection::vec((any::<bool>(), 0..2000_u32), 0..5000)
            ) {
                let (mut map, mut model) = (SortedMap::new(), BTreeMap::new());
                for (number, (inserts, key)) in steps.into_iter().enumerate() {
                    if inserts {
                        prop_assert_eq!(map.insert(key, number), model.insert(key, number));
                    } else {
                        prop_assert_eq!(map.remove(&key), model.remove(&key));
                    }
                    prop_assert_eq!(map.get(&key), model.get(&key));
                    prop_assert_eq!(map.last_below(&key), model.range(..key).next_back());
                    prop_assert_eq!(map.from(&key).next(), model.range(key..).next());
                }
                prop_assert_eq!(map.len(), model.len());
                map.retain(|key, _| key % 3 == 0);
                model.retain(|key, _| key % 3 == 0);
                prop_assert!(map.iter().eq(&model));
                prop_assert!(map.into_iter().eq(model));
            }
        }
    }

    #[test]
    fn keys_in_any_order_take_chunks_of_bounded_length() {
        let ascending: SortedMap<u32, ()> = (0..10_000).map(|key| (key, ())).collect();
        let descending: SortedMap<u32, ()> = (0..10_000).rev().map(|key| (key, ())).collect();
        assert_eq!(ascending, descending);
        for map in [ascending, descending] {
            assert!(map.chunks.iter().all(|chunk| (MAX_CHUNK / 2..=MAX_CHUNK).contains(&chunk.len())));
        }
    }
}
