//! `IsotonicRegressionModel`.

use crate::attribute::Attribute;
use crate::columns;
use crate::data::doubles;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Vector, VectorColumn, is_vector};
use crate::model::{Answer, Argument, Model};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, Float64Builder, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A function that is linear between boundaries and constant beyond them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Curve {
    #[serde(with = "crate::wire::doubles")]
    boundaries: Vec<f64>,
    #[serde(with = "crate::wire::doubles")]
    predictions: Vec<f64>,
}

/// A curve and which entry of a vector it is of; none: of a number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Applied {
    curve: Curve,
    index: Option<usize>,
}

pub(crate) static PREDICT: FunctionKind<Applied> =
    FunctionKind::new("isotonic.predict", |applied: &Applied, columns, n_rows| {
        let features = entries(&columns[0], applied.index)?;
        if applied.curve.boundaries.is_empty() && n_rows > 0 {
            return Err(error::failed("head of empty array"));
        }
        let mut out = Float64Builder::with_capacity(n_rows);
        for row in 0..n_rows {
            match features.is_null(row) {
                true => out.append_null(),
                false => out.append_value(applied.curve.at(features.value(row))),
            }
        }
        Ok(Arc::new(out.finish()) as ArrayRef)
    })
    .in_spark("IsotonicRegressionModel");

/// Numbers, or one entry of vectors.
///
/// # Errors
/// Spark's: a vector has no such entry.
pub(super) fn entries(column: &ArrayRef, index: Option<usize>) -> Result<Float64Array> {
    let Some(index) = index else { return doubles(column) };
    let vectors = VectorColumn::new(column)?;
    let mut out = Float64Builder::with_capacity(column.len());
    for row in 0..column.len() {
        match vectors.get(row) {
            None => out.append_null(),
            Some(vector) if index < vector.size() => out.append_value(vector.get(index)),
            Some(vector) => {
                return Err(error::in_function(
                    "IsotonicRegression",
                    format!("Index {index} out of bounds for length {}", vector.size()),
                ));
            }
        }
    }
    Ok(out.finish())
}

/// The column of features, and whether it has vectors.
///
/// # Errors
/// Spark's: there is no such column, or it has neither vectors nor doubles.
pub(super) fn feature(params: &Params, frame: &Frame) -> Result<(Expr, bool)> {
    let column = frame.column(params.string("featuresCol")?)?;
    match &column.field.data_type {
        SparkType::Double => Ok((column.expr(), false)),
        kind if is_vector(kind) => Ok((column.expr(), true)),
        _ => Err(error::illegal("requirement failed")),
    }
}

impl Curve {
    fn at(&self, x: f64) -> f64 {
        let (xs, ys) = (&self.boundaries, &self.predictions);
        match xs.binary_search_by(|boundary| boundary.total_cmp(&x)) {
            Ok(found) => ys[found],
            Err(0) => ys.first().copied().unwrap_or(f64::NAN),
            Err(after) if after == xs.len() => ys[after - 1],
            Err(after) => {
                let (x0, x1, y0, y1) = (xs[after - 1], xs[after], ys[after - 1], ys[after]);
                y0 + (y1 - y0) * (x - x0) / (x1 - x0)
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct IsotonicModel {
    boundaries: Vec<f64>,
    predictions: Vec<f64>,
    is_rising: bool,
}

impl IsotonicModel {
    /// # Errors
    /// Spark's: there are no boundaries, or they do not ascend.
    pub(super) fn new(
        boundaries: Vec<f64>,
        predictions: Vec<f64>,
        is_rising: bool,
    ) -> Result<Self> {
        if boundaries.len() != predictions.len() || !boundaries.is_sorted() {
            return Err(error::requirement("Elements should be ordered."));
        }
        Ok(Self { boundaries, predictions, is_rising })
    }

    fn curve(&self) -> Curve {
        Curve { boundaries: self.boundaries.clone(), predictions: self.predictions.clone() }
    }
}

pub(super) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(IsotonicModel::new(
        data.doubles("boundaries")?,
        data.doubles("predictions")?,
        data.bool("isotonic")?,
    )?))
}

fn list(values: &[f64]) -> Result<ArrayRef> {
    let field = Arc::new(Field::new("element", DataType::Float64, true));
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    let values = Arc::new(Float64Array::from(values.to_vec()));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, None)?))
}

impl Model for IsotonicModel {
    fn size_bytes(&self) -> u64 {
        16 * self.boundaries.len() as u64 + 64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let (features, is_vector) = feature(params, &input)?;
        let Some(name) = params.column("predictionCol") else { return Ok(input) };
        let field = columns::new_field(&input, name, SparkType::Double, !is_vector)?;
        let index = is_vector.then(|| params.count("featureIndex")).transpose()?;
        let applied = Shared::new(Applied { curve: self.curve(), index });
        let expr = PREDICT.call(&applied, &SparkType::Double, !is_vector, vec![features]);
        input.with_columns(vec![(expr, Attribute::numeric(None).put_on(field))])
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        Ok(match name {
            "boundaries" => Value::Vector(Vector::Dense(self.boundaries.clone())),
            "predictions" => Value::Vector(Vector::Dense(self.predictions.clone())),
            "numFeatures" => Value::Int(1),
            "predict" => {
                let value = args.first().map(Argument::value).transpose()?.and_then(Value::as_f64);
                let value = value.ok_or_else(|| {
                    firesteel_common::SparkError::invalid_plan("A number was expected.")
                })?;
                Value::Double(self.curve().at(value))
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }
        .into())
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let array =
            || SparkType::Array { element: Box::new(SparkType::Double), contains_null: true };
        let table = Table::new(vec![
            ("boundaries", array(), list(&self.boundaries)?),
            ("predictions", array(), list(&self.predictions)?),
            (
                "isotonic",
                SparkType::Boolean,
                Arc::new(BooleanArray::from(vec![self.is_rising])) as ArrayRef,
            ),
        ])?;
        to.table("data", table)
    }

    fn text(&self, params: &Params) -> String {
        format!("IsotonicRegressionModel: uid={}, numFeatures=1", params.uid())
    }
}
