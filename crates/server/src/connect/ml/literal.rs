//! Values of MLlib as literals of the protocol and back.

use crate::connect::convert::faults;
use crate::connect::data_type::to_proto;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_ml::Value;
use firesteel_ml::linalg::{Matrix, MatrixStorage, Vector};
use firesteel_proto::spark::connect as proto;
use proto::data_type::{self, Kind};
use proto::expression::Literal;
use proto::expression::literal::specialized_array::ValueType;
use proto::expression::literal::{Array, LiteralType, SpecializedArray, Struct};

const VECTOR: &str = "org.apache.spark.ml.linalg.VectorUDT";
const MATRIX: &str = "org.apache.spark.ml.linalg.MatrixUDT";

/// Parameters that a message sets.
///
/// # Errors
/// As [`value`].
pub fn params(message: Option<&proto::MlParams>) -> Result<Vec<(String, Value)>> {
    let params = message.iter().flat_map(|message| &message.params);
    params.map(|(name, literal)| Ok((name.clone(), value(literal)?))).collect()
}

/// # Errors
/// A part is missing, or the literal is of a type that no parameter has.
pub fn value(literal: &Literal) -> Result<Value> {
    let kind = literal.literal_type.as_ref().ok_or_else(faults::literal)?;
    Ok(match kind {
        LiteralType::Null(_) => Value::Null,
        LiteralType::Boolean(value) => Value::Bool(*value),
        LiteralType::Byte(value) | LiteralType::Short(value) | LiteralType::Integer(value) => {
            Value::Int(*value)
        }
        LiteralType::Long(value) => Value::Long(*value),
        LiteralType::Float(value) => Value::Float(*value),
        LiteralType::Double(value) => Value::Double(*value),
        LiteralType::String(value) => Value::String(value.clone()),
        LiteralType::SpecializedArray(array) => match array.value_type.as_ref() {
            Some(ValueType::Bools(items)) => Value::Bools(items.values.clone()),
            Some(ValueType::Ints(items)) => Value::Ints(items.values.clone()),
            Some(ValueType::Longs(items)) => Value::Longs(items.values.clone()),
            Some(ValueType::Floats(items)) => Value::Floats(items.values.clone()),
            Some(ValueType::Doubles(items)) => Value::Doubles(items.values.clone()),
            Some(ValueType::Strings(items)) => Value::Strings(items.values.clone()),
            None => Value::List(Vec::new()),
        },
        LiteralType::Array(array) => {
            list(array.elements.iter().map(value).collect::<Result<Vec<_>>>()?)
        }
        LiteralType::Struct(own) => structure(own)?,
        _ => return Err(SparkError::invalid_plan("A parameter has a value of an unknown type.")),
    })
}

/// Arrays of one type of scalars have a form of their own.
fn list(items: Vec<Value>) -> Value {
    macro_rules! all {
        ($kind:ident, $list:ident) => {
            if items.iter().all(|item| matches!(item, Value::$kind(_))) {
                let own = items.into_iter().filter_map(|item| match item {
                    Value::$kind(item) => Some(item),
                    _ => None,
                });
                return Value::$list(own.collect());
            }
        };
    }
    if items.is_empty() {
        return Value::List(items);
    }
    all!(Bool, Bools);
    all!(Int, Ints);
    all!(Long, Longs);
    all!(Float, Floats);
    all!(Double, Doubles);
    all!(String, Strings);
    if items.iter().all(|item| item.as_f64().is_some()) {
        return Value::Doubles(items.iter().filter_map(Value::as_f64).collect());
    }
    Value::List(items)
}

