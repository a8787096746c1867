//! `spark.range(…)`.

use super::repartition::check_partitions;
use crate::resolve::range_table::RangeTable;
use crate::resolve::{Resolved, Resolver, Table};
use crate::spec::Range;
use datafusion::common::DFSchema;
use datafusion::logical_expr::{EmptyRelation, LogicalPlan};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn range(&mut self, range: &Range) -> Result<Resolved> {
        if range.step == 0 {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                "requirement failed: step (0) cannot be 0",
            ));
        }
        let n_partitions = range.partitions.unwrap_or(self.settings.slots).max(1);
        check_partitions(n_partitions)?;
        let provider = RangeTable::new(range.start, range.end, range.step, n_partitions);
        let schema = StructType::new(vec![StructField::new("id", SparkType::Long, false)]);
        let table = Table::Provider { provider: Arc::new(provider), schema, qualifier: Vec::new() };
        self.table(table, Vec::new())
    }

    /// `SELECT 1`: one row without columns.
    pub(super) fn one_row(&mut self) -> Result<Resolved> {
        let plan = LogicalPlan::EmptyRelation(EmptyRelation {
            produce_one_row: true,
            schema: Arc::new(DFSchema::empty()),
        });
        Ok(Resolved { plan, scope: Arc::default() })
    }
}
