//! PIVOT and `groupBy(…).pivot(…)`: values of a column become columns.
//!
//! Two aggregations, as in Spark: the first groups by the pivot column too; the second picks, for
//! each value, the row of that value. A value without rows is null, not an aggregate over nothing.

use super::grouping_sets::GroupingSets;
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::column;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{self, Aggregate, Grouping, Pivot};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, LogicalPlan, Sort};
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::cast::{EvalMode, cast};
use firesteel_functions::{AggregateCall, Arg, Builder, Call, lookup};
use std::sync::Arc;

/// A pivot value: the value and what its columns are called.
struct PivotValue {
    value: ResolvedExpr,
    name: String,
}

impl Resolver<'_> {
    /// SQL's form: grouped by every column that is neither pivoted nor aggregated.
    pub(super) fn pivot(&mut self, pivot: &Pivot) -> Result<Resolved> {
        let input = self.relation(&pivot.input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let aggregates = self.pivot_aggregates(&pivot.aggregates, &mut context)?;
        let pivoted = self.pivot_column(&pivot.columns, &mut context)?;
        let mut values = Vec::with_capacity(pivot.values.len());
        for (value, alias) in &pivot.values {
            let value = self.expr(value, &mut context)?;
            let (value, name) = self.pivot_value(value, alias.clone(), &pivoted, &context)?;
            values.push(PivotValue { value, name });
        }
        let mut used: Vec<String> = Vec::new();
        for item in aggregates.iter().chain([&pivoted]) {
            used.extend(item.expr.column_refs().into_iter().map(|own| own.name.clone()));
        }
        let rest = input.scope.columns.iter().filter(|own| !used.contains(&own.internal));
        let groups: Vec<ResolvedExpr> = rest.map(ResolvedExpr::of_column).collect();
        self.pivoted(input, groups, pivoted, values, aggregates)
    }

    /// The DataFrame form; without values, they are read from the data.
    pub(super) fn pivoted_aggregate(
        &mut self,
        input: Resolved,
        aggregate: &Aggregate,
    ) -> Result<Resolved> {
        let Some((pivot, literals)) = &aggregate.pivot else {
            return Err(SparkError::internal("no pivot"));
        };
        let Grouping::By(groups) = &aggregate.grouping else {
            return Err(SparkError::unsupported("pivot of grouping sets"));
        };
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let groups = self.args(groups, &mut context)?;
        let pivoted = self.pivot_column(std::slice::from_ref(pivot), &mut context)?;
        let aggregates = self.pivot_aggregates(&aggregate.aggregates, &mut context)?;
        let literals = if literals.is_empty() {
            self.pivot_values_of(&input, &pivoted, &mut context)?
        } else {
            literals.iter().map(|value| self.literal(value)).collect::<Result<_>>()?
        };
        let mut values = Vec::with_capacity(literals.len());
        for value in literals {
            let (value, name) = self.pivot_value(value, None, &pivoted, &context)?;
            values.push(PivotValue { value, name });
        }
        let input = self.with_partition_columns(input, &mut context)?;
        self.pivoted(input, groups, pivoted, values, aggregates)
    }

    fn pivot_aggregates(
        &mut self,
        exprs: &[spec::Expr],
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        let aggregates = self.select_items(exprs, context)?;
        match aggregates.iter().find(|item| !contains_aggregate(&item.expr)) {
            None => Ok(aggregates),
            Some(item) => Err(SparkError::analysis(
                "_LEGACY_ERROR_TEMP_1006",
                format!(
                    "Aggregate expression required for pivot, but '{}' did not appear in any \
                     aggregate function.",
                    item.name
                ),
            )
            .with("sql", item.name.clone())),
        }
    }

    fn pivot_column(
        &mut self,
        columns: &[spec::Expr],
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        match columns {
            [one] => self.expr(one, context),
            several => {
                let call = spec::Function::new("struct", several.to_vec());
                self.expr(&spec::ExprNode::Function(call).into(), context)
            }
        }
    }

    /// A value of the pivot column's type, and its name: the alias, or the value as a string.
    fn pivot_value(
        &mut self,
        value: ResolvedExpr,
        alias: Option<String>,
        pivoted: &ResolvedExpr,
        context: &ExprContext,
    ) -> Result<(ResolvedExpr, String)> {
        let target = pivoted.spark_type()?;
        let from = value.spark_type()?;
        let is_row = matches!(target, SparkType::Struct(_));
        if !is_row && self.common_type_of([&from, &target]).is_none() {
            return Err(SparkError::analysis(
                "PIVOT_VALUE_DATA_TYPE_MISMATCH",
                format!(
                    "Invalid pivot value '{}': value data type \"{}\" does not match pivot column \
                     data type \"{}\".",
                    value.name,
                    from.sql(),
                    target.sql()
                ),
            )
            .with("value", value.name.clone())
            .with("valueType", format!("\"{}\"", from.sql()))
            .with("pivotType", format!("\"{}\"", target.sql())));
        }
        let scalar = self.constant(&value.expr).map_err(|_| {
            SparkError::analysis(
                "NON_LITERAL_PIVOT_VALUES",
                format!("Literal expressions required for pivot values, found \"{}\".", value.name),
            )
            .with("expression", format!("\"{}\"", value.name))
        })?;
        let name = match (alias, value.output_name.clone()) {
            (Some(alias), _) => alias,
            (None, Some(aliased)) => aliased,
            (None, None) if scalar.is_null() => "null".to_owned(),
            (None, None) => {
                let text =
                    cast(value.arg(), &SparkType::string(), EvalMode::Legacy, self.settings)?;
                match self.constant(&text)? {
                    ScalarValue::Utf8(Some(text)) => text,
                    _ => value.name.clone(),
                }
            }
        };
        Ok((self.coerce(value, &target, context)?, name))
    }

    /// The distinct values of the pivot column, in order.
    fn pivot_values_of(
        &mut self,
        input: &Resolved,
        pivoted: &ResolvedExpr,
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        let projected = self.project(input, vec![pivoted.clone().aliased("value")])?;
        let distinct = super::set_operation::distinct(self.exact(projected)?);
        let key = column(&distinct.scope.columns[0].internal);
        let plan = LogicalPlan::Sort(Sort {
            expr: vec![key.sort(true, true)],
            input: Arc::new(distinct.plan),
            fetch: None,
        });
        let values_max = self.settings.pivot_max_values;
        let mut values = Vec::new();
        for batch in self.env.collect(self.runnable(plan)?)? {
            for row in 0..batch.num_rows() {
                let scalar = ScalarValue::try_from_array(batch.column(0), row)?;
                let expr = Expr::Literal(scalar, None);
                let mut value = self.typed(expr, String::new(), context)?;
                value.field =
                    crate::resolve::expression::tagged(&value.field, &pivoted.spark_type()?);
                values.push(value);
            }
            if values.len() > values_max {
                return Err(SparkError::analysis(
                    "_LEGACY_ERROR_TEMP_1324",
                    format!(
                        "The pivot column {} has more than {values_max} distinct values, this could \
                         indicate an error. If this was intended, set \
                         spark.sql.pivotMaxValues to at least the number of distinct values of the \
                         pivot column.",
                        pivoted.name
                    ),
                )
                .with("pivotColumn", pivoted.name.clone())
                .with("maxValues", values_max.to_string()));
            }
        }
        Ok(values)
    }

    fn pivoted(
        &mut self,
        input: Resolved,
        groups: Vec<ResolvedExpr>,
        pivoted: ResolvedExpr,
        values: Vec<PivotValue>,
        aggregates: Vec<ResolvedExpr>,
    ) -> Result<Resolved> {
        let (n_groups, n_aggregates) = (groups.len(), aggregates.len());
        let names: Vec<String> =
            aggregates.iter().map(|item| item.output_name().to_owned()).collect();
        let pivoted = pivoted.aliased("pivot");
        let grouping = GroupingSets::plain([&groups[..], std::slice::from_ref(&pivoted)].concat());
        let items = groups.into_iter().chain([pivoted]).chain(aggregates).collect();
        let context = ExprContext::new(&input.scope, Clause::Select);
        let by_value = self.grouped(input, grouping, items, None, context)?;
        let by_value = self.exact(by_value)?;

        let mut context = ExprContext::new(&by_value.scope, Clause::Select);
        for own in &by_value.scope.columns {
            context.fields.insert(own.to_arrow());
        }
        let columns: Vec<ResolvedExpr> = self.all_columns(&by_value.scope);
        let groups = columns[..n_groups].to_vec();
        let mut items = groups.clone();
        for PivotValue { value, name } in values {
            let equal = vec![columns[n_groups].arg(), value.arg()];
            let is_value = self.build_scalar("<=>", equal)?;
            for position in 0..n_aggregates {
                let aggregate = &columns[n_groups + 1 + position];
                let picked = self.first_where(aggregate.arg(), is_value.clone())?;
                let name = match n_aggregates {
                    1 => name.clone(),
                    _ => format!("{name}_{}", names[position]),
                };
                items.push(self.typed(picked, name.clone(), &context)?.aliased(name));
            }
        }
        let resolved = self.grouped(by_value, GroupingSets::plain(groups), items, None, context)?;
        self.exact(resolved)
    }

    /// The first value among the rows where `condition` holds.
    fn first_where(&self, value: Arg, condition: Expr) -> Result<Expr> {
        let found = lookup("first").map(|found| (found.name, &found.builder));
        let Some((name, Builder::Aggregate(build))) = found else {
            return Err(SparkError::unsupported("the function first"));
        };
        build(AggregateCall {
            call: Call {
                name,
                args: vec![value],
                settings: self.settings,
                query_start_micros: self.env.query_start_micros(),
            },
            distinct: false,
            filter: Some(Box::new(condition)),
            order_by: Vec::new(),
            ignore_nulls: false,
        })
    }
}
