//! `KolmogorovSmirnovTest.test`: whether a sample is of a normal distribution.

use super::distribution::normal_below;
use super::rows;
use crate::error;
use crate::model::TableArgument;
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array, RecordBatch};
use firesteel_common::error::ErrorKind;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use std::sync::Arc;

/// `kolmogorovSmirnovTest(dataset, column, distribution, parameters)`.
pub(crate) fn kolmogorov_smirnov_test(
    args: Vec<TableArgument>,
    host: &mut dyn TableHost,
) -> Result<Frame> {
    let mut args = args.into_iter();
    let (Some(frame), Some(column), Some(distribution)) = (args.next(), args.next(), args.next())
    else {
        return Err(SparkError::invalid_plan(
            "A test needs a dataset, a column and a distribution.",
        ));
    };
    let (Value::String(column), Value::String(distribution)) =
        (column.value()?, distribution.value()?)
    else {
        return Err(SparkError::invalid_plan("A column and a distribution were expected."));
    };
    let params = match args.next().map(TableArgument::value).transpose()? {
        Some(Value::Doubles(params)) => params,
        _ => Vec::new(),
    };
    if distribution != "norm" {
        return Err(SparkError::new(
            ErrorKind::Unsupported,
            "",
            format!(
                "{distribution} not yet supported through convenience method. Current options are:['norm']."
            ),
        ));
    }
    let (mean, deviation) = match params.as_slice() {
        [] => (0.0, 1.0),
        [mean, deviation, ..] if *deviation > 0.0 => (*mean, *deviation),
        [_, _, ..] => return Err(error::illegal("standard deviation must be positive")),
        _ => {
            return Err(error::requirement(
                "Normal distribution requires mean and standard deviation as parameters",
            ));
        }
    };
    let mut sample = rows::numbers(&frame.frame()?, &column, host)?;
    if sample.iter().any(|value| value.is_nan()) {
        return Err(error::failed("A sample has no place for NaN."));
    }
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let statistic = sample
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let below = normal_below(*value, mean, deviation);
            (below - at as f64 / n).max((at as f64 + 1.0) / n - below)
        })
        .fold(f64::MIN, f64::max);
    let p_value = match sample.len() {
        0 => 1.0,
        // Rounding must not make a probability negative.
        n => (1.0 - kolmogorov_below(statistic, n)).max(0.0),
    };
    let schema = StructType::new(vec![
        StructField::new("pValue", SparkType::Double, false),
        StructField::new("statistic", SparkType::Double, false),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Float64Array::from(vec![p_value])),
        Arc::new(Float64Array::from(vec![statistic])),
    ];
    let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), columns)?;
    host.rows(schema, &[batch])
}

/// `P(D < d)` for `n` numbers (Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", 2003); for large
/// samples the limit.
fn kolmogorov_below(d: f64, n: usize) -> f64 {
    let n_f = n as f64;
    if d <= 0.5 / n_f {
        return 0.0;
    }
    if d >= 1.0 {
        return 1.0;
    }
    // Beyond this the exact matrix is large, and the limit as good.
    if n > 2_000 {
        let x = d * n_f.sqrt();
        let sum: f64 = (1..=100)
            .map(|k| {
                let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
                sign * (-2.0 * f64::from(k * k) * x * x).exp()
            })
            .sum();
        return 1.0 - 2.0 * sum;
    }
    let k = (n_f * d).floor() as usize + 1;
    let m = 2 * k - 1;
    let h = k as f64 - n_f * d;
    let mut matrix = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..m {
            matrix[i * m + j] = if (i + 1) >= j { 1.0 } else { 0.0 };
        }
    }
    for i in 0..m {
        matrix[i * m] -= h.powi(i as i32 + 1);
        matrix[(m - 1) * m + i] -= h.powi((m - i) as i32);
    }
    matrix[(m - 1) * m] += if 2.0 * h - 1.0 > 0.0 { (2.0 * h - 1.0).powi(m as i32) } else { 0.0 };
    for i in 0..m {
        for j in 0..m {
            if i + 1 > j {
                (1..=(i + 1 - j)).for_each(|g| matrix[i * m + j] /= g as f64);
            }
        }
    }
    let (power, mut exponent) = power(&matrix, m, n);
    let mut below = power[(k - 1) * m + k - 1];
    for i in 1..=n {
        below = below * i as f64 / n_f;
        if below < 1e-140 {
            below *= 1e140;
            exponent -= 140;
        }
    }
    below * 10.0_f64.powi(exponent)
}

/// `matrixⁿ` as a matrix and a power of ten.
fn power(matrix: &[f64], m: usize, n: usize) -> (Vec<f64>, i32) {
    if n == 1 {
        return (matrix.to_vec(), 0);
    }
    let (half, exponent) = power(matrix, m, n / 2);
    let mut square = times(&half, &half, m);
    let mut exponent = 2 * exponent;
    if n % 2 == 1 {
        square = times(&square, matrix, m);
    }
    if square[(m / 2) * m + m / 2] > 1e140 {
        square.iter_mut().for_each(|x| *x *= 1e-140);
        exponent += 140;
    }
    (square, exponent)
}

fn times(a: &[f64], b: &[f64], m: usize) -> Vec<f64> {
    let mut out = vec![0.0; m * m];
    for i in 0..m {
        for k in 0..m {
            let factor = a[i * m + k];
            if factor != 0.0 {
                for j in 0..m {
                    out[i * m + j] += factor * b[k * m + j];
                }
            }
        }
    }
    out
}
