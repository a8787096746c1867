//! JSON values to columns of a Spark type.

use super::parser::{Member, Node, Value};
use crate::values::column::{ScalarColumn, TextFormats};
use crate::values::number;
use arrow::array::{ArrayRef, ListArray, MapArray, NullBufferBuilder, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Fields};
use base64::Engine;
use firesteel_common::{Result, SparkError, SparkType, StructField};
use std::sync::Arc;

/// A column under construction.
pub enum JsonColumn {
    Scalar(SparkType, ScalarColumn),
    Array {
        data_type: DataType,
        lengths: Vec<usize>,
        valid: NullBufferBuilder,
        child: Box<JsonColumn>,
    },
    Map {
        data_type: DataType,
        lengths: Vec<usize>,
        valid: NullBufferBuilder,
        keys: ScalarColumn,
        values: Box<JsonColumn>,
    },
    Struct {
        fields: Fields,
        names: Names,
        n_rows: usize,
        valid: NullBufferBuilder,
        children: Vec<JsonColumn>,
    },
}

/// Names of the columns that take an object's members. Records name their members in the same
/// order again and again, so the last record's order is tried first.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<String>,
    last: Vec<(String, Option<usize>)>,
}

impl Names {
    pub fn new(names: Vec<String>) -> Self {
        Self { names, last: Vec::new() }
    }

    /// The value for each column; the last of equal names wins.
    pub fn assign<'n, 'a>(&mut self, members: &'n [Member<'a>]) -> Vec<Option<&'n Node<'a>>> {
        let mut values = vec![None; self.names.len()];
        for (position, (key, value)) in members.iter().enumerate() {
            let known = self.last.get(position).filter(|(name, _)| name == key);
            let column = match known {
                Some((_, column)) => *column,
                None => {
                    let column = self.names.iter().position(|name| name == key);
                    self.last.truncate(position);
                    self.last.push((key.to_string(), column));
                    column
                }
            };
            if let Some(column) = column {
                values[column] = Some(value);
            }
        }
        values
    }
}

/// Whether a value was what its type wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Whole,
    /// Some field inside is null because its value does not fit; the rest stands.
    Partial,
    /// The value is null because it does not fit.
    Failed,
}

impl Outcome {
    fn and(self, other: Self) -> Self {
        if self == Self::Whole && other == Self::Whole { Self::Whole } else { Self::Partial }
    }
}

impl JsonColumn {
    /// # Errors
    /// `UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE`.
    pub fn new(data_type: &SparkType, column: &str) -> Result<Self> {
        let valid = NullBufferBuilder::new(0);
        Ok(match data_type {
            SparkType::Array { element, .. } => Self::Array {
                data_type: data_type.to_arrow(),
                lengths: Vec::new(),
                valid,
                child: Box::new(Self::new(element, column)?),
            },
            SparkType::Map { key, value, .. } => Self::Map {
                data_type: data_type.to_arrow(),
                lengths: Vec::new(),
                valid,
                keys: ScalarColumn::new(key, "JSON", column)?,
                values: Box::new(Self::new(value, column)?),
            },
            SparkType::Struct(schema) => Self::Struct {
                fields: schema.fields.iter().map(StructField::to_arrow).collect(),
                names: Names::new(schema.fields.iter().map(|field| field.name.clone()).collect()),
                n_rows: 0,
                valid,
                children: schema
                    .fields
                    .iter()
                    .map(|field| Self::new(&field.data_type, column))
                    .collect::<Result<_>>()?,
            },
            other => Self::Scalar(other.clone(), ScalarColumn::new(other, "JSON", column)?),
        })
    }

    pub fn push_null(&mut self) {
        match self {
            Self::Scalar(_, column) => column.push_null(),
            Self::Array { lengths, valid, .. } | Self::Map { lengths, valid, .. } => {
                lengths.push(0);
                valid.append_null();
            }
            Self::Struct { n_rows, valid, children, .. } => {
                children.iter_mut().for_each(Self::push_null);
                *n_rows += 1;
                valid.append_null();
            }
        }
    }

