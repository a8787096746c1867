//! Parameters of estimators, models, transformers and evaluators, by Spark's names.
//!
//! A class lists its parameters in a static table of [`Param`]s: type, default, which values are valid. What the
//! client sets is coerced and checked when a [`Params`] is made of it; after that reading cannot fail but for a
//! parameter that has neither value nor default.

mod json;
mod params;
pub mod shared;
mod valid;

pub use params::Params;
pub use valid::Valid;

use crate::value::Value;

/// Type of a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    Bool,
    Int,
    Long,
    Float,
    Double,
    String,
    Ints,
    Doubles,
    Strings,
    /// An array of arrays of doubles.
    DoubleLists,
    /// An array of arrays of strings.
    StringLists,
    Vector,
    Matrix,
}

/// Value of a parameter that nobody set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Default {
    /// Reading it is an error.
    None,
    Bool(bool),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Str(&'static str),
    Ints(&'static [i32]),
    Doubles(&'static [f64]),
    Strs(&'static [&'static str]),
    /// The uid of the instance and this: output columns.
    UidAnd(&'static str),
    /// Java's hash of the class name: seeds.
    ClassHash,
}

/// A parameter of a class.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Spark's name.
    pub name: &'static str,
    pub kind: ParamKind,
    pub default: Default,
    pub valid: Valid,
}

impl Param {
    pub const fn new(name: &'static str, kind: ParamKind, default: Default) -> Self {
        Self { name, kind, default, valid: Valid::Any }
    }

    pub const fn bool(name: &'static str, default: bool) -> Self {
        Self::new(name, ParamKind::Bool, Default::Bool(default))
    }

    pub const fn int(name: &'static str, default: i32) -> Self {
        Self::new(name, ParamKind::Int, Default::Int(default))
    }

    pub const fn long(name: &'static str, default: i64) -> Self {
        Self::new(name, ParamKind::Long, Default::Long(default))
    }

    pub const fn float(name: &'static str, default: f32) -> Self {
        Self::new(name, ParamKind::Float, Default::Float(default))
    }

    pub const fn double(name: &'static str, default: f64) -> Self {
        Self::new(name, ParamKind::Double, Default::Double(default))
    }

    pub const fn string(name: &'static str, default: &'static str) -> Self {
        Self::new(name, ParamKind::String, Default::Str(default))
    }

    /// The parameter with another default: a shared one of `shared`.
    #[must_use]
    pub const fn or(self, default: Default) -> Self {
        Self { default, ..self }
    }

    /// The parameter with values restricted.
    #[must_use]
    pub const fn valid(self, valid: Valid) -> Self {
        Self { valid, ..self }
    }

    /// Its default for an instance; none if it has none.
    pub fn default_value(&self, class: &str, uid: &str) -> Option<Value> {
        Some(match self.default {
            Default::None => return None,
            Default::Bool(value) => Value::Bool(value),
            Default::Int(value) => Value::Int(value),
            Default::Long(value) => Value::Long(value),
            Default::Float(value) => Value::Float(value),
            Default::Double(value) => Value::Double(value),
            Default::Str(value) => Value::String(value.to_owned()),
            Default::Ints(items) => Value::Ints(items.to_vec()),
            Default::Doubles(items) => Value::Doubles(items.to_vec()),
            Default::Strs(items) => {
                Value::Strings(items.iter().map(|item| (*item).to_owned()).collect())
            }
            Default::UidAnd(suffix) => Value::String(format!("{uid}{suffix}")),
            Default::ClassHash => Value::Long(i64::from(java_hash(class))),
        })
    }
}

/// `String.hashCode`.
pub(crate) fn java_hash(text: &str) -> i32 {
    text.encode_utf16()
        .fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}
