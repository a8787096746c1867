//! `spec`: the unresolved tree that both fronts build, DataFrame protobuf and SQL text.
//!
//! It holds names, not columns; types the user wrote, not types that were inferred. It is plain
//! data: no method here decides what anything means.

mod catalog;
mod command;
mod expression;
mod graph;
mod literal;
mod outline;
mod relation;

pub use catalog::*;
pub use command::*;
pub use expression::*;
pub use graph::*;
pub use literal::*;
pub use outline::Outline;
pub use relation::*;

/// What one request or one SQL statement asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    Query(Relation),
    Command(Command),
}

/// A possibly qualified name: `catalog.schema.table`, one string per part, quotes removed.
pub type Name = Vec<String>;

/// Options of a source or table, in the order in which they were given; keys as written.
pub type Options = Vec<(String, String)>;