    /// Appends a value, null where it does not fit.
    pub fn push(&mut self, node: &Node<'_>, formats: &TextFormats) -> Outcome {
        if matches!(node.value, Value::Null) {
            self.push_null();
            return Outcome::Whole;
        }
        match (self, &node.value) {
            (Self::Scalar(data_type, column), _) => {
                if push_scalar(data_type, column, node, formats) {
                    Outcome::Whole
                } else {
                    Outcome::Failed
                }
            }
            (column @ Self::Array { .. }, Value::Array(elements)) => {
                if !elements.iter().all(|element| column.fits_element(element, formats)) {
                    column.push_null();
                    return Outcome::Failed;
                }
                column.push_elements(elements, formats)
            }
            (column @ Self::Map { .. }, Value::Object(members)) => {
                if !members.iter().all(|(_, value)| column.fits_element(value, formats)) {
                    column.push_null();
                    return Outcome::Failed;
                }
                column.push_members(members, formats)
            }
            (Self::Struct { names, n_rows, valid, children, .. }, Value::Object(members)) => {
                let mut outcome = Outcome::Whole;
                for (value, child) in names.assign(members).into_iter().zip(children) {
                    match value {
                        Some(value) => outcome = outcome.and(child.push(value, formats)),
                        None => child.push_null(),
                    }
                }
                *n_rows += 1;
                valid.append_non_null();
                outcome
            }
            (column, _) => {
                column.push_null();
                Outcome::Failed
            }
        }
    }

