//! `Interaction`: all products of one entry per input column, categories as vectors with a single one.

use super::in_out;
use crate::attribute::{Attribute, AttributeGroup};
use crate::data::doubles;
use crate::linalg::{VectorColumn, VectorColumnBuilder, VectorView, double_text, is_vector};
use crate::param::{Param, Params, shared};
use crate::{Class, FunctionKind, Role, error};
use arrow::array::{Array, ArrayRef, Float64Array};
use arrow::datatypes::DataType;
use datafusion_expr::cast;
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] = &[shared::INPUT_COLS, shared::OUTPUT_COL];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Interaction",
    params: PARAMS,
    role: Role::Transformer { transform },
};

/// How an input column is laid out.
#[derive(Debug, Serialize, Deserialize)]
struct Layout {
    is_vector: bool,
    /// Of each entry: how many values it takes; 1 for a number.
    n_values: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Columns {
    columns: Vec<Layout>,
}

pub(super) static INTERACT: FunctionKind<Columns> = FunctionKind::new("interaction", interact);

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    if !params.is_set("inputCols") {
        return Err(error::requirement("Input cols must be defined first."));
    }
    let (names, output) = (params.strings("inputCols")?, params.string("outputCol")?);
    if names.is_empty() {
        return Err(error::requirement("Input cols must have non-zero length."));
    }
    let mut distinct: Vec<_> = names.iter().collect();
    distinct.sort();
    distinct.dedup();
    if distinct.len() != names.len() {
        return Err(error::requirement("Input cols must be distinct."));
    }
    let (mut args, mut columns, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let column = frame.column(name)?;
        let is_vector = is_vector(&column.field.data_type);
        let own = if is_vector {
            let known = AttributeGroup::of(&column.field).attributes;
            known.ok_or_else(|| {
                error::failed("Vector attributes must be defined for interaction.")
            })?
        } else {
            let known = Attribute::of(&column.field);
            let label = known.name().map_or_else(|| name.clone(), str::to_owned);
            vec![known.with_name(Some(label))]
        };
        args.push(match column.field.data_type {
            SparkType::Double => column.expr(),
            _ if is_vector => column.expr(),
            _ => cast(column.expr(), DataType::Float64),
        });
        columns
            .push(Layout { is_vector, n_values: own.iter().map(n_values).collect::<Result<_>>()? });
        attributes.push(encoded(&own, is_vector.then_some(name.as_str())));
    }
    let field = in_out::check_new(&frame, output)
        .map(|()| StructField::new(output, crate::linalg::vector_type(), true))?;
    let field = crossed(attributes).put_on(field);
    in_out::add(frame, &INTERACT, Columns { columns }, args, field)
}

fn n_values(attribute: &Attribute) -> Result<usize> {
    match attribute {
        Attribute::Nominal { .. } => attribute
            .n_values()
            .map(|n| n.max(1))
            .ok_or_else(|| error::failed("Nominal features must have attr numValues defined.")),
        _ => Ok(1),
    }
}

/// Attributes of a column's entries, a category as one entry per value.
fn encoded(own: &[Attribute], group: Option<&str>) -> Vec<Attribute> {
    let mut out = Vec::new();
    for (index, attribute) in own.iter().enumerate() {
        let own = attribute.name().map_or_else(|| index.to_string(), str::to_owned);
        let prefix = group.map_or_else(|| own.clone(), |group| format!("{group}_{own}"));
        let binary = |value: &str| Attribute::Binary {
            name: Some(format!("{prefix}_{value}")),
            values: None,
        };
        match (attribute, attribute.values()) {
            (Attribute::Nominal { .. }, Some(values)) => {
                out.extend(values.iter().map(|value| binary(value)));
            }
            (Attribute::Nominal { .. }, None) => {
                out.extend(
                    (0..attribute.n_values().unwrap_or(0)).map(|value| binary(&value.to_string())),
                );
            }
            _ => out.push(Attribute::numeric(Some(prefix))),
        }
    }
    out
}