#[allow(deprecated)] // The client writes the type where older servers read it.
fn structure(own: &Struct) -> Result<Value> {
    let broken = || SparkError::invalid_plan("A vector or matrix is broken.");
    let class = match own.struct_type.as_ref().and_then(|kind| kind.kind.as_ref()) {
        Some(Kind::Udt(udt)) => udt.jvm_class.clone().unwrap_or_default(),
        _ => return Err(SparkError::invalid_plan("A parameter is a struct that is no vector.")),
    };
    let parts = own.elements.iter().map(value).collect::<Result<Vec<_>>>()?;
    let ints = |at: usize| match parts.get(at) {
        Some(Value::Ints(items)) => Ok(items.clone()),
        Some(Value::List(items)) if items.is_empty() => Ok(Vec::new()),
        _ => Err(broken()),
    };
    let doubles = |at: usize| match parts.get(at) {
        Some(Value::Doubles(items)) => Ok(items.clone()),
        Some(Value::List(items)) if items.is_empty() => Ok(Vec::new()),
        _ => Err(broken()),
    };
    let size = |at: usize| {
        let size = parts.get(at).and_then(Value::as_i64).ok_or_else(broken)?;
        usize::try_from(size).map_err(|_| broken())
    };
    let is_sparse = size(0)? == 0;
    match class.as_str() {
        VECTOR if is_sparse => {
            let (size, indices, values) = (size(1)?, ints(2)?, doubles(3)?);
            let ascend = indices.windows(2).all(|pair| pair[0] < pair[1]);
            let inside =
                indices.iter().all(|index| usize::try_from(*index).is_ok_and(|index| index < size));
            if indices.len() != values.len() || !ascend || !inside {
                return Err(broken());
            }
            Ok(Value::Vector(Vector::Sparse { size, indices, values }))
        }
        VECTOR => Ok(Value::Vector(Vector::Dense(doubles(3)?))),
        MATRIX => {
            let (n_rows, n_cols, values) = (size(1)?, size(2)?, doubles(5)?);
            let transposed = parts.get(6).and_then(Value::as_bool).ok_or_else(broken)?;
            let storage = match is_sparse {
                true => {
                    let (starts, indices) = (ints(3)?, ints(4)?);
                    let (n_major, n_minor) =
                        if transposed { (n_rows, n_cols) } else { (n_cols, n_rows) };
                    let fits = starts.len() == n_major + 1
                        && starts.first() == Some(&0)
                        && starts.windows(2).all(|pair| pair[0] <= pair[1])
                        && starts.last().and_then(|last| usize::try_from(*last).ok())
                            == Some(values.len())
                        && indices.len() == values.len()
                        && indices.iter().all(|index| {
                            usize::try_from(*index).is_ok_and(|index| index < n_minor)
                        });
                    if !fits {
                        return Err(broken());
                    }
                    MatrixStorage::Sparse { starts, indices, values }
                }
                false if n_rows.checked_mul(n_cols) == Some(values.len()) => {
                    MatrixStorage::Dense(values)
                }
                false => return Err(broken()),
            };
            Ok(Value::Matrix(Matrix { n_rows, n_cols, transposed, storage }))
        }
        _ => Err(SparkError::invalid_plan(format!("A parameter has the unknown class {class}."))),
    }
}

