//! `ChiSquareTest.test`: Pearson's test of independence of every feature and the label.

use super::distribution::chi_squared_above;
use super::rows;
use crate::error;
use crate::linalg::{Vector, vector_type};
use crate::model::TableArgument;
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array, Int32Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most distinct values of a feature or label: more mean that it is no category.
const CATEGORIES_MAX: usize = 10_000;

/// Of one feature.
struct Tested {
    p_value: f64,
    degrees: i32,
    statistic: f64,
}

/// `chiSquareTest(dataset, features, label, flatten)`.
pub(crate) fn chi_square_test(args: Vec<TableArgument>, host: &mut dyn TableHost) -> Result<Frame> {
    let mut args = args.into_iter();
    let (Some(frame), Some(features), Some(label)) = (args.next(), args.next(), args.next()) else {
        return Err(SparkError::invalid_plan("A test needs a dataset, features and a label."));
    };
    let (Value::String(features), Value::String(label)) = (features.value()?, label.value()?)
    else {
        return Err(SparkError::invalid_plan("Names of columns were expected."));
    };
    let flatten = match args.next() {
        Some(flatten) => flatten.value()?.as_bool().unwrap_or(false),
        None => false,
    };
    let (values, n, labels) = rows::with_label(&frame.frame()?, &features, Some(&label), host)?;
    if values.iter().chain(&labels).any(|value| value.is_nan()) {
        // It equals nothing, so that no category has it.
        return Err(error::failed("key not found: NaN"));
    }
    let tested = (0..n)
        .map(|at| test(values.iter().skip(at).step_by(n).zip(&labels), at))
        .collect::<Result<Vec<_>>>()?;
    let p_values: Vec<f64> = tested.iter().map(|own| own.p_value).collect();
    let statistics: Vec<f64> = tested.iter().map(|own| own.statistic).collect();
    let degrees = Int32Array::from_iter_values(tested.iter().map(|own| own.degrees));
    let (fields, columns): (Vec<_>, Vec<ArrayRef>) = if flatten {
        let positions = Int32Array::from_iter_values(0..n as i32);
        (
            vec![
                StructField::new("featureIndex", SparkType::Integer, false),
                StructField::new("pValue", SparkType::Double, false),
                StructField::new("degreesOfFreedom", SparkType::Integer, false),
                StructField::new("statistic", SparkType::Double, false),
            ],
            vec![
                Arc::new(positions),
                Arc::new(Float64Array::from(p_values)),
                Arc::new(degrees),
                Arc::new(Float64Array::from(statistics)),
            ],
        )
    } else {
        let ints = SparkType::Array { element: Box::new(SparkType::Integer), contains_null: false };
        let DataType::List(element) = ints.to_arrow() else {
            return Err(SparkError::internal("an array is a list"));
        };
        let list =
            ListArray::try_new(element, OffsetBuffer::from_lengths([n]), Arc::new(degrees), None)?;
        (
            vec![
                StructField::new("pValues", vector_type(), true),
                StructField::new("degreesOfFreedom", ints, true),
                StructField::new("statistics", vector_type(), true),
            ],
            vec![
                Vector::column([&Vector::Dense(p_values)])?,
                Arc::new(list),
                Vector::column([&Vector::Dense(statistics)])?,
            ],
        )
    };
    let schema = StructType::new(fields);
    let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), columns)?;
    host.rows(schema, &[batch])
}

fn test<'a>(pairs: impl Iterator<Item = (&'a f64, &'a f64)>, at: usize) -> Result<Tested> {
    let key = |value: &f64| (value + 0.0).to_bits();
    let mut cells: BTreeMap<(u64, u64), f64> = BTreeMap::new();
    let (mut rows, mut columns) = (BTreeMap::<u64, f64>::new(), BTreeMap::<u64, f64>::new());
    let mut total = 0.0;
    for (value, label) in pairs {
        *cells.entry((key(value), key(label))).or_default() += 1.0;
        *rows.entry(key(value)).or_default() += 1.0;
        *columns.entry(key(label)).or_default() += 1.0;
        total += 1.0;
        if rows.len() > CATEGORIES_MAX {
            return Err(error::failed(format!(
                "Chi-square test expect factors (categorical values) but found more than {CATEGORIES_MAX} distinct \
                 values in column {at}."
            )));
        }
        if columns.len() > CATEGORIES_MAX {
            return Err(error::failed(format!(
                "Chi-square test expect factors (categorical values) but found more than {CATEGORIES_MAX} distinct \
                 label values."
            )));
        }
    }
    let mut statistic = 0.0;
    for (column, column_sum) in &columns {
        for (row, row_sum) in &rows {
            let expected = column_sum * row_sum / total;
            let observed = cells.get(&(*row, *column)).copied().unwrap_or(0.0);
            statistic += (observed - expected) * (observed - expected) / expected;
        }
    }
    let degrees = (rows.len() - 1) * (columns.len() - 1);
    let p_value = if degrees == 0 { 1.0 } else { chi_squared_above(statistic, degrees as f64) };
    let statistic = if degrees == 0 { 0.0 } else { statistic };
    Ok(Tested { p_value, degrees: degrees as i32, statistic })
}
