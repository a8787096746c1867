//! `distinct` and `dropDuplicates`.

use super::set_operation::{check_comparable, distinct};
use crate::resolve::output::column;
use crate::resolve::scope::quote;
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::Relation;
use datafusion::logical_expr::{Distinct, DistinctOn, LogicalPlan};
use firesteel_common::{ErrorKind, Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn deduplicate(
        &mut self,
        input: &Relation,
        columns: &[String],
        all_columns: bool,
        within_watermark: bool,
    ) -> Result<Resolved> {
        if within_watermark {
            let message =
                "dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets";
            return Err(
                SparkError::analysis("_LEGACY_ERROR_TEMP_3102", message).with("msg", message)
            );
        }
        let input = self.relation(input)?;
        let input = self.exact(input)?;
        if all_columns {
            check_comparable(&input.scope.columns)?;
            return Ok(distinct(input));
        }
        let mut keys: Vec<String> = Vec::new();
        for name in columns {
            let found: Vec<&Column> = input.scope.named(name, self.settings).collect();
            if found.is_empty() {
                let known: Vec<String> =
                    input.scope.columns.iter().map(|own| quote(&own.field.name)).collect();
                return Err(SparkError::new(
                    ErrorKind::InvalidPlan,
                    "CONNECT_INVALID_PLAN.UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",
                    format!(
                        "The Spark Connect plan is invalid. Cannot resolve column name \"{name}\" among ({}).",
                        known.join(", ").replace('`', "")
                    ),
                )
                .with("colName", name.clone())
                .with("fieldNames", known.join(", ").replace('`', "")));
            }
            check_comparable(found.iter().copied())?;
            keys.extend(found.iter().map(|own| own.internal.clone()));
        }
        if keys.len() >= input.scope.columns.len() {
            return Ok(distinct(input));
        }
        let on = keys.iter().map(|key| column(key)).collect();
        let select = input.scope.columns.iter().map(|own| column(&own.internal)).collect();
        let node = DistinctOn::try_new(on, select, None, Arc::new(input.plan))?;
        let plan = LogicalPlan::Distinct(Distinct::On(node));
        // DISTINCT ON qualifies and names its output as the input did.
        let columns = input.scope.columns.clone();
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }
}
