//! `TargetEncoder`: categories become what the label is on average where they occur, drawn towards the average of all
//! rows as far as they are rare.

use super::map_vectors::arg;
use super::{in_out_many, lists};
use crate::attribute::Attribute;
use crate::data::{Dataset, doubles};
use crate::linalg::double_text;
use crate::param::{Param, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Class, Fitted, FunctionKind, Model, Role, Shared, columns, error};
use arrow::array::{ArrayRef, AsArray, Float64Array, Int32Array};
use arrow::datatypes::{Float64Type, Int32Type};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::LABEL_COL,
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    Param::string("handleInvalid", "error").valid(Valid::OneOf(&["keep", "error"])),
    Param::string("targetType", "binary").valid(Valid::OneOf(&["binary", "continuous"])),
    Param::double("smoothing", 0.0).valid(Valid::GtEq(0.0)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.TargetEncoder",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.TargetEncoderModel",
    params: PARAMS,
    role: Role::Model { attributes: &["stats"], load },
};

/// Category of null, and under which the statistics of all rows are kept.
const NULL: f64 = -1.0;
const ALL: f64 = i32::MAX as f64;

/// Categories of a column in the order in which they came, each with its number of rows and its sum (binary labels)
/// or mean.
#[derive(Debug, Clone, Default)]
struct Statistics {
    places: HashMap<u64, usize>,
    entries: Vec<(f64, f64, f64)>,
}

impl Statistics {
    fn add(&mut self, category: f64, label: f64, binary: bool) {
        let key = (category + 0.0).to_bits();
        let at = *self.places.entry(key).or_insert_with(|| {
            self.entries.push((category, 0.0, 0.0));
            self.entries.len() - 1
        });
        let (_, count, value) = &mut self.entries[at];
        *count += 1.0;
        *value += if binary { label } else { (label - *value) / *count };
    }

    fn of(entries: Vec<(f64, f64, f64)>) -> Self {
        let keys = entries.iter().enumerate();
        let places = keys.map(|(at, (category, ..))| ((category + 0.0).to_bits(), at)).collect();
        Self { places, entries }
    }

    /// Category and what it becomes.
    fn encodings(&self, smoothing: f64, binary: bool) -> Vec<(f64, f64)> {
        let mean = |count: f64, value: f64| if binary { value / count } else { value };
        let all = self.places.get(&ALL.to_bits()).map(|at| self.entries[*at]);
        let overall = all.map_or(f64::NAN, |(_, count, value)| mean(count, value));
        let each = self.entries.iter().map(|(category, count, value)| {
            let weight = count / (count + smoothing);
            (*category, weight * mean(*count, *value) + (1.0 - weight) * overall)
        });
        each.collect()
    }
}

#[derive(Debug)]
struct TargetEncoderModel {
    statistics: Vec<Statistics>,
}

fn checked_pairs(params: &Params, frame: &Frame, fitting: bool) -> Result<Vec<(String, String)>> {
    let pairs = in_out_many::pairs(params, &["outputCol"], &["outputCols"])?;
    if fitting {
        check_number(frame, params.string("labelCol")?)?;
    }
    for (input, _) in &pairs {
        check_number(frame, input)?;
    }
    Ok(pairs)
}

fn check_number(frame: &Frame, name: &str) -> Result<()> {
    if !frame.has(name) {
        return Err(error::failed(format!("No column named {name} found on dataset.")));
    }
    let data_type = &frame.column(name)?.field.data_type;
    match data_type.is_numeric() {
        true => Ok(()),
        false => Err(error::failed(format!(
            "Data type for column {name} is {}, but a subclass of org.apache.spark.sql.types.NumericType is required.",
            error::class_name(data_type)
        ))),
    }
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let pairs = checked_pairs(params, &data.frame, true)?;
    let binary = params.string("targetType")? == "binary";
    let mut exprs = vec![data.double_expr(params.string("labelCol")?)?];
    for (input, _) in &pairs {
        exprs.push(data.double_expr(input)?);
    }
    let mut statistics = vec![Statistics::default(); pairs.len()];
    data.scan(exprs, |batch| {
        let labels = doubles(batch.column(0))?;
        check_labels(&labels, binary)?;
        for ((input, _), (statistics, column)) in
            pairs.iter().zip(statistics.iter_mut().zip(&batch.columns()[1..]))
        {
            for (category, label) in doubles(column)?.iter().zip(&labels) {
                let Some(label) = label.filter(|label| !label.is_nan()) else { continue };
                let category = category.unwrap_or(NULL);
                if category.is_nan() || category.is_infinite() {
                    return Err(overflow(category));
                }
                if category != NULL && (category < 0.0 || category.fract() != 0.0) {
                    return Err(error::raised(format!(
                        "Values from column {input} must be indices, but got {}.",
                        double_text(category)
                    )));
                }
                statistics.add(category, label, binary);
                statistics.add(ALL, label, binary);
            }
        }
        Ok(())
    })?;
    Ok(Fitted::new(TargetEncoderModel { statistics }))
}

fn overflow(category: f64) -> firesteel_common::SparkError {
    let value = double_text(category);
    let message = format!(
        "The value {value} of the type \"DOUBLE\" cannot be cast to \"INT\" due to an overflow. Use `try_cast` to \
         tolerate overflow and return NULL instead."
    );
    firesteel_common::SparkError::new(ErrorKind::Arithmetic, "CAST_OVERFLOW", message)
        .with("value", value)
        .with("sourceType", "\"DOUBLE\"")
        .with("targetType", "\"INT\"")
}

