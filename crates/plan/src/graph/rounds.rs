//! What a method in rounds needs of whoever runs relations.

use crate::spec::Relation;
use firesteel_common::{Result, StructType};

/// Runs relations while a query is resolved. Blocks.
pub trait Rounds {
    /// The rows of a relation, computed now and kept until the method is done; plans stay small that way.
    ///
    /// # Errors
    /// What the relation fails with; `OPERATION_CANCELED` when the query was interrupted.
    fn keep(&mut self, relation: Relation) -> Result<Relation>;

    /// Rows that [`Rounds::keep`] kept are not needed any more.
    fn forget(&mut self, kept: &Relation);

    /// Whether a relation has no rows.
    ///
    /// # Errors
    /// As [`Rounds::keep`].
    fn is_empty(&mut self, relation: Relation) -> Result<bool>;

    /// The columns of a relation, without running it.
    ///
    /// # Errors
    /// Spark's analysis errors.
    fn schema(&mut self, relation: &Relation) -> Result<StructType>;

    /// Reports that `done` of at most `total` rounds are made.
    fn progress(&mut self, done: usize, total: usize);
}
