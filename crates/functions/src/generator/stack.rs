//! `stack(n, v1, …, vk)`: the values laid out in n rows.

use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::coercion::common_type;
use crate::conform::conform;
use crate::implicit::{literal_long, not_foldable};
use crate::registry::GeneratorCall;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, ListArray, StructArray, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Layout {
    n_rows: usize,
    n_columns: usize,
}

pub(crate) fn stack(call: Call<'_>) -> Result<GeneratorCall> {
    call.check_arity(2, usize::MAX)?;
    let settings = call.settings;
    let mut args = call.args;
    let n_rows = literal_long(&args.remove(0)).ok_or_else(|| not_foldable("stack", "n"))?;
    if n_rows <= 0 {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            format!(
                "Cannot resolve \"stack\" due to data type mismatch: The n must be between (0, \
                 2147483647] (current value = {n_rows})."
            ),
        )
        .with("exprName", "`n`")
        .with("valueRange", "(0, 2147483647]")
        .with("currentValue", n_rows.to_string()));
    }
    let n_rows = n_rows as usize;
    let n_columns = args.len().div_ceil(n_rows);
    let complete = n_rows * n_columns == args.len();
    let mut fields = Vec::with_capacity(n_columns);
    for column in 0..n_columns {
        let cells = args.iter().skip(column).step_by(n_columns);
        let mut found: Option<SparkType> = None;
        let mut nullable = !complete;
        for cell in cells {
            nullable |= cell.field.is_nullable();
            found = Some(match found {
                None => cell.spark_type()?,
                Some(so_far) => {
                    let next = cell.spark_type()?;
                    common_type(&so_far, &next, settings).ok_or_else(|| {
                        SparkError::analysis(
                            "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES",
                            format!(
                                "Cannot resolve \"stack\" due to data type mismatch: The data type \
                                 of the column ({column}) do not have the same type: \"{}\" <> \
                                 \"{}\".",
                                so_far.sql(),
                                next.sql()
                            ),
                        )
                    })?
                }
            });
        }
        let data_type = found.unwrap_or(SparkType::Null);
        fields.push(StructField::new(format!("col{column}"), data_type, nullable));
    }
    let values = args
        .into_iter()
        .enumerate()
        .map(|(position, arg): (usize, Arg)| {
            let target = &fields[position % n_columns].data_type;
            cast(arg, target, EvalMode::of(settings), settings)
        })
        .collect::<Result<Vec<_>>>()?;
    let element = Box::new(SparkType::Struct(StructType::new(fields.clone())));
    let result = SparkType::Array { element, contains_null: false };
    let kernel = STACK.kernel(Layout { n_rows, n_columns }, &result);
    Ok(GeneratorCall {
        rows: kernel.nullable(Nullable::Never).call(values),
        columns: fields.iter().map(StructField::to_arrow).collect(),
        outer: false,
    })
}

pub(super) static STACK: Kind<Layout> = Kind::new("stack", evaluate);

fn evaluate(layout: &Layout, input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::List(element) = input.result else {
        return Err(SparkError::internal("stack answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("stack answers with structs"));
    };
    let mut columns = Vec::with_capacity(layout.n_columns);
    for (column, field) in fields.iter().enumerate() {
        let cells = (0..layout.n_rows)
            .map(|row| match input.args.get(row * layout.n_columns + column) {
                Some(cell) => conform(cell, field.data_type()),
                None => Ok(new_null_array(field.data_type(), input.n_rows)),
            })
            .collect::<Result<Vec<_>>>()?;
        let cells: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
        let order: Vec<_> = (0..input.n_rows)
            .flat_map(|row| (0..layout.n_rows).map(move |cell| (cell, row)))
            .collect();
        columns.push(interleave(&cells, &order)?);
    }
    let elements = Arc::new(StructArray::try_new(fields.clone(), columns, None)?);
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(layout.n_rows, input.n_rows));
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, elements, None)?))
}
