//! Rows that the client sent.

use crate::resolve::{Resolved, Resolver, Table};
use crate::spec::LocalRelation;
use arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StructArray, make_array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::{CastOptions, cast_with_options, concat_batches};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::datasource::MemTable;
use firesteel_common::types::{schema_from_arrow, schema_to_arrow};
use firesteel_common::{Result, SparkError, StructType};
use std::collections::HashSet;
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn local(&mut self, local: &LocalRelation) -> Result<Resolved> {
        let schema = match (&local.schema, local.batches.first()) {
            (Some(schema), _) => schema.clone(),
            (None, Some(batch)) => schema_from_arrow(&batch.schema())?,
            (None, None) => StructType::default(),
        };
        self.rows(schema, &local.batches)
    }

    /// Rows in memory as a relation, dealt out to the task slots as Spark slices a local collection.
    pub(crate) fn rows(&mut self, schema: StructType, batches: &[RecordBatch]) -> Result<Resolved> {
        let arrow_schema = Arc::new(distinctly_named(schema_to_arrow(&schema)));
        let batches = batches
            .iter()
            .map(|batch| as_schema(batch, &arrow_schema))
            .collect::<Result<Vec<_>>>()?;
        let partitions = sliced(&arrow_schema, batches, self.settings.slots)?;
        let provider = Arc::new(MemTable::try_new(arrow_schema, partitions)?);
        self.table(Table::Provider { provider, schema, qualifier: Vec::new() }, Vec::new())
    }
}

/// Columns that repeat a name get another one: a table of the plan may not have two of one name.
fn distinctly_named(schema: Schema) -> Schema {
    let mut seen = HashSet::new();
    let fields = schema.fields().iter().enumerate().map(|(position, field)| {
        let mut name = field.name().clone();
        while !seen.insert(name.clone()) {
            name = format!("{name}.{position}");
        }
        field.as_ref().clone().with_name(name)
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

/// `batch` with the columns' types of `schema`, by position.
fn as_schema(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if batch.num_columns() != schema.fields().len() {
        return Err(SparkError::invalid_plan(format!(
            "a local relation of {} columns has a schema of {}",
            batch.num_columns(),
            schema.fields().len()
        )));
    }
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| Ok(with_nulls_below(&as_type(column, field.data_type())?)))
        .collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|error| {
        SparkError::analysis(
            "NOT_NULL_ASSERT_VIOLATION",
            format!("NULL value appeared in non-nullable field: {error}"),
        )
    })
}

fn as_type(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    if column.data_type() == data_type {
        return Ok(Arc::clone(column));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Ok(cast_with_options(column, data_type, &options)?)
}

/// `column` with the fields of null structs null: Arrow leaves their values open, and a client sends
/// zeros, which reading a field would show.
fn with_nulls_below(column: &ArrayRef) -> ArrayRef {
    if !column.data_type().is_nested() {
        return Arc::clone(column);
    }
    let data = column.to_data();
    match column.data_type() {
        DataType::Struct(fields) => {
            let own = column.as_struct();
            let children = own.columns().iter().zip(fields).map(|(child, field)| {
                let nulls = match field.is_nullable() {
                    true => NullBuffer::union(own.nulls(), child.nulls()),
                    false => child.nulls().cloned(),
                };
                let builder = child.to_data().into_builder().nulls(nulls);
                let child = builder.build().map(make_array).unwrap_or_else(|_| Arc::clone(child));
                with_nulls_below(&child)
            });
            let children: Vec<ArrayRef> = children.collect();
            match StructArray::try_new(fields.clone(), children, own.nulls().cloned()) {
                Ok(array) => Arc::new(array),
                Err(_) => Arc::clone(column),
            }
        }
        DataType::List(_) | DataType::Map(..) => {
            let values: Vec<_> = data
                .child_data()
                .iter()
                .map(|child| with_nulls_below(&make_array(child.clone())).to_data())
                .collect();
            let built = data.into_builder().child_data(values).build();
            built.map(make_array).unwrap_or_else(|_| Arc::clone(column))
        }
        _ => Arc::clone(column),
    }
}

/// Slice `i` of `n` is rows `i * rows / n` to `(i + 1) * rows / n`.
fn sliced(
    schema: &SchemaRef,
    batches: Vec<RecordBatch>,
    n_slots: usize,
) -> Result<Vec<Vec<RecordBatch>>> {
    let n_rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let n_slices = n_slots.min(n_rows).max(1);
    if n_slices == 1 {
        return Ok(vec![batches]);
    }
    let whole = match batches.as_slice() {
        [one] => one.clone(),
        several => concat_batches(schema, several)?,
    };
    let starts = (0..=n_slices).map(|slice| slice * n_rows / n_slices).collect::<Vec<_>>();
    Ok(starts.windows(2).map(|ends| vec![whole.slice(ends[0], ends[1] - ends[0])]).collect())
}
