//! The memory of the server: one pool for all sessions, queries and caches.
//!
//! ```text
//!  0 ─────────────────────────────── limit
//!  │ caches │ cannot spill │ can spill, in equal shares │ kept free for newcomers │
//! ```
//!
//! DataFusion's `FairSpillPool` divides by the number of *registered* consumers, idle ones included; a plan
//! with five joins registers dozens, and each would get a few per cent. Here nobody is denied while less than
//! five eighths are in use; from there on the pool divides among those that hold something, keeps one share
//! free for whoever comes next, and lets everyone have a floor, without which a sort could not even begin to
//! spill. Builds of hash joins, which hold what they have until the
//! join ends, take half of the memory at most, so that the operators above them can work.

use datafusion::common::{DataFusionError, Result, human_readable_size};
use datafusion::execution::memory_pool::{
    MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use firesteel_common::error::{ErrorKind, SparkError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::sync::{OnceLock, Weak};

/// Name of the consumer that caches are.
pub(crate) const CACHE: &str = "cache";
/// Prefix of the names of consumers that hold build sides of joins.
pub(crate) const JOIN_BUILD: &str = "HashJoinBuild";
/// Prefixes of the names of DataFusion's reservations for merging sorted runs. A merge that has begun cannot
/// stop; how many files it opens is limited by the disk manager (`runtime.rs`).
const MERGES: [&str; 2] = ["ExternalSorterMerge", "SortPreservingMergeExec"];
/// Part of the limit that a consumer may hold whatever others do: 1 / 64, but enough for a few batches.
const FLOOR_SHIFT: usize = 6;
const FLOOR_MIN_BYTES: usize = 4 << 20;
/// Steps that what cannot stop any more may take beyond the limit, up to a quarter of it: merges that have
/// begun, and anybody's first few bytes.
const MERGE_STEP_BYTES: usize = 1 << 20;
const SMALL_STEP_BYTES: usize = 16 << 10;
/// Part of the limit that spillable consumers leave to those that cannot spill: 1 / 8.
const UNSPILLABLE_SHIFT: usize = 3;
/// Consumers that an out-of-memory error names.
const CONSUMERS_NAMED: usize = 5;

/// Whoever holds memory that can be given up when an operator needs it.
pub(crate) trait MakeRoom: Send + Sync {
    /// Gives up about `n_bytes`; how many it was.
    fn make_room(&self, n_bytes: usize) -> usize;
}

/// See the module's head.
pub struct FairPool {
    limit_bytes: usize,
    state: Mutex<State>,
    caches: OnceLock<Weak<dyn MakeRoom>>,
}

impl fmt::Debug for FairPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FairPool").field("state", &self.state).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    used_bytes: usize,
    peak_bytes: usize,
    unspillable_bytes: usize,
    builds_bytes: usize,
    /// Spillable consumers that hold more than the floor.
    n_large: usize,
    consumers: HashMap<usize, Consumer>,
}

#[derive(Debug)]
struct Consumer {
    name: String,
    can_spill: bool,
    is_build: bool,
    is_cache: bool,
    is_merge: bool,
    bytes: usize,
}

impl FairPool {
    pub fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, state: Mutex::default(), caches: OnceLock::new() }
    }

    /// Most bytes that were ever held at once.
    pub fn peak_bytes(&self) -> usize {
        self.state.lock().peak_bytes
    }

    /// Whom to ask for room before an operator that cannot spill is denied; the first counts.
    pub(crate) fn set_make_room(&self, caches: Weak<dyn MakeRoom>) {
        // There is one store of caches for each pool.
        let _ = self.caches.set(caches);
    }

    fn floor_bytes(&self) -> usize {
        (self.limit_bytes >> FLOOR_SHIFT).max(FLOOR_MIN_BYTES).min(self.limit_bytes / 4)
    }

    /// Bytes by which the consumer of `reservation` may grow now, if it wants `additional`.
    fn room(&self, state: &State, reservation: &MemoryReservation, additional: usize) -> usize {
        let id = reservation.consumer().id();
        let free = self.limit_bytes.saturating_sub(state.used_bytes);
        let beyond = (self.limit_bytes / 4 * 5).saturating_sub(state.used_bytes);
        let step = |bytes_max| if additional <= bytes_max { beyond } else { 0 };
        if let Some(cache) = state.consumers.get(&id).filter(|consumer| consumer.is_cache) {
            return free.min((self.limit_bytes / 2).saturating_sub(cache.bytes));
        }
        let Some(consumer) = state.consumers.get(&id).filter(|consumer| consumer.can_spill) else {
            return free.max(step(SMALL_STEP_BYTES));
        };
        // An aggregate that has other memory than what it grows merges what it has spilled, and can spill
        // no more.
        if !consumer.is_merge && consumer.bytes > reservation.size() {
            return free.max(step(MERGE_STEP_BYTES));
        }
        let floor = self.floor_bytes();
        let kept_back = state.unspillable_bytes.max(self.limit_bytes >> UNSPILLABLE_SHIFT);
        let n_large = state.n_large + usize::from(consumer.bytes <= floor);
        let mut share = (self.limit_bytes - kept_back.min(self.limit_bytes)) / (n_large + 1);
        if consumer.is_build {
            let others = state.builds_bytes - consumer.bytes;
            share =
                share.max(self.limit_bytes / 8).min((self.limit_bytes / 2).saturating_sub(others));
        }
        let mut room = share.saturating_sub(consumer.bytes).min(free);
        if consumer.is_merge {
            room = free.max(step(MERGE_STEP_BYTES));
        } else if !consumer.is_build {
            // Nobody is short of memory yet.
            room = room.max((self.limit_bytes / 8 * 5).saturating_sub(state.used_bytes));
        }
        room.max(floor.saturating_sub(consumer.bytes))
    }

    fn change(&self, state: &mut State, id: usize, change: impl Fn(usize) -> usize) {
        let floor = self.floor_bytes();
        state.used_bytes = change(state.used_bytes);
        state.peak_bytes = state.peak_bytes.max(state.used_bytes);
        let Some(consumer) = state.consumers.get_mut(&id) else {
            return;
        };
        let before = consumer.bytes;
        consumer.bytes = change(before);
        if !consumer.can_spill {
            state.unspillable_bytes = change(state.unspillable_bytes);
            return;
        }
        if consumer.is_build {
            state.builds_bytes = change(state.builds_bytes);
        }
        match (before > floor, consumer.bytes > floor) {
            (false, true) => state.n_large += 1,
            (true, false) => state.n_large -= 1,
            _ => {}
        }
    }

    fn denial(
        &self,
        state: &State,
        consumer: &MemoryConsumer,
        additional: usize,
        room: usize,
    ) -> DataFusionError {
        let held = state.consumers.get(&consumer.id()).map_or(0, |consumer| consumer.bytes);
        let mut largest: Vec<_> =
            state.consumers.values().filter(|consumer| consumer.bytes > 0).collect();
        largest.sort_by_key(|consumer| std::cmp::Reverse(consumer.bytes));
        let largest: Vec<_> = largest
            .iter()
            .take(CONSUMERS_NAMED)
            .map(|consumer| format!("{} {}", consumer.name, human_readable_size(consumer.bytes)))
            .collect();
        let received = room.min(additional);
        let message = format!(
            "Unable to acquire {additional} bytes of memory, got {received}. The operator {} holds {} and asked for {} more. The limit of the server is {} \
             (spark.executor.memory, or spark.driver.memory), of which {} are in use{}{}.",
            consumer.name(),
            human_readable_size(held),
            human_readable_size(additional),
            human_readable_size(self.limit_bytes),
            human_readable_size(state.used_bytes),
            if largest.is_empty() { "" } else { ": " },
            largest.join(", "),
        );
        let error = SparkError::new(ErrorKind::Resources, "UNABLE_TO_ACQUIRE_MEMORY", message)
            .with("requestedBytes", additional.to_string())
            .with("receivedBytes", received.to_string());
        // Not `External`: operators spill when they see this variant, and it holds a text only.
        DataFusionError::ResourcesExhausted(error.to_envelope())
    }
}

