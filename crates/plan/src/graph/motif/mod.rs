//! Motifs: patterns of edges like `(a)-[e]->(b); (b)-[]->(c); !(c)-[]->(a)`, found by joins.
//!
//! [`pattern`] has the terms and their grammar, [`length`] paths of several lengths, [`terms`] the joins.

mod error;
mod length;
mod pattern;
mod terms;

use crate::spec::Relation;
use firesteel_common::Result;

/// All places where the pattern matches: a struct column per name, in the order in which names appear.
///
/// # Errors
/// `InvalidParseException`.
pub(super) fn find(vertices: &Relation, edges: &Relation, pattern: &str) -> Result<Relation> {
    match length::parse(pattern)? {
        Some(path) => path.find(vertices, edges),
        None => terms::find(vertices, edges, pattern),
    }
}
