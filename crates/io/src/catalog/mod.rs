//! Catalogs: names to databases and tables.

mod memory;

pub use memory::{Database, MemoryCatalog, Table, TableKind};
