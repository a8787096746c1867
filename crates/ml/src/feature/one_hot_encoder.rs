//! `OneHotEncoder`: indices of categories become vectors with a single one.

use super::map_vectors::arg;
use super::{in_out, in_out_many, lists, udf_error};
use crate::attribute::{Attribute, AttributeGroup};
use crate::data::{Dataset, doubles};
use crate::linalg::{VectorColumnBuilder, double_text, vector_type};
use crate::param::{Param, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{
    Answer, Argument, Class, Fitted, FunctionKind, Model, Role, Shared, Value, columns, error,
};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, SparkError, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    Param::string("handleInvalid", "error").valid(Valid::OneOf(&["keep", "error"])),
    Param::bool("dropLast", true),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.OneHotEncoder",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.OneHotEncoderModel",
    params: PARAMS,
    role: Role::Model { attributes: &["categorySizes"], load },
};

#[derive(Debug)]
struct OneHotEncoderModel {
    category_sizes: Vec<i32>,
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
    let mut sizes = Vec::with_capacity(pairs.len());
    let (mut unknown, mut exprs) = (Vec::new(), Vec::new());
    for (position, (input, _)) in pairs.iter().enumerate() {
        let known = match Attribute::of(data.field(input)?) {
            Attribute::Numeric { .. } => {
                return Err(error::failed(format!(
                    "The input column {input} cannot be continuous-value."
                )));
            }
            known => known.n_values(),
        };
        sizes.push(known.unwrap_or(0) as i32);
        if known.is_none() {
            unknown.push(position);
            exprs.push(data.double_expr(input)?);
        }
    }
    if !unknown.is_empty() {
        let mut largest = vec![None::<f64>; unknown.len()];
        data.scan(exprs, |batch| {
            for (column, (largest, position)) in
                batch.columns().iter().zip(largest.iter_mut().zip(&unknown))
            {
                for value in doubles(column)?.iter() {
                    let value = value.ok_or_else(|| null_at(*position))?;
                    if value.is_nan() || value.is_infinite() {
                        return Err(error::failed(format!(
                            "assertion failed: OneHotEncoder only supports up to {} indices, but got {}.",
                            i32::MAX,
                            double_text(value)
                        )));
                    }
                    if !(0.0..=f64::from(i32::MAX)).contains(&value) || value.fract() != 0.0 {
                        return Err(error::failed(format!(
                            "assertion failed: Values from column {} must be indices, but got {}.",
                            pairs[*position].0,
                            double_text(value)
                        )));
                    }
                    *largest = Some(largest.map_or(value, |own| own.max(value)));
                }
            }
            Ok(())
        })?;
        for (largest, position) in largest.into_iter().zip(unknown) {
            sizes[position] = largest.map_or(0, |largest| largest as i32 + 1);
        }
    }
    Ok(Fitted::new(OneHotEncoderModel { category_sizes: sizes }))
}

/// Where Spark reads rows, nulls have no place.
fn null_at(position: usize) -> SparkError {
    let message =
        format!("Found NULL in a row at the index {position}, expected a non-NULL value.");
    SparkError::runtime("ROW_VALUE_IS_NULL", message).with("index", position.to_string())
}

/// A model for columns of so many categories.
pub(super) fn model(category_sizes: Vec<i32>) -> Arc<dyn Model> {
    Arc::new(OneHotEncoderModel { category_sizes })
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    Ok(Arc::new(OneHotEncoderModel { category_sizes: from.table("data")?.ints("categorySizes")? }))
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Encoding {
    n_categories: i32,
    /// Entries of the vectors: without the last, with one for what is not valid.
    size: usize,
    keep: bool,
}

pub(super) static ENCODE: FunctionKind<Encoding> = FunctionKind::new("one_hot_encoder", encode);

impl Model for OneHotEncoderModel {
    fn size_bytes(&self) -> u64 {
        4 * self.category_sizes.len() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let pairs = checked_pairs(params, &input)?;
        if pairs.len() != self.category_sizes.len() {
            return Err(error::requirement(format!(
                "The number of input columns {} must be the same as the number of features {} during fitting.",
                pairs.len(),
                self.category_sizes.len()
            )));
        }
        let (keep, drop_last) =
            (params.string("handleInvalid")? == "keep", params.bool("dropLast")?);
        let mut added = Vec::with_capacity(pairs.len());
        for ((name, output), n_categories) in pairs.iter().zip(&self.category_sizes) {
            let known = Attribute::of(&input.column(name)?.field);
            if let Some(own) = known.n_values()
                && own as i32 != *n_categories
            {
                return Err(error::requirement(format!(
                    "OneHotEncoderModel expected {n_categories} categorical values for input column {name}, but the \
                     input column had metadata specifying {own} values."
                )));
            }
            let mut names: Vec<String> = match known.values() {
                Some(values) => values.to_vec(),
                None => (0..*n_categories).map(|index| index.to_string()).collect(),
            };
            if drop_last && !keep && known.n_values().is_some_and(|n| n < 2) {
                return Err(error::requirement(format!(
                    "The input column {name} should have at least two distinct values."
                )));
            }
            if keep {
                names.push("invalidValues".to_owned());
            }
            if drop_last {
                names.pop();
            }
            let with = Encoding { n_categories: *n_categories, size: names.len(), keep };
            let binary = |name| Attribute::Binary { name: Some(name), values: None };
            let group = AttributeGroup::of_attributes(names.into_iter().map(binary).collect());
            let field = group.put_on(StructField::new(output.as_str(), vector_type(), true));
            let index = columns::double(&input, name)?;
            added.push((ENCODE.call(&Shared::new(with), &vector_type(), true, vec![index]), field));
        }
        input.with_columns(added)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "categorySizes" => Ok(Value::Ints(self.category_sizes.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.table("data", Table::new(vec![lists::ints("categorySizes", &self.category_sizes)?])?)
    }

    fn text(&self, params: &Params) -> String {
        let count = |column: &str, name: &str| match params.get(column) {
            Some(Value::Strings(names)) => format!(", {name}={}", names.len()),
            _ => String::new(),
        };
        format!(
            "OneHotEncoderModel: uid={}, dropLast={}, handleInvalid={}{}{}",
            params.uid(),
            params.bool("dropLast").unwrap_or(true),
            params.string("handleInvalid").unwrap_or_default(),
            count("inputCols", "numInputCols"),
            count("outputCols", "numOutputCols")
        )
    }
}

fn encode(with: &Encoding, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let column = doubles(arg(args, 0)?)?;
    let mut out = VectorColumnBuilder::with_capacity(n_rows, n_rows);
    let failed = |reason: String| {
        let vector = vector_type().simple_string();
        let reason = format!("org.apache.spark.SparkException: {reason}");
        udf_error::failed("OneHotEncoderModel", "double, int", &vector, &reason)
    };
    for value in &column {
        let Some(value) = value else {
            out.push_null();
            continue;
        };
        let index = if (0.0..f64::from(with.n_categories)).contains(&value) {
            value as usize
        } else if with.keep {
            with.n_categories as usize
        } else if value < 0.0 {
            return Err(failed(format!(
                "Negative value: {}. Input can't be negative. To handle invalid values, set Param handleInvalid to \
                 keep.",
                double_text(value)
            )));
        } else {
            return Err(failed(format!(
                "Unseen value: {}. To handle unseen values, set Param handleInvalid to keep.",
                double_text(value)
            )));
        };
        match index < with.size {
            true => out.push_sparse(with.size, &[index as i32], &[1.0]),
            false => out.push_sparse(with.size, &[], &[]),
        }
    }
    out.finish()
}
