//! `df.cache()` and `CACHE TABLE`: which relations are kept, and their tables.

use firesteel_common::StructType;
use firesteel_engine::CachedTable;
use firesteel_plan::spec;
use std::sync::Arc;

/// Where a cached relation may live. Firesteel keeps it in memory whatever the level says, and reports
/// the level that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageLevel {
    pub use_disk: bool,
    pub use_memory: bool,
    pub use_off_heap: bool,
    pub deserialized: bool,
    pub replication: i32,
}

impl StorageLevel {
    pub const NONE: StorageLevel = StorageLevel {
        use_disk: false,
        use_memory: false,
        use_off_heap: false,
        deserialized: false,
        replication: 1,
    };
    /// What `cache()` uses.
    pub const MEMORY_AND_DISK: StorageLevel = StorageLevel {
        use_disk: true,
        use_memory: true,
        use_off_heap: false,
        deserialized: true,
        replication: 1,
    };
}

/// One kept relation.
#[derive(Clone)]
pub struct Kept {
    pub relation: spec::Relation,
    pub level: StorageLevel,
    pub table: Arc<CachedTable>,
    pub schema: StructType,
}

/// The kept relations of a session. Few: looked through one after another.
#[derive(Default)]
pub struct Persisted(Vec<Kept>);

impl Persisted {
    pub fn find(&self, relation: &spec::Relation) -> Option<&Kept> {
        // Most comparisons end at the first node, so this costs little per node of a plan.
        self.0.iter().find(|kept| kept.relation.node == relation.node)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps a relation unless it is kept already.
    pub fn add(&mut self, kept: Kept) {
        if self.find(&kept.relation).is_none() {
            self.0.push(kept);
        }
    }

    /// Forgets a relation; whether it was kept.
    pub fn remove(&mut self, relation: &spec::Relation) -> bool {
        let before = self.0.len();
        self.0.retain(|kept| kept.relation.node != relation.node);
        self.0.len() < before
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
