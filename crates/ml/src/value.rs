//! Values of parameters, arguments and attributes: what the client sends and fetches.

use crate::linalg::{Matrix, Vector, double_text};
use serde::{Deserialize, Serialize};

/// A value that crosses the border to the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    String(String),
    Vector(Vector),
    Matrix(Matrix),
    Bools(Vec<bool>),
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Strings(Vec<String>),
    /// Arrays of arrays, and arrays of vectors.
    List(Vec<Value>),
}

impl Value {
    /// Numbers as a double.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(f64::from(*value)),
            Value::Long(value) => Some(*value as f64),
            Value::Float(value) => Some(f64::from(*value)),
            Value::Double(value) => Some(*value),
            _ => None,
        }
    }

    /// Whole numbers.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(i64::from(*value)),
            Value::Long(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// As Spark's error messages show it.
    pub fn text(&self) -> String {
        fn list(items: impl Iterator<Item = String>) -> String {
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Long(value) => value.to_string(),
            Value::Float(value) => double_text(f64::from(*value)),
            Value::Double(value) => double_text(*value),
            Value::String(value) => value.clone(),
            Value::Vector(vector) => vector.view().text(),
            Value::Matrix(matrix) => format!("{matrix:?}"),
            Value::Bools(items) => list(items.iter().map(bool::to_string)),
            Value::Ints(items) => list(items.iter().map(i32::to_string)),
            Value::Longs(items) => list(items.iter().map(i64::to_string)),
            Value::Floats(items) => list(items.iter().map(|item| double_text(f64::from(*item)))),
            Value::Doubles(items) => list(items.iter().map(|item| double_text(*item))),
            Value::Strings(items) => list(items.iter().cloned()),
            Value::List(items) => list(items.iter().map(Value::text)),
        }
    }
}
