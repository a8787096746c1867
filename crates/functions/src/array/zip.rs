//! `arrays_zip(a, b, …)`: an array of structs, as long as the longest, null in the gaps.

use super::taken::rows_of;
use crate::call::Call;
use crate::conform::conform;
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, ListArray, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

pub(crate) fn arrays_zip(call: Call<'_>) -> Result<Expr> {
    let mut fields = Vec::new();
    let mut exprs = Vec::new();
    for (position, arg) in call.args.into_iter().enumerate() {
        let SparkType::Array { element, .. } = arg.spark_type()? else {
            return Err(unexpected_type("arrays_zip", position, &arg, "ARRAY"));
        };
        // A field is called as the column that it comes from, or by its position.
        let named = matches!(arg.expr, Expr::Column(_) | Expr::Alias(_) | Expr::LambdaVariable(_));
        let name = match &arg.expr {
            Expr::Alias(alias) => alias.name.clone(),
            _ if named && !arg.field.name().is_empty() => arg.field.name().clone(),
            _ => position.to_string(),
        };
        fields.push(StructField::new(name, *element, true));
        exprs.push(arg.expr);
    }
    let element = Box::new(SparkType::Struct(StructType::new(fields)));
    let result = SparkType::Array { element, contains_null: false };
    Ok(ZIP.kernel((), &result).nullable(Nullable::Propagate).call(exprs))
}

pub(super) static ZIP: Kind<()> = Kind::new("arrays_zip", evaluate);

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::List(element) = input.result else {
        return Err(SparkError::internal("arrays_zip answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("arrays_zip answers with structs"));
    };
    let lists = (0..input.args.len()).map(|arg| input.list(arg)).collect::<Result<Vec<_>>>()?;
    let valid: Vec<bool> =
        (0..input.n_rows).map(|row| lists.iter().all(|list| list.is_valid(row))).collect();
    let length = |row: usize| match valid[row] {
        true => lists.iter().map(|list| rows_of(list, row).len()).max().unwrap_or(0),
        false => 0,
    };
    let lengths: Vec<_> = (0..input.n_rows).map(length).collect();
    let columns = lists
        .iter()
        .zip(fields)
        .map(|(list, field)| {
            let rows = lengths.iter().enumerate().flat_map(|(row, n)| {
                let range = rows_of(list, row);
                (0..*n)
                    .map(move |place| (place < range.len()).then_some((range.start + place) as u32))
            });
            let rows = rows.collect::<UInt32Array>();
            conform(&take(list.values(), &rows, None)?, field.data_type())
        })
        .collect::<Result<Vec<_>>>()?;
    let n_elements = lengths.iter().sum();
    let elements = if columns.is_empty() {
        StructArray::new_empty_fields(n_elements, None)
    } else {
        StructArray::try_new(fields.clone(), columns, None)?
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    let nulls = Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, Arc::new(elements), nulls)?))
}
