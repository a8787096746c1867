//! Parameters as the JSON of saved instances (`Param.jsonEncode`).

use super::{Param, ParamKind, Params};
use crate::linalg::{Matrix, Vector};
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

fn double(value: f64) -> Json {
    if value.is_nan() {
        return json!("NaN");
    }
    if value.is_infinite() {
        return json!(if value > 0.0 { "Inf" } else { "-Inf" });
    }
    json!(value)
}

impl Value {
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::Long(value) => json!(value),
            Value::Float(value) => double(f64::from(*value)),
            Value::Double(value) => double(*value),
            Value::String(value) => json!(value),
            Value::Vector(vector) => vector.to_json(),
            Value::Matrix(matrix) => matrix.to_json(),
            Value::Bools(items) => json!(items),
            Value::Ints(items) => json!(items),
            Value::Longs(items) => json!(items),
            Value::Floats(items) => items.iter().map(|item| double(f64::from(*item))).collect(),
            Value::Doubles(items) => items.iter().map(|item| double(*item)).collect(),
            Value::Strings(items) => json!(items),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
        }
    }

    /// What [`Value::to_json`] gave for a parameter of this type; none for anything else.
    pub fn from_json(json: &Json, kind: ParamKind) -> Option<Value> {
        let number = |json: &Json| match json.as_str() {
            Some("NaN") => Some(f64::NAN),
            Some("Inf") => Some(f64::INFINITY),
            Some("-Inf") => Some(f64::NEG_INFINITY),
            Some(_) => None,
            None => json.as_f64(),
        };
        let int = |json: &Json| i32::try_from(json.as_i64()?).ok();
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let lists = |kind: ParamKind| {
            let items = json.as_array()?.iter();
            Some(Value::List(
                items.map(|item| Value::from_json(item, kind)).collect::<Option<_>>()?,
            ))
        };
        Some(match kind {
            ParamKind::Bool => Value::Bool(json.as_bool()?),
            ParamKind::Int => Value::Int(int(json)?),
            ParamKind::Long => Value::Long(json.as_i64()?),
            ParamKind::Float => Value::Float(number(json)? as f32),
            ParamKind::Double => Value::Double(number(json)?),
            ParamKind::String => Value::String(text(json)?),
            ParamKind::Ints => {
                Value::Ints(json.as_array()?.iter().map(int).collect::<Option<_>>()?)
            }
            ParamKind::Doubles => {
                Value::Doubles(json.as_array()?.iter().map(number).collect::<Option<_>>()?)
            }
            ParamKind::Strings => {
                Value::Strings(json.as_array()?.iter().map(text).collect::<Option<_>>()?)
            }
            ParamKind::DoubleLists => lists(ParamKind::Doubles)?,
            ParamKind::StringLists => lists(ParamKind::Strings)?,
            ParamKind::Vector => Value::Vector(Vector::from_json(json)?),
            ParamKind::Matrix => Value::Matrix(Matrix::from_json(json)?),
        })
    }
}

impl Params {
    /// `paramMap` and `defaultParamMap` of a saved instance.
    pub fn to_json(&self) -> (Json, Json) {
        let map = |values: &BTreeMap<&'static str, Value>| {
            let entries = values.iter().map(|(name, value)| ((*name).to_owned(), value.to_json()));
            Json::Object(entries.collect::<Map<_, _>>())
        };
        (map(self.explicit()), map(self.defaults()))
    }

    /// Takes over the maps of a saved instance. Parameters that this version does not know are left out.
    ///
    /// # Errors
    /// A value is not valid.
    pub fn read_json(
        &mut self,
        table: &'static [Param],
        set: &Json,
        defaults: &Json,
    ) -> firesteel_common::Result<()> {
        for param in table {
            let value = |map: &Json| Value::from_json(map.get(param.name)?, param.kind);
            if let Some(value) = value(defaults) {
                self.set_default(table, param.name, value);
            }
            if let Some(value) = value(set) {
                self.set(table, param.name, value)?;
            }
        }
        Ok(())
    }
}
