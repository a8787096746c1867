//! UNPIVOT and `df.unpivot` (`melt`): columns become rows.
//!
//! Each input row becomes one row per group of value columns: a generator over an array of structs
//! `(name, value, …)`.

use crate::resolve::expression::{Clause, ExprContext, Generator, ResolvedExpr};
use crate::resolve::scope::quote;
use crate::resolve::{Resolved, Resolver, Scope};
use crate::spec::{Expr, ExprNode, Literal, Unpivot};
use arrow::datatypes::{DataType, Field};
use datafusion::logical_expr::{Filter, LogicalPlan};
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::Arg;
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn unpivot(&mut self, unpivot: &Unpivot) -> Result<Resolved> {
        let input = self.relation(&unpivot.input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let (ids, values) = self.ids_and_values(unpivot, &mut context)?;
        if values.is_empty() {
            return Err(SparkError::analysis(
                "UNPIVOT_REQUIRES_VALUE_COLUMNS",
                "At least one value column needs to be specified for UNPIVOT, all columns specified \
                 as ids.",
            ));
        }
        let n_values = unpivot.value_columns.len();
        if let Some((group, _)) = values.iter().find(|(group, _)| group.len() != n_values) {
            let names: Vec<String> = unpivot.value_columns.iter().map(|name| quote(name)).collect();
            return Err(SparkError::analysis(
                "UNPIVOT_VALUE_SIZE_MISMATCH",
                format!(
                    "All unpivot value columns must have the same size as there are value column \
                     names ({}).",
                    names.join(", ")
                ),
            )
            .with("names", names.join(", "))
            .with("size", group.len().to_string()));
        }
        let types = self.value_types(&values, n_values)?;
        let mut rows: Vec<Arg> = Vec::with_capacity(values.len());
        for (group, alias) in values {
            let names: Vec<String> =
                group.iter().map(|value| value.output_name().to_owned()).collect();
            let label = alias.unwrap_or_else(|| names.join("_"));
            let mut args =
                vec![self.text("variable")?, self.literal(&Literal::String(label))?.arg()];
            for (position, (value, target)) in group.into_iter().zip(&types).enumerate() {
                args.push(self.text(&format!("value{position}"))?);
                let mut arg = self.coerce(value, target, &context)?.arg();
                // All structs of the array need one type: any value may be null.
                arg.expr = nullable(arg.expr, &mut arg.field)?;
                args.push(arg);
            }
            rows.push(self.call_builtin("named_struct", args, String::new(), &context)?.arg());
        }
        let array = self.call_builtin("array", rows, String::new(), &context)?;
        let mut columns = vec![Arc::new(Field::new("variable", DataType::Utf8, false))];
        for (position, target) in types.iter().enumerate() {
            let name = format!("value{position}");
            columns.push(firesteel_common::StructField::new(name, target.clone(), true).to_arrow());
        }
        let generator = Generator { rows: array.expr, columns, outer: false };
        let mut names = vec![unpivot.variable_column.clone()];
        names.extend(unpivot.value_columns.iter().cloned());
        let (plan, columns) = self.generate(input.plan.clone(), &generator, &names, Vec::new())?;
        let mut plan = plan;
        if !unpivot.include_nulls {
            let conditions = columns[1..].iter().map(|own| {
                datafusion::logical_expr::Expr::IsNotNull(Box::new(crate::resolve::output::column(
                    &own.internal,
                )))
            });
            if let Some(condition) = conditions.reduce(|left, right| left.or(right)) {
                plan = LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan))?);
            }
        }
        let mut items = ids;
        items.extend(columns.iter().map(ResolvedExpr::of_column));
        let projected = self.project(&Resolved { plan, scope: input.scope }, items)?;
        let columns = projected.scope.columns.clone();
        Ok(Resolved { plan: projected.plan, scope: Arc::new(Scope::new(columns)) })
    }

    #[allow(clippy::type_complexity)]
    fn ids_and_values(
        &mut self,
        unpivot: &Unpivot,
        context: &mut ExprContext,
    ) -> Result<(Vec<ResolvedExpr>, Vec<(Vec<ResolvedExpr>, Option<String>)>)> {
        let both_given = unpivot.ids.is_some() && unpivot.values.is_some();
        let ids = match &unpivot.ids {
            Some(ids) => Some(self.attributes(ids, both_given, context)?),
            None => None,
        };
        let values = match &unpivot.values {
            Some(values) => {
                let mut groups = Vec::with_capacity(values.len());
                for (group, alias) in values {
                    let resolved = self.attributes(group, both_given, context)?;
                    // `*` and a list without aliases are groups of one column each.
                    let is_star = matches!(
                        group.as_slice(),
                        [Expr { node: ExprNode::Star { .. } | ExprNode::Regex { .. }, .. }]
                    );
                    if is_star && alias.is_none() {
                        groups.extend(resolved.into_iter().map(|value| (vec![value], None)));
                    } else {
                        groups.push((resolved, alias.clone()));
                    }
                }
                Some(groups)
            }
            None => None,
        };
        match (ids, values) {
            (Some(ids), Some(values)) => Ok((ids, values)),
            (Some(ids), None) => {
                let rest = self.columns_without(context, &ids);
                Ok((ids, rest.into_iter().map(|value| (vec![value], None)).collect()))
            }
            (None, Some(values)) => {
                let used: Vec<ResolvedExpr> =
                    values.iter().flat_map(|(group, _)| group.iter().cloned()).collect();
                Ok((self.columns_without(context, &used), values))
            }
            (None, None) => Err(SparkError::analysis(
                "UNPIVOT_REQUIRES_VALUE_COLUMNS",
                "At least one value column needs to be specified for UNPIVOT, all columns specified \
                 as ids.",
            )),
        }
    }

    fn attributes(
        &mut self,
        exprs: &[Expr],
        both_given: bool,
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        let resolved = self.args(exprs, context)?;
        let other = resolved.iter().find(|item| item.column.is_none());
        match other {
            // Only where the columns of one side are all that the other does not name.
            _ if both_given => Ok(resolved),
            None => Ok(resolved),
            Some(item) => Err(SparkError::analysis(
                "UNPIVOT_REQUIRES_ATTRIBUTES",
                format!(
                    "UNPIVOT requires all given values to be columns when no ids are given. These \
                     are not columns: [\"{}\"].",
                    item.name
                ),
            )
            .with("expressions", format!("\"{}\"", item.name))),
        }
    }

    fn columns_without(
        &self,
        context: &mut ExprContext,
        used: &[ResolvedExpr],
    ) -> Vec<ResolvedExpr> {
        let all = self.all_columns(&context.scope);
        let rest: Vec<_> = all
            .into_iter()
            .filter(|column| !used.iter().any(|own| own.expr == column.expr))
            .collect();
        for column in &rest {
            context.fields.insert(Arc::clone(&column.field));
        }
        rest
    }

    fn value_types(
        &self,
        values: &[(Vec<ResolvedExpr>, Option<String>)],
        n_values: usize,
    ) -> Result<Vec<SparkType>> {
        let mut types = Vec::with_capacity(n_values);
        for position in 0..n_values {
            let own: Vec<SparkType> = values
                .iter()
                .map(|(group, _)| group[position].spark_type())
                .collect::<Result<_>>()?;
            types.push(self.common_type_without_promotion(&own).ok_or_else(|| {
                let mut by_type: Vec<String> = values
                    .iter()
                    .zip(&own)
                    .map(|((group, _), own)| {
                        format!("\"{}\" ({})", own.sql(), quote(group[position].output_name()))
                    })
                    .collect();
                by_type.sort();
                SparkError::analysis(
                    "UNPIVOT_VALUE_DATA_TYPE_MISMATCH",
                    format!(
                        "Unpivot value columns must share a least common type, some types do not: \
                         [{}].",
                        by_type.join(", ")
                    ),
                )
                .with("types", by_type.join(", "))
            })?);
        }
        Ok(types)
    }

    fn text(&self, text: &str) -> Result<Arg> {
        Ok(self.literal(&Literal::String(text.to_owned()))?.arg())
    }
}

/// `expr` as something that may be null, so that structs made of it have one type.
fn nullable(
    expr: datafusion::logical_expr::Expr,
    field: &mut arrow::datatypes::FieldRef,
) -> Result<datafusion::logical_expr::Expr> {
    if field.is_nullable() {
        return Ok(expr);
    }
    let null = datafusion::common::ScalarValue::try_from(field.data_type())?;
    *field = Arc::new(field.as_ref().clone().with_nullable(true));
    let never = datafusion::logical_expr::Expr::IsNull(Box::new(expr.clone()));
    let null = datafusion::logical_expr::Expr::Literal(null, None);
    Ok(datafusion::logical_expr::when(never, null).otherwise(expr)?)
}
