//! `df.cache()` and `CACHE TABLE`: which relations are kept, and their tables.

use firesteel_common::{ErrorKind, Result, SparkError};
use firesteel_engine::CachedTable;
use firesteel_engine::memory::StoragePlaces;
use firesteel_plan::resolve::KeptRows;
use firesteel_plan::spec;
use std::sync::Arc;

/// Where a cached relation may live. Serialized or not, on the heap or off it, Firesteel holds Arrow batches
/// once; it reports the level that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageLevel {
    pub use_disk: bool,
    pub use_memory: bool,
    pub use_off_heap: bool,
    pub deserialized: bool,
    pub replication: i32,
}

impl StorageLevel {
    /// The part of the level that makes a difference here.
    pub fn places(self) -> StoragePlaces {
        StoragePlaces { memory: self.use_memory || self.use_off_heap, disk: self.use_disk }
    }

    /// A level by Spark's name for it, in any case.
    ///
    /// # Errors
    /// `IllegalArgument` for any other name.
    pub fn named(name: &str) -> Result<StorageLevel> {
        let wanted = name.trim().to_ascii_uppercase();
        let found = LEVELS.iter().find(|(name, _)| *name == wanted);
        let error = || {
            let names: Vec<_> = LEVELS.iter().map(|(name, _)| *name).collect();
            let message =
                format!("Invalid StorageLevel: {name}. It should be one of {}.", names.join(", "));
            SparkError::new(ErrorKind::IllegalArgument, "", message)
        };
        found.map(|(_, level)| *level).ok_or_else(error)
    }

    /// Spark's name of the level, if it is one of Spark's.
    pub fn name(self) -> Option<&'static str> {
        LEVELS.iter().find(|(_, level)| *level == self).map(|(name, _)| *name)
    }

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

const fn level(disk: bool, memory: bool, deserialized: bool, replication: i32) -> StorageLevel {
    StorageLevel {
        use_disk: disk,
        use_memory: memory,
        use_off_heap: false,
        deserialized,
        replication,
    }
}

/// Spark's levels by name.
const LEVELS: [(&str, StorageLevel); 13] = [
    ("NONE", StorageLevel::NONE),
    ("DISK_ONLY", level(true, false, false, 1)),
    ("DISK_ONLY_2", level(true, false, false, 2)),
    ("DISK_ONLY_3", level(true, false, false, 3)),
    ("MEMORY_ONLY", level(false, true, true, 1)),
    ("MEMORY_ONLY_2", level(false, true, true, 2)),
    ("MEMORY_ONLY_SER", level(false, true, false, 1)),
    ("MEMORY_ONLY_SER_2", level(false, true, false, 2)),
    ("MEMORY_AND_DISK", StorageLevel::MEMORY_AND_DISK),
    ("MEMORY_AND_DISK_2", level(true, true, true, 2)),
    ("MEMORY_AND_DISK_SER", level(true, true, false, 1)),
    ("MEMORY_AND_DISK_SER_2", level(true, true, false, 2)),
    ("OFF_HEAP", StorageLevel { use_off_heap: true, ..level(true, true, false, 1) }),
];

/// One kept relation.
#[derive(Clone)]
pub struct Kept {
    pub relation: spec::Relation,
    pub level: StorageLevel,
    pub table: Arc<CachedTable>,
    pub rows: KeptRows,
    /// What the relation means ([`crate::canonical`]), and the size of that.
    pub canonical: String,
    pub size: usize,
    /// Tables and views whose names it was resolved by.
    pub names: Vec<spec::Name>,
    /// Whether the words of the relation mean what they meant; when in doubt, its plan tells.
    pub is_current: bool,
}

impl Kept {
    fn is_written(&self, relation: &spec::Relation) -> bool {
        // Most comparisons end at the first node, so this costs little per node of a plan.
        self.is_current && self.relation.node == relation.node
    }

    /// Whether it is the table or view `name` itself, and not something made of it.
    pub fn is_named(&self, name: &spec::Name) -> bool {
        matches!(self.relation.node.as_ref(), spec::RelationNode::NamedTable(_))
            && self.names.first() == Some(name)
    }
}

/// The kept relations of a session, oldest first. Few: looked through one after another.
#[derive(Default)]
pub struct Persisted(Vec<Kept>);

impl Persisted {
    pub fn find(&self, relation: &spec::Relation) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.is_written(relation))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.0.iter()
    }

    /// Keeps a relation unless it is kept already.
    pub fn add(&mut self, kept: Kept) {
        if self.find_same(&kept.canonical).is_none() {
            self.0.push(kept);
        }
    }

    /// Forgets a relation; whether it was kept.
    pub fn remove(&mut self, relation: &spec::Relation) -> bool {
        self.forget(|kept| kept.is_written(relation))
    }

    /// What is kept of a relation that means the same, however it was written.
    pub fn find_same(&self, canonical: &str) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.canonical == canonical)
    }

    /// Forgets what [`Persisted::find_same`] finds; whether there was anything.
    pub fn remove_same(&mut self, canonical: &str) -> bool {
        self.forget(|kept| kept.canonical == canonical)
    }

    /// Forgets the table or view of that full name; under `cascade` all that was made of it too.
    pub fn remove_named(&mut self, name: &spec::Name, cascade: bool) {
        self.forget(|kept| if cascade { kept.names.contains(name) } else { kept.is_named(name) });
    }

    /// Forgets what `is_gone` says; whether there was anything.
    pub fn forget(&mut self, is_gone: impl Fn(&Kept) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|kept| !is_gone(kept));
        self.0.len() < before
    }

    /// Names may mean something else from now on.
    pub fn names_changed(&mut self) {
        self.0
            .iter_mut()
            .filter(|kept| !kept.names.is_empty())
            .for_each(|kept| kept.is_current = false);
    }

    fn of(&self, table: &CachedTable) -> Option<&Kept> {
        self.0.iter().find(|kept| std::ptr::eq(Arc::as_ptr(&kept.table), table))
    }

    /// What the relation means that `table` holds.
    pub fn canonical_of(&self, table: &CachedTable) -> Option<String> {
        self.of(table).map(|kept| kept.canonical.clone())
    }

    /// The size of what the relation means that `table` holds.
    pub fn size_of(&self, table: &CachedTable) -> Option<usize> {
        self.of(table).map(|kept| kept.size)
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
