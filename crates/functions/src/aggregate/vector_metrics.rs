//! `aggregate_metrics(names, features, weight)`: weighted statistics of MLlib's vectors, entry by entry (`Summarizer`).

use super::builders::{result_field, static_name};
use super::gather::{Gather, GatherKind, Gathered};
use super::states::AggregateFunction;
use crate::call::AggregateCall;
use crate::cast::{EvalMode, cast};
use crate::implicit::unexpected_type;
use crate::vector::{Vectors, is_vector, vector_type};
use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int8Array, Int64Array, ListArray, StructArray,
    new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// All that can be asked for; the order is that of the answer's fields.
const METRICS: [&str; 10] =
    ["mean", "sum", "variance", "std", "count", "numNonZeros", "max", "min", "normL2", "normL1"];

/// `aggregate_metrics(array('mean', …), features, weight)`.
pub(super) fn metrics(call: AggregateCall<'_>) -> Result<Expr> {
    let name = static_name(call.call.name);
    let settings = call.call.settings;
    let (distinct, filter) = (call.distinct, call.filter);
    let [names, features, weight] = call.call.exactly::<3>()?;
    if !is_vector(&features.spark_type()?) {
        return Err(unexpected_type(name, 1, &features, "\"VectorUDT\""));
    }
    let asked = names_of(&names.expr);
    let mut wanted = Vec::new();
    for own in &asked {
        if !METRICS.contains(&own.as_str()) {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                format!("Metric {own} is not valid, only {} are valid.", METRICS.join(", ")),
            ));
        }
        if !wanted.contains(own) {
            wanted.push(own.clone());
        }
    }
    if wanted.is_empty() {
        return Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            "requirement failed: Should include at least one metric",
        ));
    }
    let fields = wanted.iter().map(|own| match own.as_str() {
        "count" => StructField::new(own, SparkType::Long, false),
        _ => StructField::new(own, vector_type(), false),
    });
    let result = SparkType::Struct(StructType::new(fields.collect()));
    let weight = cast(weight, &SparkType::Double, EvalMode::of(settings), settings)?;
    let function = Gather {
        kind: &VECTOR_METRICS,
        name,
        params: wanted,
        skip_nulls_of: Some(0),
        result: result_field(name, &result, true),
    };
    Ok(function.call(vec![features.expr, weight], distinct, filter))
}

/// Texts of a constant array, or of a call that makes one.
fn names_of(expr: &Expr) -> Vec<String> {
    let text = |value: &ScalarValue| match value {
        ScalarValue::Utf8(Some(text)) => Some(text.clone()),
        _ => None,
    };
    match expr {
        Expr::Literal(ScalarValue::List(list), _) => {
            let items = list.value(0);
            let items = items.as_string_opt::<i32>();
            items.iter().flat_map(|items| items.iter().flatten()).map(str::to_owned).collect()
        }
        Expr::Literal(value, _) => text(value).into_iter().collect(),
        Expr::ScalarFunction(call) => call.args.iter().flat_map(names_of).collect(),
        Expr::Alias(alias) => names_of(&alias.expr),
        Expr::Cast(cast) => names_of(&cast.expr),
        _ => Vec::new(),
    }
}

/// The parameter: which metrics.
pub(super) static VECTOR_METRICS: GatherKind<Vec<String>> =
    GatherKind::new("aggregate_metrics", finish);

/// Sums of one group.
#[derive(Debug, Default)]
struct Sums {
    n_rows: i64,
    weight: f64,
    weight_square: f64,
    mean: Vec<f64>,
    m2: Vec<f64>,
    nonzero_weight: Vec<f64>,
    square: Vec<f64>,
    size: Vec<f64>,
    n_nonzero: Vec<i64>,
    max: Vec<f64>,
    min: Vec<f64>,
}

impl Sums {
    fn of_size(n: usize) -> Self {
        Self {
            mean: vec![0.0; n],
            m2: vec![0.0; n],
            nonzero_weight: vec![0.0; n],
            square: vec![0.0; n],
            size: vec![0.0; n],
            n_nonzero: vec![0; n],
            max: vec![f64::MIN; n],
            min: vec![f64::MAX; n],
            ..Self::default()
        }
    }

    fn entry(&mut self, at: usize, value: f64, weight: f64) {
        let difference = value - self.mean[at];
        self.mean[at] += weight * difference / (self.nonzero_weight[at] + weight);
        self.m2[at] += weight * (value - self.mean[at]) * difference;
        self.nonzero_weight[at] += weight;
        self.square[at] += weight * value * value;
        self.size[at] += weight * value.abs();
        self.n_nonzero[at] += 1;
        self.max[at] = self.max[at].max(value);
        self.min[at] = self.min[at].min(value);
    }

