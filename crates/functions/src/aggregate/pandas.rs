//! Aggregates that only the pandas API on Spark calls (`PandasAggregate.scala`): they count degrees of freedom and
//! missing values as pandas does.

use super::builders::{fold, result_field};
use super::fold::Fold;
use super::gather::{Gather, GatherKind, Gathered};
use super::moments::{Moments, Statistic};
use super::states::AggregateFunction;
use crate::call::AggregateCall;
use crate::implicit::{implicit, literal_boolean, literal_long, not_foldable};
use crate::wire::Name;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, ListArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef, Float64Type, Int64Type};
use arrow::row::{RowConverter, SortField};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::collections::HashMap;
use std::sync::Arc;

/// `pandas_stddev(x, ddof)`, `pandas_var(x, ddof)`, `pandas_covar(x, y, ddof)`, `pandas_skew(x)`, `pandas_kurt(x)`.
pub(super) fn moments(mut call: AggregateCall<'_>) -> Result<Expr> {
    let settings = call.call.settings;
    let (name, n_values, has_ddof) = match call.call.name {
        "pandas_stddev" => ("pandas_stddev", 1, true),
        "pandas_var" => ("pandas_var", 1, true),
        "pandas_covar" => ("pandas_covar", 2, true),
        "pandas_skew" => ("pandas_skew", 1, false),
        _ => ("pandas_kurt", 1, false),
    };
    let n_args = n_values + usize::from(has_ddof);
    call.call.check_arity(n_args, n_args)?;
    let mut args = std::mem::take(&mut call.call.args);
    let ddof = match args.split_off(n_values).first() {
        Some(arg) => literal_long(arg).ok_or_else(|| not_foldable(name, "ddof"))?,
        None => 0,
    };
    let statistic = match name {
        "pandas_stddev" => Statistic::PandasStddev(ddof),
        "pandas_var" => Statistic::PandasVar(ddof),
        "pandas_covar" => Statistic::PandasCovar(ddof),
        "pandas_skew" => Statistic::PandasSkew,
        _ => Statistic::PandasKurt,
    };
    let args = args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| implicit(name, position, arg, &SparkType::Double, settings))
        .collect::<Result<Vec<_>>>()?;
    let result = result_field(name, &SparkType::Double, true);
    Ok(Moments { name: Name(name), statistic, result }.call(args, call.distinct, call.filter))
}

/// `pandas_product(x, dropna)`: null if a value is missing and missing ones count.
pub(super) fn product(mut call: AggregateCall<'_>) -> Result<Expr> {
    const NAME: &str = "pandas_product";
    call.call.check_arity(2, 2)?;
    let (arg, drops) = value_and_flag(NAME, &mut call)?;
    let is_integral = matches!(
        arg.spark_type()?,
        SparkType::Byte | SparkType::Short | SparkType::Integer | SparkType::Long
    );
    let result = if is_integral { SparkType::Long } else { SparkType::Double };
    let nullable = arg.field.is_nullable();
    let value = implicit(NAME, 0, arg, &result, call.call.settings)?;
    if is_integral && (drops || !nullable) {
        return Ok(fold::<Int64Type>(NAME, Fold::Product, &result, vec![value], call));
    }
    if drops {
        return Ok(fold::<Float64Type>(NAME, Fold::Product, &result, vec![value], call));
    }
    let kind = if is_integral { &PRODUCT_OF_LONGS } else { &PRODUCT };
    let function = Gather {
        kind,
        name: NAME,
        params: (),
        skip_nulls_of: None,
        result: result_field(NAME, &result, true),
    };
    Ok(function.call(vec![value], call.distinct, call.filter))
}

fn value_and_flag(name: &str, call: &mut AggregateCall<'_>) -> Result<(crate::call::Arg, bool)> {
    let mut args = std::mem::take(&mut call.call.args).into_iter();
    let (Some(value), Some(flag)) = (args.next(), args.next()) else {
        return Err(SparkError::internal(format!("{name} without arguments")));
    };
    let flag = literal_boolean(&flag).ok_or_else(|| not_foldable(name, "dropna"))?;
    Ok((value, flag))
}

pub(super) static PRODUCT: GatherKind<()> = GatherKind::new("pandas_product", |(), gathered, _| {
    let column = gathered.columns.first().map(|column| column.as_primitive::<Float64Type>());
    let answers = gathered.groups().map(|rows| {
        let Some(column) = column else { return Some(1.0) };
        rows.map(|row| column.is_valid(row).then(|| column.value(row))).product()
    });
    Ok(Arc::new(answers.collect::<Float64Array>()) as ArrayRef)
});

pub(super) static PRODUCT_OF_LONGS: GatherKind<()> =
    GatherKind::new("pandas_product.long", |(), gathered, _| {
        let column = gathered.columns.first().map(|column| column.as_primitive::<Int64Type>());
        let answers = gathered.groups().map(|rows| {
            let Some(column) = column else { return Some(1) };
            let mut values = rows.map(|row| column.is_valid(row).then(|| column.value(row)));
            values.try_fold(1_i64, |product, value| Some(product.wrapping_mul(value?)))
        });
        Ok(Arc::new(answers.collect::<Int64Array>()) as ArrayRef)
    });

/// `pandas_mode(x, dropna)`: a list of the values that are most frequent.
pub(super) fn mode(mut call: AggregateCall<'_>) -> Result<Expr> {
    const NAME: &str = "pandas_mode";
    call.call.check_arity(2, 2)?;
    let (arg, drops) = value_and_flag(NAME, &mut call)?;
    let result = SparkType::Array { element: Box::new(arg.spark_type()?), contains_null: true };
    let function = Gather {
        kind: &MODE,
        name: NAME,
        params: (),
        skip_nulls_of: drops.then_some(0),
        result: result_field(NAME, &result, false),
    };
    Ok(function.call(vec![arg.expr], call.distinct, call.filter))
}

pub(super) static MODE: GatherKind<()> = GatherKind::new("pandas_mode", most_frequent);

fn most_frequent((): &(), gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let DataType::List(element) = result.data_type() else {
        return Err(SparkError::internal("pandas_mode answers with a list"));
    };
    let (mut picked, mut lengths) = (Vec::new(), Vec::new());
    if let Some(column) = gathered.columns.first() {
        let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
        let keys = converter.convert_columns(&[super::normalize_floats(column)])?;
        for range in gathered.groups() {
            let mut counts: HashMap<_, (usize, usize)> = HashMap::new();
            for row in range {
                counts.entry(keys.row(row)).or_insert((0, row)).0 += 1;
            }
            let most = counts.values().map(|(count, _)| *count).max().unwrap_or(0);
            let mut rows: Vec<usize> =
                counts.values().filter(|(count, _)| *count == most).map(|(_, row)| *row).collect();
            rows.sort_unstable();
            lengths.push(rows.len());
            picked.extend(rows.into_iter().map(|row| row as u32));
        }
    } else {
        lengths.resize(gathered.offsets.len() - 1, 0);
    }
    let values = match gathered.columns.first() {
        Some(column) => take(column, &UInt32Array::from(picked), None)?,
        None => arrow::array::new_empty_array(element.data_type()),
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, None)?))
}
