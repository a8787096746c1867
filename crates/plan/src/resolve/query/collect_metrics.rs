//! `df.observe`: aggregates that are reported beside the rows.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn collect_metrics(
        &mut self,
        _input: &Relation,
        _name: &str,
        _metrics: &[Expr],
    ) -> Result<Resolved> {
        Err(SparkError::unsupported("observe"))
    }
}
