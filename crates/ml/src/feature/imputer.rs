//! `Imputer`: null, NaN and a value that stands for missing become the mean, median or most frequent value of their
//! column.

use super::map_vectors::arg;
use super::quantiles::{Gathered, quantile};
use super::{in_out, in_out_many};
use crate::data::{Dataset, doubles};
use crate::linalg::double_text;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Class, Fitted, FunctionKind, Model, Role, Shared, TableArgument, error};
use arrow::array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use firesteel_common::{Frame, Result, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    Param::string("strategy", "mean").valid(Valid::OneOf(&["mean", "median", "mode"])),
    Param::new("missingValue", ParamKind::Double, Default::Double(f64::NAN)),
    shared::RELATIVE_ERROR,
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Imputer",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.ImputerModel",
    params: PARAMS,
    role: Role::Model { attributes: &["surrogateDF"], load },
};

#[derive(Debug)]
struct ImputerModel {
    /// Input column and what takes the place of missing values in it.
    surrogates: Vec<(String, f64)>,
}

fn checked_pairs(params: &Params, frame: &Frame) -> Result<Vec<(String, String)>> {
    let pairs = in_out_many::pairs(params, &["outputCol"], &["outputCols"])?;
    for (input, output) in &pairs {
        let data_type = &frame.column(input)?.field.data_type;
        if !data_type.is_numeric() {
            return Err(error::requirement(format!(
                "Column {input} must be of type numeric but was actually of type {}.",
                data_type.simple_string()
            )));
        }
        in_out::check_column_new(frame, output)?;
    }
    Ok(pairs)
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let pairs = checked_pairs(params, &data.frame)?;
    let missing = params.double("missingValue")?;
    let strategy = params.string("strategy")?;
    let exprs =
        pairs.iter().map(|(input, _)| data.double_expr(input)).collect::<Result<Vec<_>>>()?;
    let mut seen: Vec<Seen> = pairs.iter().map(|_| Seen::new(strategy)).collect();
    data.scan(exprs, |batch| {
        for (column, seen) in batch.columns().iter().zip(&mut seen) {
            let values = doubles(column)?;
            let values =
                values.iter().flatten().filter(|value| !value.is_nan() && *value != missing);
            values.for_each(|value| seen.add(value));
        }
        Ok(())
    })?;
    let relative_error = params.double("relativeError")?;
    let mut surrogates = Vec::with_capacity(pairs.len());
    for ((input, _), seen) in pairs.into_iter().zip(seen) {
        let found = seen.surrogate(relative_error).ok_or_else(|| {
            error::failed(format!(
                "surrogate cannot be computed. All the values in {input} are Null, Nan or missingValue({})",
                double_text(missing)
            ))
        })?;
        surrogates.push((input, found));
    }
    Ok(Fitted::new(ImputerModel { surrogates }))
}

enum Seen {
    Mean { sum: f64, n: u64 },
    Median(Gathered),
    Mode(HashMap<u64, u64>),
}

impl Seen {
    fn new(strategy: &str) -> Self {
        match strategy {
            "median" => Seen::Median(Gathered::default()),
            "mode" => Seen::Mode(HashMap::new()),
            _ => Seen::Mean { sum: 0.0, n: 0 },
        }
    }

    fn add(&mut self, value: f64) {
        match self {
            Seen::Mean { sum, n } => {
                *sum += value;
                *n += 1;
            }
            Seen::Median(values) => values.push(value),
            Seen::Mode(counts) => *counts.entry((value + 0.0).to_bits()).or_default() += 1,
        }
    }

