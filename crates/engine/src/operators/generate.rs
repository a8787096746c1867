//! `Generate`: `explode` and its kin (Spark's `GenerateExec`).

use super::pieces::Pieces;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array, new_null_array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use firesteel_common::wire;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// For each input row, one output row per element of `rows`: the input's columns repeated, then the
/// fields of the element. Memory: one output batch of about `batch_size` rows, and the lists of as many
/// input rows as functions make at a time.
#[derive(Debug, Clone)]
pub struct GenerateExec {
    pub rows: Arc<dyn PhysicalExpr>,
    pub columns: Vec<FieldRef>,
    pub outer: bool,
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    #[serde(with = "wire::fields")]
    columns: Vec<Vec<FieldRef>>,
    outer: bool,
}

impl UnaryExec for GenerateExec {
    const NAME: &'static str = "GenerateExec";
    const KEEPS_ORDER: bool = true;
    type Parameters = Parameters;

    fn details(&self) -> String {
        format!("{}, outer={}", self.rows, self.outer)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = input.schema();
        let fields: Vec<_> = schema.fields().iter().chain(&self.columns).cloned().collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        // The columns that are repeated come first: whoever sorted below counts on their order.
        let orderings = input.equivalence_properties().oeq_class().iter().cloned();
        let orderings = orderings.collect::<Vec<_>>();
        let equivalences = EquivalenceProperties::new_with_orderings(schema, orderings);
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.rows]
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let batch_size = task.context.session_config().batch_size();
        let (rows, outer, schema) = (Arc::clone(&self.rows), self.outer, Arc::clone(&task.schema));
        // Lists may be long: of as many rows at a time as the functions that make them have room for.
        let lists = task.input()?.map_ok(move |batch| {
            let rows = Arc::clone(&rows);
            let mut parts = Pieces::of(batch);
            stream::iter(std::iter::from_fn(move || {
                parts.next(|part| {
                    let lists = rows.evaluate(part)?.into_array(part.num_rows())?;
                    Ok((part.clone(), lists))
                })
            }))
        });
        let output = lists.try_flatten().map(move |made| {
            let (batch, lists) = made?;
            let schema = Arc::clone(&schema);
            let pieces = pieces(&lists, outer, batch_size)?;
            Ok::<_, DataFusionError>(stream::iter(
                pieces
                    .into_iter()
                    .map(move |piece| generate(&batch, lists.as_list::<i32>(), &piece, &schema)),
            ))
        });
        let output = output.try_flatten().boxed();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        Ok(Parameters { columns: vec![self.columns.clone()], outer: self.outer })
    }

    fn decode(parameters: Parameters, exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let columns = parameters.columns.into_iter().flatten().collect();
        match exprs.into_iter().next() {
            Some(rows) => Ok(Self { rows, columns, outer: parameters.outer }),
            None => internal_err!("GenerateExec without its expression"),
        }
    }
}

/// Positions that make one output batch.
#[derive(Default)]
struct Piece {
    /// Input row of each output row.
    input_rows: Vec<u32>,
    /// Element of each output row; none for the nulls of an outer generator.
    elements: Vec<Option<u32>>,
}

fn pieces(lists: &ArrayRef, outer: bool, batch_size: usize) -> Result<Vec<Piece>> {
    let Some(lists) = lists.as_list_opt::<i32>() else {
        return internal_err!("a generator must give lists, got {}", lists.data_type());
    };
    let mut done = Vec::new();
    let mut piece = Piece::default();
    for (row, bounds) in lists.value_offsets().windows(2).enumerate() {
        let empty = lists.is_null(row) || bounds[0] == bounds[1];
        if !empty {
            let mut elements = bounds[0] as u32..bounds[1] as u32;
            while !elements.is_empty() {
                // A list much longer than a batch leaves in several.
                let room = (2 * batch_size).saturating_sub(piece.input_rows.len()).max(1);
                let end = elements.end.min(elements.start.saturating_add(room as u32));
                let part = elements.start..end;
                elements.start = end;
                piece.input_rows.extend(std::iter::repeat_n(row as u32, part.len()));
                piece.elements.extend(part.map(Some));
                if !elements.is_empty() {
                    done.push(std::mem::take(&mut piece));
                }
            }
        } else if outer {
            piece.input_rows.push(row as u32);
            piece.elements.push(None);
        }
        if piece.input_rows.len() >= batch_size {
            done.push(std::mem::take(&mut piece));
        }
    }
    if !piece.input_rows.is_empty() {
        done.push(piece);
    }
    Ok(done)
}

fn generate(
    batch: &RecordBatch,
    lists: &ListArray,
    piece: &Piece,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let input_rows = UInt32Array::from(piece.input_rows.clone());
    let mut columns = Vec::with_capacity(schema.fields().len());
    for column in batch.columns() {
        columns.push(take(column, &input_rows, None)?);
    }
    let elements = UInt32Array::from(piece.elements.clone());
    match lists.values().as_struct_opt() {
        Some(values) => {
            // A null element of `inline` is a row of nulls: the struct's nulls reach its fields.
            let taken = take(values, &elements, None)?;
            let taken = taken.as_struct();
            for (position, field) in taken.fields().iter().enumerate() {
                let column = taken.column(position);
                columns.push(match taken.nulls() {
                    Some(nulls) if column.data_type().is_null() => {
                        new_null_array(field.data_type(), nulls.len())
                    }
                    Some(_) => mask(column, taken)?,
                    None => Arc::clone(column),
                });
            }
        }
        None => columns.push(take(lists.values(), &elements, None)?),
    }
    let options = RecordBatchOptions::new().with_row_count(Some(piece.input_rows.len()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

/// `column` with nulls where `parent` is null.
fn mask(column: &ArrayRef, parent: &dyn Array) -> Result<ArrayRef> {
    let rows: UInt32Array =
        (0..parent.len()).map(|row| parent.is_valid(row).then_some(row as u32)).collect();
    Ok(take(column, &rows, None)?)
}
