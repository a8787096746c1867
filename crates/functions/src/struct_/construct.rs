//! `struct`, `named_struct`.

use crate::call::{Arg, Call, wrong_num_args};
use crate::conform::conform;
use crate::implicit::{literal_text, not_foldable};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// `struct(a, b)`: a field is called as the column that it holds, or `colN`.
pub(crate) fn make_struct(call: Call<'_>) -> Result<Expr> {
    let named = call.args.into_iter().enumerate().map(|(position, arg)| {
        let name = match &arg.expr {
            Expr::Alias(alias) => alias.name.clone(),
            Expr::Column(_) | Expr::LambdaVariable(_) if !arg.field.name().is_empty() => {
                arg.field.name().clone()
            }
            _ => format!("col{}", position + 1),
        };
        (name, arg)
    });
    build(named.collect())
}

/// `named_struct('a', 1, 'b', 2)`.
pub(crate) fn named_struct(call: Call<'_>) -> Result<Expr> {
    if call.args.len() % 2 != 0 {
        return Err(wrong_num_args("named_struct", "2n (n > 0)", call.args.len()));
    }
    let mut named = Vec::new();
    let mut args = call.args.into_iter();
    while let (Some(name), Some(value)) = (args.next(), args.next()) {
        let name = literal_text(&name).ok_or_else(|| not_foldable("named_struct", "name"))?;
        named.push((name, value));
    }
    build(named)
}

/// A struct of the values under the names `col1`, `col2`, …: for comparing several at once.
pub(crate) fn row(args: Vec<Arg>) -> Expr {
    let named = args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| (format!("col{}", position + 1), arg))
        .collect();
    // Only a type that no Spark type answers to could fail, and these are columns of Spark.
    build(named).unwrap_or_else(|_| datafusion_expr::lit(datafusion_common::ScalarValue::Null))
}

/// A struct of these fields.
pub(crate) fn build(named: Vec<(String, Arg)>) -> Result<Expr> {
    let mut fields = Vec::with_capacity(named.len());
    let mut values = Vec::with_capacity(named.len());
    for (name, arg) in named {
        let source = StructField::from_arrow(&arg.field)?;
        let mut field = StructField::new(name, source.data_type, source.nullable);
        field.metadata = source.metadata;
        fields.push(field);
        values.push(match arg.expr {
            Expr::Alias(alias) => *alias.expr,
            other => other,
        });
    }
    let n_fields = fields.len();
    let result = SparkType::Struct(StructType::new(fields));
    let kernel = NAMED_STRUCT.kernel(n_fields, &result);
    Ok(kernel.nullable(Nullable::Never).call(values))
}

pub(super) static NAMED_STRUCT: Kind<usize> = Kind::new("named_struct", evaluate);

fn evaluate(_n_fields: &usize, input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::Struct(fields) = input.result else {
        return Err(SparkError::internal("named_struct answers with a struct"));
    };
    if fields.is_empty() {
        return Ok(Arc::new(StructArray::new_empty_fields(input.n_rows, None)));
    }
    let columns = input
        .args
        .iter()
        .zip(fields)
        .map(|(column, field)| conform(column, field.data_type()))
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
}
