//! What is remembered of things that are gone: the latest so many, by key.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Keys with a value and the time when they came.
pub struct Tombstones<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<(K, Instant)>,
}

impl<K, V> Default for Tombstones<K, V> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Tombstones<K, V> {
    /// Remembers `key`; of more than `count_max` the oldest is forgotten.
    pub fn add(&mut self, key: K, value: V, count_max: usize) {
        if self.values.insert(key.clone(), value).is_none() {
            self.order.push_back((key, Instant::now()));
        }
        while self.order.len() > count_max {
            self.forget_oldest();
        }
    }

    /// Forgets what came longer ago than `age_max`.
    pub fn expire(&mut self, age_max: Duration, now: Instant) {
        while let Some((_, came)) = self.order.front()
            && now.saturating_duration_since(*came) > age_max
        {
            self.forget_oldest();
        }
    }

    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.values.get(key)
    }

    /// From the oldest on.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.order.iter().map(|(key, _)| key)
    }

    fn forget_oldest(&mut self) {
        if let Some((key, _)) = self.order.pop_front() {
            self.values.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut known = Tombstones::default();
        for key in 0..5 {
            known.add(key, key * 10, 3);
        }
        known.add(4, 41, 3);
        assert_eq!(known.keys().copied().collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(known.get(&4), Some(&41));
        assert_eq!(known.get(&1), None);
        known.expire(Duration::ZERO, Instant::now() + Duration::from_secs(1));
        assert_eq!(known.keys().count(), 0);
    }
}
