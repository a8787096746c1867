//! Aggregations inside a correlated subquery: one per combination of the domain.

use super::domain::Domain;
use crate::resolve::fresh_name;
use crate::resolve::output::{column, named, projection};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{JoinConstraint, JoinType, NullEquality, ScalarValue};
use datafusion::logical_expr::{Aggregate, Expr, GroupingSet, Join, LogicalPlan, lit, when};
use firesteel_common::Result;
use std::sync::Arc;

/// Aggregates that are something else than null over no rows, and not zero either.
const NOT_NULL_OVER_NOTHING: [&str; 6] = [
    "collect_list",
    "collect_set",
    "array_agg",
    "regr_count",
    "bitmap_construct_agg",
    "histogram_numeric",
];

impl Domain {
    pub(super) fn grouped(&self, aggregate: &Aggregate) -> Result<Option<LogicalPlan>> {
        let Some(input) = self.unnested(&aggregate.input)? else { return Ok(None) };
        if !aggregate.group_expr.is_empty() {
            let node = Aggregate::try_new(
                Arc::new(input),
                self.groups(&aggregate.group_expr)?,
                self.all_own(&aggregate.aggr_expr)?,
            )?;
            return Ok(Some(LogicalPlan::Aggregate(node)));
        }
        let (mut is_counted, mut is_other) = (Vec::new(), false);
        for expr in &aggregate.aggr_expr {
            let mut name = String::new();
            if let Expr::AggregateFunction(function) = expr.clone().unalias() {
                name = function.func.name().to_lowercase();
            }
            is_other |= NOT_NULL_OVER_NOTHING.contains(&name.as_str());
            is_counted.push(name.contains("count"));
        }
        if is_other {
            self.over_marked(aggregate, input)
        } else {
            self.filled(aggregate, input, &is_counted)
        }
        .map(Some)
    }

    /// One group per combination that has rows, joined with the domain: null, or zero for a count,
    /// where there are none.
    fn filled(
        &self,
        aggregate: &Aggregate,
        input: LogicalPlan,
        is_counted: &[bool],
    ) -> Result<LogicalPlan> {
        // Under names of their own: a column that is filled is another one.
        let mut names = Vec::with_capacity(aggregate.aggr_expr.len());
        let mut aggregates = Vec::with_capacity(aggregate.aggr_expr.len());
        for expr in self.all_own(&aggregate.aggr_expr)? {
            let name = fresh_name();
            aggregates.push(expr.unalias().alias(&name));
            names.push(name);
        }
        let node = Aggregate::try_new(Arc::new(input), self.keys().collect(), aggregates)?;
        let joined = self.beside(LogicalPlan::Aggregate(node))?;
        let mut exprs = self.passed();
        let fields = aggregate.schema.fields().iter();
        for ((field, name), is_counted) in fields.zip(&names).zip(is_counted) {
            let mut value = column(name);
            if *is_counted {
                let zero = Expr::Literal(ScalarValue::new_zero(field.data_type())?, None);
                value = when(value.clone().is_null(), zero).otherwise(value)?;
            }
            let field = field.as_ref().clone();
            let is_nullable = field.is_nullable() || !is_counted;
            exprs.push((named(value, field.name()), Arc::new(field.with_nullable(is_nullable))));
        }
        projection(joined, exprs)
    }

    /// The domain joined with the rows, of which the aggregates take those that exist: whatever an
    /// aggregate is over no rows.
    fn over_marked(&self, aggregate: &Aggregate, input: LogicalPlan) -> Result<LogicalPlan> {
        let mark = fresh_name();
        let mut exprs: Vec<_> = input
            .schema()
            .fields()
            .iter()
            .map(|field| (column(field.name()), Arc::clone(field)))
            .collect();
        let field = arrow::datatypes::Field::new(&mark, arrow::datatypes::DataType::Boolean, false);
        exprs.push((named(lit(true), &mark), Arc::new(field)));
        let joined = self.beside(projection(input, exprs)?)?;
        let exists = column(&mark).is_not_null();
        let mut aggregates = Vec::with_capacity(aggregate.aggr_expr.len());
        for expr in self.all_own(&aggregate.aggr_expr)? {
            let filtered = expr.transform(|node| match node {
                Expr::AggregateFunction(mut function) => {
                    let filter = match function.params.filter.take() {
                        Some(filter) => filter.and(exists.clone()),
                        None => exists.clone(),
                    };
                    function.params.filter = Some(Box::new(filter));
                    Ok(Transformed::yes(Expr::AggregateFunction(function)))
                }
                other => Ok(Transformed::no(other)),
            })?;
            aggregates.push(filtered.data);
        }
        let node = Aggregate::try_new(Arc::new(joined), self.keys().collect(), aggregates)?;
        Ok(LogicalPlan::Aggregate(node))
    }

    /// The domain, outer-joined with `plan`, which has its columns too.
    fn beside(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let (right, on) = self.under_other_names(plan)?;
        let node = Join::try_new(
            Arc::new(self.plan.clone()),
            Arc::new(right),
            on,
            None,
            JoinType::Left,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        Ok(LogicalPlan::Join(node))
    }

    /// The groups with the domain's columns: in each set, where there are sets.
    fn groups(&self, groups: &[Expr]) -> Result<Vec<Expr>> {
        if let [Expr::GroupingSet(GroupingSet::GroupingSets(sets))] = groups {
            let mut own = Vec::with_capacity(sets.len());
            for set in sets {
                own.push(self.keys().chain(self.all_own(set)?).collect());
            }
            return Ok(vec![Expr::GroupingSet(GroupingSet::GroupingSets(own))]);
        }
        Ok(self.keys().chain(self.all_own(groups)?).collect())
    }

    fn all_own(&self, exprs: &[Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.own(expr)).collect()
    }
}