    /// # Errors
    /// Never for columns that [`JsonColumn::push`] filled.
    pub fn finish(&mut self) -> Result<ArrayRef> {
        Ok(match self {
            Self::Scalar(_, column) => column.finish(),
            Self::Array { data_type, lengths, valid, child } => {
                let DataType::List(field) = data_type else {
                    return Err(SparkError::internal("an array column without a list type"));
                };
                let offsets = OffsetBuffer::from_lengths(std::mem::take(lengths));
                let values = child.finish()?;
                Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, valid.finish())?)
            }
            Self::Map { data_type, lengths, valid, keys, values } => {
                let DataType::Map(entries, sorted) = data_type else {
                    return Err(SparkError::internal("a map column without a map type"));
                };
                let DataType::Struct(fields) = entries.data_type() else {
                    return Err(SparkError::internal("map entries that are no struct"));
                };
                let columns = vec![keys.finish(), values.finish()?];
                let inner = StructArray::try_new(fields.clone(), columns, None)?;
                let offsets = OffsetBuffer::from_lengths(std::mem::take(lengths));
                let entries = Arc::clone(entries);
                Arc::new(MapArray::try_new(entries, offsets, inner, valid.finish(), *sorted)?)
            }
            Self::Struct { fields, n_rows, valid, children, .. } => {
                let columns = children.iter_mut().map(Self::finish).collect::<Result<Vec<_>>>()?;
                let length = std::mem::take(n_rows);
                Arc::new(StructArray::try_new_with_length(
                    fields.clone(),
                    columns,
                    valid.finish(),
                    length,
                )?)
            }
        })
    }

    /// Whether an element of this array or a value of this map can be kept. A list with one bad
    /// element is null as a whole, and what was appended cannot be taken back.
    fn fits_element(&self, node: &Node<'_>, formats: &TextFormats) -> bool {
        match self {
            Self::Array { child, .. } => child.fits(node, formats),
            Self::Map { values, .. } => values.fits(node, formats),
            _ => false,
        }
    }

    fn fits(&self, node: &Node<'_>, formats: &TextFormats) -> bool {
        match (self, &node.value) {
            (_, Value::Null) => true,
            (Self::Scalar(data_type, _), _) => ScalarColumn::new(data_type, "JSON", "")
                .is_ok_and(|mut probe| push_scalar(data_type, &mut probe, node, formats)),
            (Self::Array { .. }, Value::Array(elements)) => {
                elements.iter().all(|element| self.fits_element(element, formats))
            }
            (Self::Map { .. }, Value::Object(members)) => {
                members.iter().all(|(_, value)| self.fits_element(value, formats))
            }
            (Self::Struct { .. }, Value::Object(_)) => true,
            _ => false,
        }
    }

    fn push_elements(&mut self, elements: &[Node<'_>], formats: &TextFormats) -> Outcome {
        let mut outcome = Outcome::Whole;
        if let Self::Array { lengths, valid, child, .. } = self {
            for element in elements {
                outcome = outcome.and(child.push(element, formats));
            }
            lengths.push(elements.len());
            valid.append_non_null();
        }
        outcome
    }

    fn push_members(&mut self, members: &[Member<'_>], formats: &TextFormats) -> Outcome {
        let mut outcome = Outcome::Whole;
        if let Self::Map { lengths, valid, keys, values, .. } = self {
            for (name, value) in members {
                keys.push_text(name, formats);
                outcome = outcome.and(values.push(value, formats));
            }
            lengths.push(members.len());
            valid.append_non_null();
        }
        outcome
    }
}

/// Spark's `JacksonParser` converters: which tokens each type takes.
fn push_scalar(
    data_type: &SparkType,
    column: &mut ScalarColumn,
    node: &Node<'_>,
    formats: &TextFormats,
) -> bool {
    let is_whole = || !node.raw.contains(['.', 'e', 'E', 'N', 'I']);
    let text: Option<&str> = match (&node.value, data_type) {
        (
            Value::String(text),
            SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. },
        ) => Some(text),
        // Anything else becomes a string as it is written.
        (_, SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. }) => {
            Some(node.raw)
        }
        (Value::Boolean, SparkType::Boolean) => Some(node.raw),
        (Value::Number, data_type) if data_type.is_integral() => is_whole().then_some(node.raw),
        (Value::Number, SparkType::Decimal { .. }) => Some(node.raw),
        (Value::String(text), SparkType::Decimal { .. }) => Some(text),
        (Value::Number, SparkType::Float | SparkType::Double) => {
            return push_double(column, node.raw);
        }
        (Value::String(text), SparkType::Float | SparkType::Double) => {
            // Only the numbers that JSON has no form for may stand in quotes.
            return is_non_numeric(text) && push_double(column, text) || push_failed(column);
        }
        (
            Value::String(text),
            SparkType::Date
            | SparkType::Timestamp
            | SparkType::TimestampNtz
            | SparkType::Time { .. },
        ) => Some(text),
        (Value::Number, SparkType::Timestamp) if is_whole() => {
            let seconds = number::parse_int::<i64>(node.raw);
            return match (column, seconds.and_then(|seconds| seconds.checked_mul(1_000_000))) {
                (ScalarColumn::Timestamp(builder), Some(micros)) => {
                    builder.append_value(micros);
                    true
                }
                (column, _) => push_failed(column),
            };
        }
        (Value::String(text), SparkType::Binary) => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(text.as_bytes());
            return match (column, decoded) {
                (ScalarColumn::Binary(builder), Ok(bytes)) => {
                    builder.append_value(bytes);
                    true
                }
                (column, _) => push_failed(column),
            };
        }
        _ => None,
    };
    match text {
        Some(text) => column.push_text(text, formats),
        None => push_failed(column),
    }
}

fn push_failed(column: &mut ScalarColumn) -> bool {
    column.push_null();
    false
}

fn is_non_numeric(text: &str) -> bool {
    matches!(text, "NaN" | "INF" | "+INF" | "-INF" | "Infinity" | "+Infinity" | "-Infinity")
}

fn push_double(column: &mut ScalarColumn, text: &str) -> bool {
    let value = match text.trim_start_matches('+') {
        "NaN" | "-NaN" => Some(f64::NAN),
        "INF" | "Infinity" => Some(f64::INFINITY),
        "-INF" | "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    };
    match column {
        ScalarColumn::Float64(builder) => {
            let value = value.or_else(|| number::parse_f64(text));
            builder.append_option(value);
            value.is_some()
        }
        ScalarColumn::Float32(builder) => {
            let value = value.map(|value| value as f32).or_else(|| text.parse().ok());
            builder.append_option(value);
            value.is_some()
        }
        _ => push_failed(column),
    }
}