fn check_labels(labels: &Float64Array, binary: bool) -> Result<()> {
    let wrong =
        labels.iter().flatten().find(|label| *label != 0.0 && *label != 1.0 && !label.is_nan());
    match wrong {
        Some(label) if binary => Err(error::raised(format!(
            "Labels for TARGET_BINARY must be {{0, 1}}, but got {}",
            double_text(label)
        ))),
        _ => Ok(()),
    }
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    let broken = || error::failed("A saved TargetEncoderModel has other columns.");
    let indices = data.column("index")?.as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
    let list = |name: &str, row: usize| -> Result<Vec<f64>> {
        let list = data.column(name)?.as_list_opt::<i32>().ok_or_else(broken)?.value(row);
        Ok(list.as_primitive_opt::<Float64Type>().ok_or_else(broken)?.values().to_vec())
    };
    let mut statistics = vec![Statistics::default(); data.n_rows()];
    for row in 0..data.n_rows() {
        let (counts, stats) = (list("counts", row)?, list("stats", row)?);
        let entries = list("categories", row)?.into_iter().zip(counts.into_iter().zip(stats));
        let entries = entries.map(|(category, (count, value))| (category, count, value)).collect();
        let slot = statistics.get_mut(indices.value(row) as usize).ok_or_else(broken)?;
        *slot = Statistics::of(entries);
    }
    Ok(Arc::new(TargetEncoderModel { statistics }))
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Encoding {
    column: String,
    /// Bits of categories, ascending, and what they become.
    categories: Vec<u64>,
    #[serde(with = "crate::wire::doubles")]
    values: Vec<f64>,
    /// Of a category that the training data did not have; none: it is an error.
    #[serde(with = "crate::wire::doubles")]
    unseen: Vec<f64>,
}

pub(super) static ENCODE: FunctionKind<Encoding> = FunctionKind::new("target_encoder", encode);

impl Model for TargetEncoderModel {
    fn size_bytes(&self) -> u64 {
        self.statistics.iter().map(|own| 40 * own.entries.len() as u64).sum()
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let pairs = checked_pairs(params, &input, false)?;
        if pairs.len() != self.statistics.len() {
            return Err(error::requirement(format!(
                "The number of features does not match the number of encodings in the model ({}). Found {} features)",
                self.statistics.len(),
                pairs.len()
            )));
        }
        let binary = params.string("targetType")? == "binary";
        let (smoothing, keep) =
            (params.double("smoothing")?, params.string("handleInvalid")? == "keep");
        let mut added = Vec::with_capacity(pairs.len());
        for ((name, output), statistics) in pairs.iter().zip(&self.statistics) {
            let encodings = statistics.encodings(smoothing, binary);
            let mut names: Vec<String> = Vec::new();
            for (_, value) in &encodings {
                let text = double_text(*value);
                if !names.contains(&text) {
                    names.push(text);
                }
            }
            let overall =
                encodings.iter().find(|(category, _)| *category == ALL).map(|(_, value)| *value);
            let mut sorted: Vec<(u64, f64)> = encodings
                .into_iter()
                .filter(|(category, _)| *category != ALL)
                .map(|(category, value)| ((category + 0.0).to_bits(), value))
                .collect();
            sorted.sort_by_key(|(bits, _)| *bits);
            let with = Encoding {
                column: name.clone(),
                categories: sorted.iter().map(|(bits, _)| *bits).collect(),
                values: sorted.iter().map(|(_, value)| *value).collect(),
                unseen: overall.filter(|_| keep).into_iter().collect(),
            };
            let field = StructField::new(output.as_str(), SparkType::Double, true);
            let field = Attribute::nominal(Some(output.clone()), names).put_on(field);
            let category = columns::double(&input, name)?;
            added.push((
                ENCODE.call(&Shared::new(with), &SparkType::Double, true, vec![category]),
                field,
            ));
        }
        input.with_columns(added)
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let column = |of: fn(&(f64, f64, f64)) -> f64| -> Vec<Vec<f64>> {
            self.statistics.iter().map(|own| own.entries.iter().map(of).collect()).collect()
        };
        let indices: ArrayRef =
            Arc::new(Int32Array::from_iter_values(0..self.statistics.len() as i32));
        let (categories, counts, stats) =
            (column(|entry| entry.0), column(|entry| entry.1), column(|entry| entry.2));
        let columns = vec![
            ("index", SparkType::Integer, indices),
            lists::doubles("categories", &categories)?,
            lists::doubles("counts", &counts)?,
            lists::doubles("stats", &stats)?,
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "TargetEncoderModel: uid={}, handleInvalid={}, targetType={}, numInputCols={}, numOutputCols={}, smoothing={}",
            params.uid(),
            params.string("handleInvalid").unwrap_or_default(),
            params.string("targetType").unwrap_or_default(),
            self.statistics.len(),
            self.statistics.len(),
            double_text(params.double("smoothing").unwrap_or_default())
        )
    }
}

fn encode(with: &Encoding, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = doubles(arg(args, 0)?)?;
    let mut out = Vec::with_capacity(column.len());
    for category in &column {
        let bits = (category.unwrap_or(NULL) + 0.0).to_bits();
        out.push(match (with.categories.binary_search(&bits), with.unseen.first()) {
            (Ok(found), _) => with.values[found],
            (Err(_), Some(overall)) => *overall,
            (Err(_), None) => {
                return Err(error::raised(format!(
                    "Unseen value {} in feature {}. To handle unseen values, set Param handleInvalid to keep.",
                    category.map_or("null".to_owned(), double_text),
                    with.column
                )));
            }
        });
    }
    Ok(Arc::new(Float64Array::from(out)))
}