/// A value as the client reads it: arrays with their types, but inside of vectors and matrices the short form.
pub fn literal(value: &Value) -> Literal {
    let plain = |kind| Literal { data_type: None, literal_type: Some(kind) };
    let kind = match value {
        Value::Null => LiteralType::Null(null_type()),
        Value::Bool(value) => LiteralType::Boolean(*value),
        Value::Int(value) => LiteralType::Integer(*value),
        Value::Long(value) => LiteralType::Long(*value),
        Value::Float(value) => LiteralType::Float(*value),
        Value::Double(value) => LiteralType::Double(*value),
        Value::String(value) => LiteralType::String(value.clone()),
        Value::Bools(items) => {
            array(&SparkType::Boolean, items.iter().map(|item| plain(LiteralType::Boolean(*item))))
        }
        Value::Ints(items) => {
            array(&SparkType::Integer, items.iter().map(|item| plain(LiteralType::Integer(*item))))
        }
        Value::Longs(items) => {
            array(&SparkType::Long, items.iter().map(|item| plain(LiteralType::Long(*item))))
        }
        Value::Floats(items) => {
            array(&SparkType::Float, items.iter().map(|item| plain(LiteralType::Float(*item))))
        }
        Value::Doubles(items) => {
            array(&SparkType::Double, items.iter().map(|item| plain(LiteralType::Double(*item))))
        }
        Value::Strings(items) => array(
            &SparkType::string(),
            items.iter().map(|item| plain(LiteralType::String(item.clone()))),
        ),
        Value::List(items) => {
            array(&items.first().map_or_else(SparkType::string, type_of), items.iter().map(literal))
        }
        Value::Vector(vector) => {
            let (kind, size, indices, values) = match vector {
                Vector::Dense(values) => (1, Value::Null, Value::Null, values),
                Vector::Sparse { size, indices, values } => {
                    (0, Value::Int(*size as i32), Value::Ints(indices.clone()), values)
                }
            };
            udt(VECTOR, kind, &[size, indices, Value::Doubles(values.clone())])
        }
        Value::Matrix(matrix) => {
            let (kind, starts, indices, values) = match &matrix.storage {
                MatrixStorage::Dense(values) => (1, Value::Null, Value::Null, values),
                MatrixStorage::Sparse { starts, indices, values } => {
                    (0, Value::Ints(starts.clone()), Value::Ints(indices.clone()), values)
                }
            };
            udt(
                MATRIX,
                kind,
                &[
                    Value::Int(matrix.n_rows as i32),
                    Value::Int(matrix.n_cols as i32),
                    starts,
                    indices,
                    Value::Doubles(values.clone()),
                    Value::Bool(matrix.transposed),
                ],
            )
        }
    };
    Literal { data_type: None, literal_type: Some(kind) }
}

fn null_type() -> proto::DataType {
    proto::DataType { kind: Some(Kind::Null(data_type::Null::default())) }
}

#[allow(deprecated)] // The client reads the type here only.
fn array(element: &SparkType, elements: impl Iterator<Item = Literal>) -> LiteralType {
    LiteralType::Array(Array {
        element_type: Some(to_proto(element)),
        elements: elements.collect(),
    })
}

/// The type of a value in an array.
fn type_of(value: &Value) -> SparkType {
    let array = |element| SparkType::Array { element: Box::new(element), contains_null: false };
    match value {
        Value::Null => SparkType::Null,
        Value::Bool(_) => SparkType::Boolean,
        Value::Int(_) => SparkType::Integer,
        Value::Long(_) => SparkType::Long,
        Value::Float(_) => SparkType::Float,
        Value::Double(_) => SparkType::Double,
        Value::String(_) => SparkType::string(),
        Value::Vector(_) => firesteel_ml::linalg::vector_type(),
        Value::Matrix(_) => firesteel_ml::linalg::matrix_type(),
        Value::Bools(_) => array(SparkType::Boolean),
        Value::Ints(_) => array(SparkType::Integer),
        Value::Longs(_) => array(SparkType::Long),
        Value::Floats(_) => array(SparkType::Float),
        Value::Doubles(_) => array(SparkType::Double),
        Value::Strings(_) => array(SparkType::string()),
        Value::List(items) => array(items.first().map_or_else(SparkType::string, type_of)),
    }
}

/// A part of a vector or matrix.
fn part(value: &Value) -> Literal {
    let items = match value {
        Value::Ints(items) => ValueType::Ints(proto::Ints { values: items.clone() }),
        Value::Doubles(items) => ValueType::Doubles(proto::Doubles { values: items.clone() }),
        other => return literal(other),
    };
    let array = SpecializedArray { value_type: Some(items) };
    Literal { data_type: None, literal_type: Some(LiteralType::SpecializedArray(array)) }
}

fn udt(class: &str, kind: i32, rest: &[Value]) -> LiteralType {
    let kind = Literal { data_type: None, literal_type: Some(LiteralType::Byte(kind)) };
    let own = data_type::Udt {
        r#type: "udt".to_owned(),
        jvm_class: Some(class.to_owned()),
        ..Default::default()
    };
    #[allow(deprecated)] // The client reads the type here only.
    LiteralType::Struct(Struct {
        struct_type: Some(proto::DataType { kind: Some(Kind::Udt(Box::new(own))) }),
        elements: std::iter::once(kind).chain(rest.iter().map(part)).collect(),
    })
}