    /// None of no values.
    fn surrogate(self, relative_error: f64) -> Option<f64> {
        match self {
            Seen::Mean { n: 0, .. } => None,
            Seen::Mean { sum, n } => Some(sum / n as f64),
            Seen::Median(values) => quantile(&mut values.into_values(0), 0.5, relative_error),
            // Of equally frequent values the smallest.
            Seen::Mode(counts) => counts
                .into_iter()
                .map(|(bits, n)| (n, f64::from_bits(bits)))
                .max_by(|(n_a, a), (n_b, b)| n_a.cmp(n_b).then_with(|| b.total_cmp(a)))
                .map(|(_, value)| value),
        }
    }
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    let names = data.schema.fields.iter().map(|field| field.name.clone());
    let surrogates = names.map(|name| Ok((name.clone(), data.double(&name)?)));
    Ok(Arc::new(ImputerModel { surrogates: surrogates.collect::<Result<_>>()? }))
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Replacement {
    /// Surrogate and missing value; NaN travels in this form.
    #[serde(with = "crate::wire::doubles")]
    values: Vec<f64>,
}

pub(super) static IMPUTE: FunctionKind<Replacement> = FunctionKind::new("imputer", impute);

impl ImputerModel {
    fn batch(&self) -> Result<(StructType, Vec<RecordBatch>)> {
        let field =
            |(name, _): &(String, f64)| StructField::new(name.as_str(), SparkType::Double, true);
        let schema = StructType::new(self.surrogates.iter().map(field).collect());
        let columns = self.surrogates.iter();
        let columns =
            columns.map(|(_, value)| Arc::new(Float64Array::from(vec![*value])) as ArrayRef);
        let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
        let batch = RecordBatch::try_new(arrow, columns.collect())?;
        Ok((schema, vec![batch]))
    }
}

impl Model for ImputerModel {
    fn size_bytes(&self) -> u64 {
        32 * self.surrogates.len() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let pairs = checked_pairs(params, &input)?;
        let missing = params.double("missingValue")?;
        let mut added = Vec::with_capacity(pairs.len());
        for (name, output) in &pairs {
            let column = input.column(name)?;
            let surrogate =
                self.surrogates.iter().find(|(own, _)| own == name).ok_or_else(|| {
                    error::requirement(format!("The column {name} was not there during fitting."))
                })?;
            let data_type = column.field.data_type.clone();
            let with = Shared::new(Replacement { values: vec![surrogate.1, missing] });
            let expr = IMPUTE.call(&with, &data_type, true, vec![column.expr()]);
            added.push((expr, StructField::new(output.as_str(), data_type, true)));
        }
        input.with_columns(added)
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        _: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        if name != "surrogateDF" {
            return Err(error::attribute_not_allowed(params.class(), name));
        }
        let (schema, batches) = self.batch()?;
        host.rows(schema, &batches)
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let (schema, batches) = self.batch()?;
        batches
            .into_iter()
            .try_for_each(|batch| to.table("data", Table { schema: schema.clone(), batch }))
    }

    fn text(&self, params: &Params) -> String {
        let count = |column: &str, name: &str| match params.strings(column) {
            Ok(names) => format!(", {name}={}", names.len()),
            Err(_) => String::new(),
        };
        format!(
            "ImputerModel: uid={}, strategy={}, missingValue={}{}{}",
            params.uid(),
            params.string("strategy").unwrap_or_default(),
            double_text(params.double("missingValue").unwrap_or(f64::NAN)),
            count("inputCols", "numInputCols"),
            count("outputCols", "numOutputCols")
        )
    }
}

fn impute(with: &Replacement, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = arg(args, 0)?;
    let (surrogate, missing) = match with.values.as_slice() {
        [surrogate, missing] => (*surrogate, *missing),
        _ => return Err(firesteel_common::SparkError::internal("an imputer lacks its values")),
    };
    let is_missing = |value: f64| match missing.is_nan() {
        true => value.is_nan(),
        false => value == missing,
    };
    // In doubles, which hold what a column of another type has: the surrogate is cut to that type.
    if let Some(own) = arrow::array::AsArray::as_primitive_opt::<Float64Type>(column) {
        let values = own.iter().map(|value| match value {
            Some(value) if !is_missing(value) => value,
            _ => surrogate,
        });
        return Ok(Arc::new(values.collect::<Vec<f64>>().into_iter().collect::<Float64Array>()));
    }
    let values = doubles(column)?;
    let one: ArrayRef = Arc::new(Float64Array::from(vec![surrogate]));
    let one: ArrayRef = match column.data_type() {
        // As a cast of a double: towards zero.
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => cast(
            &(Arc::new(Float64Array::from(vec![surrogate.trunc()])) as ArrayRef),
            column.data_type(),
        )?,
        other => cast(&one, other)?,
    };
    let mask: arrow::array::BooleanArray = (0..column.len())
        .map(|row| Some(values.is_null(row) || is_missing(values.value(row))))
        .collect();
    let one = arrow::array::Scalar::new(one);
    Ok(arrow::compute::kernels::zip::zip(&mask, &one, column)?)
}
