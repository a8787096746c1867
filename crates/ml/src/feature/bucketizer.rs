//! `Bucketizer`: numbers become the number of the interval between split points that they lie in. Also what
//! `QuantileDiscretizer` finds.

use super::map_vectors::arg;
use super::{in_out, in_out_many, udf_error};
use crate::attribute::Attribute;
use crate::linalg::double_text;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::value::Value;
use crate::wire::doubles;
use crate::{Class, FunctionKind, Role, Shared, error};
use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array};
use datafusion_expr::{Expr, cast};
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    Param::new("splits", ParamKind::Doubles, Default::None).valid(Valid::Check(
        |value| match value {
            Value::Doubles(splits) => are_splits(splits),
            _ => false,
        },
    )),
    Param::new("splitsArray", ParamKind::DoubleLists, Default::None).valid(Valid::Check(|value| {
        match value {
            Value::List(lists) => lists.iter().all(|list| match list {
                Value::Doubles(splits) => are_splits(splits),
                _ => false,
            }),
            _ => false,
        }
    })),
    shared::HANDLE_INVALID,
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Bucketizer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

/// At least three points that ascend.
fn are_splits(splits: &[f64]) -> bool {
    splits.len() >= 3 && splits.windows(2).all(|pair| pair[0] < pair[1])
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Splits {
    #[serde(with = "doubles")]
    splits: Vec<f64>,
    /// NaN has a bucket of its own, the last.
    keep: bool,
}

pub(super) static BUCKET: FunctionKind<Splits> = FunctionKind::new("bucketizer", buckets);
/// Whether no value of a row is null or NaN.
pub(super) static ARE_NUMBERS: FunctionKind<()> =
    FunctionKind::new("bucketizer.numbers", are_numbers);

fn transform(params: &Params, frame: Frame, host: &mut dyn TableHost) -> Result<Frame> {
    let pairs =
        in_out_many::pairs(params, &["outputCol", "splits"], &["outputCols", "splitsArray"])?;
    let splits = match params.is_set("inputCols") {
        false if !params.is_set("splits") => {
            return Err(in_out_many::undefined(params, true, "splits"));
        }
        false => vec![params.doubles("splits")?.to_vec()],
        true => match params.get("splitsArray") {
            Some(Value::List(lists)) => lists
                .iter()
                .map(|list| match list {
                    Value::Doubles(splits) => splits.clone(),
                    _ => Vec::new(),
                })
                .collect(),
            _ => return Err(in_out_many::undefined(params, false, "splitsArray")),
        },
    };
    if splits.len() != pairs.len() {
        let lengths = [
            ("inputCols", pairs.len()),
            ("outputCols", pairs.len()),
            ("splitsArray", splits.len()),
        ];
        return Err(in_out_many::mismatched(params, &lengths));
    }
    let pairs =
        pairs.into_iter().zip(splits).map(|((input, output), splits)| (input, output, splits));
    add(frame, pairs.collect(), params.string("handleInvalid")?, host)
}

/// Input, output and split points of each column.
///
/// # Errors
/// Spark's, where a column is missing or of another type.
pub(super) fn add(
    frame: Frame,
    pairs: Vec<(String, String, Vec<f64>)>,
    invalid: &str,
    _: &mut dyn TableHost,
) -> Result<Frame> {
    let mut inputs: Vec<Expr> = Vec::with_capacity(pairs.len());
    for (input, output, _) in &pairs {
        let column = frame.column(input)?;
        if !column.field.data_type.is_numeric() {
            return Err(error::requirement(format!(
                "Column {input} must be of type numeric but was actually of type {}.",
                column.field.data_type.simple_string()
            )));
        }
        in_out::check_column_new(&frame, output)?;
        inputs.push(cast(column.expr(), arrow::datatypes::DataType::Float64));
    }
    let frame = match invalid {
        "skip" => {
            let own =
                ARE_NUMBERS.call(&Shared::new(()), &SparkType::Boolean, false, inputs.clone());
            frame.filter(own)?
        }
        _ => frame,
    };
    let added = pairs.into_iter().zip(inputs).map(|((_, output, splits), input)| {
        let names = splits
            .windows(2)
            .map(|pair| format!("{}, {}", double_text(pair[0]), double_text(pair[1])));
        let attribute = Attribute::Nominal {
            name: None,
            ordinal: Some(true),
            n_values: None,
            values: Some(names.collect()),
        };
        let field = attribute.put_on(StructField::new(output, SparkType::Double, true));
        let with = Shared::new(Splits { splits, keep: invalid == "keep" });
        (BUCKET.call(&with, &SparkType::Double, true, vec![input]), field)
    });
    frame.with_columns(added.collect())
}

fn failed(reason: &str) -> firesteel_common::SparkError {
    udf_error::failed(
        "bucketizer_0 (Bucketizer)",
        "double",
        "double",
        &format!("org.apache.spark.SparkException: {reason}"),
    )
}

fn buckets(with: &Splits, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = crate::data::doubles(arg(args, 0)?)?;
    let mut out = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        out.push(if column.is_null(row) {
            0.0
        } else {
            bucket(&with.splits, column.value(row), with.keep)?
        });
    }
    Ok(Arc::new(Float64Array::new(out.into(), column.nulls().cloned())))
}

/// Intervals are closed below and open above, but the last, which is closed.
fn bucket(splits: &[f64], value: f64, keep: bool) -> Result<f64> {
    let last = splits.len() - 1;
    if value.is_nan() {
        return match keep {
            true => Ok(last as f64),
            false => Err(failed(
                "Bucketizer encountered NaN value. To handle or skip NaNs, try setting Bucketizer.handleInvalid.",
            )),
        };
    }
    if value == splits[last] {
        return Ok((last - 1) as f64);
    }
    // How many points are at or below the value.
    let n_below = splits.partition_point(|split| *split <= value);
    if n_below == 0 || n_below > last {
        let (low, high) = (double_text(splits[0]), double_text(splits[last]));
        return Err(failed(&format!(
            "Feature value {} out of Bucketizer bounds [{low}, {high}]. Check your features, or loosen the \
             lower/upper bound constraints.",
            double_text(value)
        )));
    }
    Ok((n_below - 1) as f64)
}

fn are_numbers(_: &(), args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let mut are = vec![true; n_rows];
    for column in args {
        let column = crate::data::doubles(column)?;
        for (row, is) in are.iter_mut().enumerate() {
            *is &= column.is_valid(row) && !column.value(row).is_nan();
        }
    }
    Ok(Arc::new(BooleanArray::from(are)))
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn ends() {
        let splits = [0.0, 1.0, 2.0];
        let of = |value| bucket(&splits, value, true).ok();
        assert_eq!([0.0, 0.5, 1.0, 2.0].map(of), [Some(0.0), Some(0.0), Some(1.0), Some(1.0)]);
        assert_eq!([-0.1, 2.1, f64::NAN].map(of), [None, None, Some(2.0)]);
    }
}