fn is_merge(consumer: &MemoryConsumer) -> bool {
    MERGES.iter().any(|prefix| consumer.name().starts_with(prefix))
}

impl fmt::Display for FairPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.reserved(), self.limit_bytes)
    }
}

impl MemoryPool for FairPool {
    fn name(&self) -> &str {
        "fair"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        let new = Consumer {
            name: consumer.name().to_owned(),
            can_spill: consumer.can_spill() || is_merge(consumer),
            is_build: consumer.name().starts_with(JOIN_BUILD),
            is_cache: consumer.name() == CACHE,
            is_merge: is_merge(consumer),
            bytes: 0,
        };
        self.state.lock().consumers.insert(consumer.id(), new);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.state.lock().consumers.remove(&consumer.id());
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        let mut state = self.state.lock();
        self.change(&mut state, reservation.consumer().id(), |bytes| bytes + additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut state = self.state.lock();
        self.change(&mut state, reservation.consumer().id(), |bytes| bytes.saturating_sub(shrink));
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let consumer = reservation.consumer();
        let mut state = self.state.lock();
        let mut room = self.room(&state, reservation, additional);
        if additional > room
            && !consumer.can_spill()
            && !is_merge(consumer)
            && consumer.name() != CACHE
        {
            drop(state);
            if let Some(caches) = self.caches.get().and_then(Weak::upgrade) {
                caches.make_room(additional - room);
            }
            state = self.state.lock();
            room = self.room(&state, reservation, additional);
        }
        if additional > room {
            return Err(self.denial(&state, consumer, additional, room));
        }
        self.change(&mut state, consumer.id(), |bytes| bytes + additional);
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.state.lock().used_bytes
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn consumer(pool: &Arc<dyn MemoryPool>, name: &str, can_spill: bool) -> MemoryReservation {
        MemoryConsumer::new(name).with_can_spill(can_spill).register(pool)
    }

    #[test]
    fn shares_shrink_as_others_come_and_everyone_has_a_floor() {
        let mib = 1 << 20;
        let pool: Arc<dyn MemoryPool> = Arc::new(FairPool::new(64 * mib));
        let first = consumer(&pool, "first", true);
        let second = consumer(&pool, "second", true);
        assert!(first.try_grow(40 * mib).is_ok(), "alone, without need");
        assert!(first.try_grow(mib).is_err(), "a part stays free");
        assert!(second.try_grow(18 * mib).is_ok(), "a third of 56");
        assert!(second.try_grow(mib).is_err());
        let rigid = consumer(&pool, "rigid", false);
        assert!(rigid.try_grow(6 * mib).is_ok());
        assert!(rigid.try_grow(mib).is_err(), "the pool is full");
        let late = consumer(&pool, "late", true);
        assert!(late.try_grow(4 * mib).is_ok(), "the floor is granted beyond the limit");
        assert!(late.try_grow(mib).is_err());
        drop((first, second, rigid, late));
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn error_names_operator_and_limit() {
        let pool: Arc<dyn MemoryPool> = Arc::new(FairPool::new(1_000));
        let rigid = consumer(&pool, "CrossJoinExec", false);
        let error = firesteel_common::SparkError::from(rigid.try_grow(2_000).unwrap_err());
        assert_eq!(error.condition(), "UNABLE_TO_ACQUIRE_MEMORY");
        assert!(error.raw_message().contains("CrossJoinExec"));
        assert!(error.raw_message().contains("1000.0 B"));
    }
}
