//! `df.transpose`: rows become columns.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn transpose(&mut self, _input: &Relation, _index: &[Expr]) -> Result<Resolved> {
        Err(SparkError::unsupported("transpose"))
    }
}
