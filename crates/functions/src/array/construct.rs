//! `array`, `array_repeat`.

use super::taken::{Taken, elements_max, too_many};
use crate::call::Call;
use crate::coercion::unify;
use crate::conform::conform;
use crate::implicit::{diff_types, implicit, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use arrow::array::{Array, ArrayRef, ListArray, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Int32Type};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// `array(a, b, …)`: the arguments, brought to one type, as elements.
pub(crate) fn array(call: Call<'_>) -> Result<Expr> {
    let contains_null = call.args.iter().any(|arg| arg.field.is_nullable());
    let types = call.args.iter().map(|arg| arg.spark_type()).collect::<Result<Vec<_>>>()?;
    let (args, element) = if call.args.is_empty() {
        (vec![], SparkType::Null)
    } else {
        unify(call.args, call.settings)?.ok_or_else(|| diff_types("array", &types))?
    };
    let result = SparkType::Array { element: Box::new(element), contains_null };
    Ok(ARRAY.kernel((), &result).nullable(Nullable::Never).call(args))
}

pub(super) static ARRAY: Kind<()> = Kind::new("array", evaluate);

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("array answers with a list"));
    };
    let n = input.args.len();
    let elements = if n == 0 {
        new_empty_array(field.data_type())
    } else {
        let columns = input
            .args
            .iter()
            .map(|column| conform(column, field.data_type()))
            .collect::<Result<Vec<_>>>()?;
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        let order: Vec<_> =
            (0..input.n_rows).flat_map(|row| (0..n).map(move |column| (column, row))).collect();
        interleave(&columns, &order)?
    };
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(n, input.n_rows));
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, elements, None)?))
}

/// `array_repeat(value, n)`.
pub(crate) fn array_repeat(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [value, count] = call.exactly()?;
    let element = Box::new(value.spark_type()?);
    let result = SparkType::Array { element, contains_null: value.field.is_nullable() };
    let nullable = if count.field.is_nullable() { Nullable::Always } else { Nullable::Never };
    if count.spark_type()?.is_string() {
        return Err(unexpected_type("array_repeat", 1, &count, "INT"));
    }
    let count = implicit("array_repeat", 1, count, &SparkType::Integer, settings)?;
    let kernel = REPEAT.kernel((), &result);
    Ok(kernel.nullable(nullable).call(vec![value.expr, count]))
}

pub(super) static REPEAT: Kind<()> = Kind::new("array_repeat", |(), input| {
    let counts = input.primitive::<Int32Type>(1)?;
    let mut taken = Taken::default();
    let mut n_elements = 0;
    for row in 0..input.n_rows {
        match at(counts, row) {
            None => taken.end_null(),
            Some(count) => {
                let length = i64::from(count.max(0));
                n_elements += length;
                if n_elements > elements_max() {
                    return Err(too_many("array_repeat", length));
                }
                taken.extend(std::iter::repeat_n(row, count.max(0) as usize));
                taken.end_list();
            }
        }
    }
    taken.finish(&input.args[0], input.result)
});