/// Attributes of the products; the last column runs fastest.
fn crossed(columns: Vec<Vec<Attribute>>) -> AttributeGroup {
    let crossed = columns.into_iter().rev().reduce(|tails, heads| {
        let pair = |head: &Attribute, tail: &Attribute| {
            let (head, tail) = (head.name().unwrap_or_default(), tail.name().unwrap_or_default());
            Attribute::numeric(Some(format!("{head}:{tail}")))
        };
        heads
            .iter()
            .flat_map(|head| tails.iter().map(|tail| pair(head, tail)).collect::<Vec<_>>())
            .collect()
    });
    AttributeGroup::of_attributes(crossed.unwrap_or_default())
}

enum Input<'a> {
    Numbers(Float64Array),
    Vectors(VectorColumn<'a>),
}

fn interact(with: &Columns, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let inputs = args.iter().zip(&with.columns).map(|(column, layout)| {
        Ok(match layout.is_vector {
            true => Input::Vectors(VectorColumn::new(column)?),
            false => Input::Numbers(doubles(column)?),
        })
    });
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    let mut out = VectorColumnBuilder::with_capacity(n_rows, n_rows);
    let mut own = Vec::new();
    let (mut entries, mut before) = (Vec::new(), Vec::new());
    let (mut indices, mut values) = (Vec::new(), Vec::new());
    for row in 0..n_rows {
        entries.clear();
        entries.push((0, 1.0));
        let mut size = 1;
        for (input, layout) in inputs.iter().zip(&with.columns).rev() {
            own.clear();
            nonzeros(input, layout, row, &mut own)?;
            std::mem::swap(&mut entries, &mut before);
            entries.clear();
            for (at, value) in &own {
                entries.extend(
                    before.iter().map(|(inner, product)| (inner + at * size, product * value)),
                );
            }
            size *= layout.n_values.iter().sum::<usize>();
        }
        indices.clear();
        values.clear();
        indices.extend(entries.iter().map(|(at, _)| *at as i32));
        values.extend(entries.iter().map(|(_, value)| *value));
        out.push_compressed(VectorView::Sparse { size, indices: &indices, values: &values });
    }
    out.finish()
}

/// Entries of one column's row that are not zero, categories spread out.
fn nonzeros(
    input: &Input<'_>,
    layout: &Layout,
    row: usize,
    out: &mut Vec<(usize, f64)>,
) -> Result<()> {
    let null = || error::failed("Values to interact cannot be null.");
    match input {
        Input::Numbers(column) => {
            if column.is_null(row) {
                return Err(null());
            }
            let n_values = layout.n_values.first().copied().unwrap_or(1);
            out.push(spread(column.value(row), n_values, 0)?);
        }
        Input::Vectors(column) => {
            let vector = column.get(row).ok_or_else(null)?;
            if vector.size() != layout.n_values.len() {
                return Err(error::failed(format!(
                    "assertion failed: Vector column size was {}, expected {}",
                    vector.size(),
                    layout.n_values.len()
                )));
            }
            let mut failed = None;
            let (mut start, mut next) = (0, 0);
            // Categories count even if they are stored nowhere, as zero.
            let mut put = |at: usize, value: f64| {
                while next < at {
                    start += layout.n_values[next];
                    next += 1;
                }
                match spread(value, layout.n_values[at], start) {
                    Ok(entry) => out.push(entry),
                    Err(error) => failed = Some(error),
                }
            };
            match vector {
                VectorView::Dense(values) => {
                    values.iter().enumerate().for_each(|(at, value)| put(at, *value));
                }
                VectorView::Sparse { .. } => vector.for_each_stored(put),
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }
    Ok(())
}

fn spread(value: f64, n_values: usize, start: usize) -> Result<(usize, f64)> {
    if n_values == 1 {
        return Ok((start, value));
    }
    if value.fract() != 0.0 || !(0.0..n_values as f64).contains(&value) {
        return Err(error::failed(format!(
            "assertion failed: Values from column must be indices, but got {}.",
            double_text(value)
        )));
    }
    Ok((start + value as usize, 1.0))
}
