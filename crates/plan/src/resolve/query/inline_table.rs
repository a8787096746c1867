//! `VALUES (…), (…)`.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::unnest::has_subquery;
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{Expr, ExprNode};
use arrow::datatypes::Field;
use datafusion::common::DFSchema;
use datafusion::logical_expr::{LogicalPlan, Values};
use firesteel_common::{Result, SparkError, SparkType, StructField};
use std::collections::HashMap;
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn inline_table(&mut self, rows: &[Vec<Expr>]) -> Result<Resolved> {
        let mut context = ExprContext::new(&Arc::new(Scope::default()), Clause::Other);
        let n_columns = rows.first().map_or(0, Vec::len);
        let mut resolved: Vec<Vec<ResolvedExpr>> = Vec::with_capacity(rows.len());
        for (position, row) in rows.iter().enumerate() {
            if row.len() != n_columns {
                return Err(SparkError::analysis(
                    "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
                    format!(
                        "Invalid inline table. Inline table expected {n_columns} columns but found \
                         {} columns in row {position}.",
                        row.len()
                    ),
                )
                .with("expectedNumCols", n_columns.to_string())
                .with("actualNumCols", row.len().to_string())
                .with("rowIndex", position.to_string()));
            }
            let mut values = Vec::with_capacity(n_columns);
            for expr in row {
                let unaliased = match &expr.node {
                    ExprNode::Alias { expr, .. } => expr,
                    _ => expr,
                };
                let value = self.expr(unaliased, &mut context)?;
                if has_subquery(&value.expr) {
                    return Err(SparkError::analysis(
                        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.SCALAR_SUBQUERY_IN_VALUES",
                        "Unsupported subquery expression: Scalar subqueries in the VALUES clause.",
                    ));
                }
                values.push(value);
            }
            resolved.push(values);
        }
        let mut types = Vec::with_capacity(n_columns);
        for position in 0..n_columns {
            let column_types: Vec<SparkType> =
                resolved.iter().map(|row| row[position].spark_type()).collect::<Result<_>>()?;
            types.push(self.common_type_without_promotion(&column_types).ok_or_else(|| {
                SparkError::analysis(
                    "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE",
                    format!(
                        "Invalid inline table. Found incompatible types in the column \
                         `col{}` for inline table.",
                        position + 1
                    ),
                )
                .with("colName", format!("`col{}`", position + 1))
            })?);
        }
        let mut values = Vec::with_capacity(resolved.len());
        let mut nullable = vec![false; n_columns];
        for row in resolved {
            let mut coerced = Vec::with_capacity(n_columns);
            for (position, (value, target)) in row.into_iter().zip(&types).enumerate() {
                let value = self.coerce(value, target, &context)?;
                nullable[position] |= value.field.is_nullable();
                coerced.push(value.expr);
            }
            values.push(coerced);
        }
        let mut columns = Vec::with_capacity(n_columns);
        let mut fields = Vec::with_capacity(n_columns);
        for (position, (data_type, nullable)) in types.into_iter().zip(nullable).enumerate() {
            let internal = self.fresh();
            let shown = StructField::new(format!("col{}", position + 1), data_type, nullable);
            let field = Field::clone(&shown.to_arrow()).with_name(&internal);
            fields.push((None, Arc::new(field)));
            columns.push(Column::new(internal, shown, Vec::new()));
        }
        let schema = Arc::new(DFSchema::new_with_metadata(fields, HashMap::new())?);
        let plan = LogicalPlan::Values(Values { schema, values });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }
}
