//! `transpose`: columns become rows, values of the index column become column names.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{CastMode, Expr, ExprNode, LocalRelation, Relation, RelationNode, SortOrder};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::{concat, concat_batches};
use arrow::record_batch::RecordBatch;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType, types};
use std::sync::Arc;

/// `spark.sql.transposeMaxValues`: more rows than this would be more columns than anyone reads.
const ROWS_MAX: usize = 500;

impl Resolver<'_> {
    /// The index column (the first when none is given) orders and names the new columns; rows whose
    /// index is null are left out. Needs the data to know the schema, so it runs now.
    pub(super) fn transpose(&mut self, input: &Relation, index: &[Expr]) -> Result<Resolved> {
        let input = self.relation(input)?;
        let Some(first) = input.scope.columns.first() else {
            let none = LocalRelation { schema: Some(StructType::default()), batches: Vec::new() };
            return self.relation(&RelationNode::Local(none).into());
        };
        let resolved = match index {
            [index] if matches!(index.node, ExprNode::Attribute { .. }) => {
                let mut context = ExprContext::new(&input.scope, Clause::Other);
                self.expr(index, &mut context)?.column
            }
            [_] => None,
            _ => Some(first.clone()),
        };
        let columns = &input.scope.columns;
        let place = resolved
            .and_then(|own| columns.iter().position(|column| column.internal == own.internal));
        let Some(index_position) = place else {
            return Err(invalid_index("Index column must be an atomic attribute"));
        };
        let index_type = &columns[index_position].field.data_type;
        if matches!(
            index_type,
            SparkType::Array { .. } | SparkType::Map { .. } | SparkType::Struct(_)
        ) {
            let reason = format!(
                "Index column must be of atomic type, but found: {}",
                index_type.scala_string()
            );
            return Err(invalid_index(&reason));
        }
        let others = |resolved: &Resolved| -> Vec<StructField> {
            let columns = resolved.scope.columns.iter().enumerate();
            let others = columns.filter(|(position, _)| *position != index_position);
            others.map(|(_, column)| column.field.clone()).collect()
        };
        let values = others(&input);
        let input = self.distinctly_named(&input);
        let distinct = others(&input);
        let index = Expr::attribute([input.scope.columns[index_position].field.name.clone()]);
        let common = self.transposed_type(&values)?;
        let rows = self.transposed_input(input, index, &distinct, &common)?;
        let batches = self.env.collect(self.runnable(rows.plan)?)?;
        let local = transposed(&batches, &values, &common)?;
        self.relation(&RelationNode::Local(local).into())
    }

    /// The type of all values; strings are not made of other types.
    fn transposed_type(&self, values: &[StructField]) -> Result<SparkType> {
        let Some((first, others)) = values.split_first() else { return Ok(SparkType::string()) };
        others.iter().try_fold(first.data_type.clone(), |common, next| {
            let pair = [common, next.data_type.clone()];
            self.common_type_without_promotion(&pair).ok_or_else(|| {
                let [left, right] = pair.map(|own| format!("\"{}\"", own.sql()));
                SparkError::analysis(
                    "TRANSPOSE_NO_LEAST_COMMON_TYPE",
                    format!(
                        "Transpose requires non-index columns to share a least common type, but \
                         {left} and {right} do not."
                    ),
                )
                .with("dt1", left)
                .with("dt2", right)
            })
        })
    }

    /// The index as text, then the other columns as the common type, in order of the index.
    fn transposed_input(
        &mut self,
        input: Resolved,
        index: Expr,
        values: &[StructField],
        common: &SparkType,
    ) -> Result<Resolved> {
        let cast = |expr: Expr, to: &SparkType| -> Expr {
            ExprNode::Cast { expr: Box::new(expr), to: to.clone(), mode: CastMode::Session }.into()
        };
        let order =
            vec![SortOrder { child: Box::new(index.clone()), ascending: true, nulls_first: None }];
        let present = RelationNode::Filter {
            input: self.given(input),
            condition: Expr::call("isnotnull", vec![index.clone()]),
        };
        let sorted = RelationNode::Sort { input: present.into(), order, global: true };
        let mut exprs = vec![cast(index, &SparkType::string())];
        exprs
            .extend(values.iter().map(|field| cast(Expr::attribute([field.name.clone()]), common)));
        let project = RelationNode::Project { input: sorted.into(), exprs };
        let resolved = self.relation(&project.into())?;
        self.exact(resolved)
    }
}

fn invalid_index(reason: &str) -> SparkError {
    SparkError::analysis(
        "TRANSPOSE_INVALID_INDEX_COLUMN",
        format!("Invalid index column for TRANSPOSE because: {reason}"),
    )
    .with("reason", reason)
}

fn transposed(
    batches: &[RecordBatch],
    values: &[StructField],
    common: &SparkType,
) -> Result<LocalRelation> {
    let key = StructField::new("key", SparkType::string(), false);
    let names: ArrayRef =
        Arc::new(StringArray::from_iter_values(values.iter().map(|field| &field.name)));
    let (mut fields, mut columns) = (vec![key], vec![names]);
    if let Some(first) = batches.first() {
        let all = concat_batches(&first.schema(), batches)?;
        if all.num_rows() > ROWS_MAX {
            return Err(SparkError::analysis(
                "TRANSPOSE_EXCEED_ROW_LIMIT",
                format!(
                    "Number of rows exceeds the allowed limit of {ROWS_MAX} for TRANSPOSE, got {}.",
                    all.num_rows()
                ),
            )
            .with("maxValues", ROWS_MAX.to_string()));
        }
        let index = all.column(0).as_string::<i32>();
        for row in 0..all.num_rows() {
            fields.push(StructField::new(index.value(row), common.clone(), true));
            let cells: Vec<ArrayRef> =
                all.columns()[1..].iter().map(|column| column.slice(row, 1)).collect();
            let cells: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
            columns.push(match cells.as_slice() {
                [] => arrow::array::new_empty_array(&common.to_arrow()),
                cells => concat(cells)?,
            });
        }
    }
    let schema = StructType::new(fields);
    let batch = RecordBatch::try_new(Arc::new(types::schema_to_arrow(&schema)), columns)?;
    Ok(LocalRelation { schema: Some(schema), batches: vec![batch] })
}