    fn variance(&self) -> Vec<f64> {
        let denominator = self.weight - self.weight_square / self.weight;
        let of = |at: usize| {
            let (mean, own) = (self.mean[at], self.nonzero_weight[at]);
            let zeros = mean * mean * own * (self.weight - own) / self.weight;
            ((self.m2[at] + zeros) / denominator).max(0.0)
        };
        match denominator > 0.0 {
            true => (0..self.mean.len()).map(of).collect(),
            false => vec![0.0; self.mean.len()],
        }
    }

    /// Zeros that no vector stored count too.
    fn extremes(&self, found: &[f64], is_beyond: fn(f64) -> bool) -> Vec<f64> {
        let pairs = found.iter().zip(&self.n_nonzero);
        pairs
            .map(
                |(found, n)| {
                    if *n == 0 || (*n < self.n_rows && is_beyond(*found)) { 0.0 } else { *found }
                },
            )
            .collect()
    }

    fn metric(&self, name: &str) -> Vec<f64> {
        let weighted = |factor: f64| -> Vec<f64> {
            self.mean
                .iter()
                .zip(&self.nonzero_weight)
                .map(|(mean, own)| mean * own * factor)
                .collect()
        };
        match name {
            "mean" => {
                let pairs = self.mean.iter().zip(&self.nonzero_weight);
                pairs.map(|(mean, own)| mean * (own / self.weight)).collect()
            }
            "sum" => weighted(1.0),
            "variance" => self.variance(),
            "std" => self.variance().into_iter().map(f64::sqrt).collect(),
            "numNonZeros" => self.n_nonzero.iter().map(|n| *n as f64).collect(),
            "max" => self.extremes(&self.max, |found| found < 0.0),
            "min" => self.extremes(&self.min, |found| found > 0.0),
            "normL2" => self.square.iter().map(|sum| sum.sqrt()).collect(),
            _ => self.size.clone(),
        }
    }
}

fn finish(wanted: &Vec<String>, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let DataType::Struct(fields) = result.data_type() else {
        return Err(SparkError::internal("aggregate_metrics answers with a struct"));
    };
    let nothing = || {
        SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            "requirement failed: Nothing has been added to this summarizer.",
        )
    };
    let [features, weights] = gathered.columns.as_slice() else { return Err(nothing()) };
    let vectors = Vectors::of(features)?;
    let weights = weights.as_primitive::<Float64Type>();
    let mut groups = Vec::new();
    for rows in gathered.groups() {
        let mut sums: Option<Sums> = None;
        for row in rows {
            let Some(vector) = vectors.get(row) else { continue };
            let weight = if weights.is_valid(row) { weights.value(row) } else { 0.0 };
            if weight < 0.0 {
                return Err(SparkError::new(
                    ErrorKind::IllegalArgument,
                    "",
                    format!("requirement failed: sample weight, {weight} has to be >= 0.0"),
                ));
            }
            if weight == 0.0 {
                continue;
            }
            let sums = sums.get_or_insert_with(|| Sums::of_size(vector.size()));
            if sums.mean.len() != vector.size() {
                return Err(SparkError::new(
                    ErrorKind::IllegalArgument,
                    "",
                    format!(
                        "requirement failed: Dimensions mismatch when adding new sample. Expecting {} but got {}.",
                        sums.mean.len(),
                        vector.size()
                    ),
                ));
            }
            sums.n_rows += 1;
            sums.weight += weight;
            sums.weight_square += weight * weight;
            vector.for_each_nonzero(|at, value| sums.entry(at, value, weight));
        }
        groups.push(sums.ok_or_else(nothing)?);
    }
    let columns = wanted.iter().zip(fields).map(|(name, field)| -> Result<ArrayRef> {
        if name == "count" {
            return Ok(Arc::new(Int64Array::from_iter_values(groups.iter().map(|own| own.n_rows))));
        }
        let DataType::Struct(parts) = field.data_type() else {
            return Err(SparkError::internal("a metric is a vector"));
        };
        let DataType::List(element) = parts[3].data_type() else {
            return Err(SparkError::internal("a vector has a list of values"));
        };
        let values: Vec<Vec<f64>> = groups.iter().map(|own| own.metric(name)).collect();
        let offsets = OffsetBuffer::from_lengths(values.iter().map(Vec::len));
        let values: ArrayRef = Arc::new(Float64Array::from(values.concat()));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int8Array::from(vec![1; groups.len()])),
            new_null_array(parts[1].data_type(), groups.len()),
            new_null_array(parts[2].data_type(), groups.len()),
            Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, None)?),
        ];
        Ok(Arc::new(StructArray::try_new(parts.clone(), columns, None)?))
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
}
