//! The parameters of one instance: what was set, and the defaults of its class.

use super::{Param, ParamKind};
use crate::error;
use crate::linalg::{Matrix, Vector};
use crate::value::Value;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use std::collections::BTreeMap;

/// Checked parameters of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Spark's class name, `org.apache.spark.ml.feature.PCA`.
    class: String,
    uid: String,
    defaults: BTreeMap<&'static str, Value>,
    set: BTreeMap<&'static str, Value>,
}

impl Params {
    /// Nothing set.
    pub fn new(class: &str, uid: &str, table: &'static [Param]) -> Self {
        let default = |param: &Param| Some((param.name, param.default_value(class, uid)?));
        Self {
            class: class.to_owned(),
            uid: uid.to_owned(),
            defaults: table.iter().filter_map(default).collect(),
            set: BTreeMap::new(),
        }
    }

    /// Sets a parameter of `table`, which is the class's.
    ///
    /// # Errors
    /// There is no such parameter, the value is of another type, or it is not valid.
    pub fn set(&mut self, table: &'static [Param], name: &str, value: Value) -> Result<()> {
        let Some(param) = table.iter().find(|param| param.name == name) else {
            return Err(SparkError::new(
                ErrorKind::NoSuchElement,
                "",
                format!("Param {name} does not exist."),
            ));
        };
        let value = coerce(value, param.kind).map_err(|value| {
            error::illegal(format!(
                "{} parameter {name} wants {:?}, but got {}.",
                self.uid,
                param.kind,
                value.text()
            ))
        })?;
        if !param.valid.allows(&value) {
            return Err(error::illegal(format!(
                "{} parameter {name} given invalid value {}.",
                self.uid,
                value.text()
            )));
        }
        self.set.insert(param.name, value);
        Ok(())
    }

    /// Takes a parameter's default from elsewhere: the saved form of an instance has its own.
    pub fn set_default(&mut self, table: &'static [Param], name: &str, value: Value) {
        if let Some(param) = table.iter().find(|param| param.name == name)
            && let Ok(value) = coerce(value, param.kind)
        {
            self.defaults.insert(param.name, value);
        }
    }

    /// The same values for another class: an estimator's for its model. What that class has not is left out.
    #[must_use]
    pub fn for_class(&self, class: &str, table: &'static [Param]) -> Params {
        let has = |name: &str| table.iter().any(|param| param.name == name);
        let mut made = Params::new(class, &self.uid, table);
        let defaults = self.defaults.iter().filter(|(name, _)| has(name));
        made.defaults.extend(defaults.map(|(name, value)| (*name, value.clone())));
        let set = self.set.iter().filter(|(name, _)| has(name));
        made.set.extend(set.map(|(name, value)| (*name, value.clone())));
        made
    }

    pub fn class(&self) -> &str {
        &self.class
    }

    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// What was set explicitly.
    pub fn explicit(&self) -> &BTreeMap<&'static str, Value> {
        &self.set
    }

    pub fn defaults(&self) -> &BTreeMap<&'static str, Value> {
        &self.defaults
    }

    pub fn is_set(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    /// Value or default.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.set.get(name).or_else(|| self.defaults.get(name))
    }

    fn required(&self, name: &str) -> Result<&Value> {
        self.get(name).ok_or_else(|| {
            SparkError::new(
                ErrorKind::NoSuchElement,
                "",
                format!("Failed to find a default value for {name}"),
            )
        })
    }

    fn wrong(&self, name: &str) -> SparkError {
        SparkError::internal(format!(
            "the parameter {name} of {} was read as another type",
            self.class
        ))
    }

    /// # Errors
    /// This and the readers below: there is neither value nor default; or an internal error, the type is another.
    pub fn bool(&self, name: &str) -> Result<bool> {
        self.required(name)?.as_bool().ok_or_else(|| self.wrong(name))
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn int(&self, name: &str) -> Result<i32> {
        match self.required(name)? {
            Value::Int(value) => Ok(*value),
            _ => Err(self.wrong(name)),
        }
    }

    /// A whole number that its validator keeps from being negative.
    ///
    /// # Errors
    /// As [`Params::bool`].
    pub fn count(&self, name: &str) -> Result<usize> {
        usize::try_from(self.int(name)?).map_err(|_| self.wrong(name))
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn long(&self, name: &str) -> Result<i64> {
        self.required(name)?.as_i64().ok_or_else(|| self.wrong(name))
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn double(&self, name: &str) -> Result<f64> {
        self.required(name)?.as_f64().ok_or_else(|| self.wrong(name))
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn string(&self, name: &str) -> Result<&str> {
        self.required(name)?.as_str().ok_or_else(|| self.wrong(name))
    }

    /// A column's name; none if it is neither set nor defaulted, or empty.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn strings(&self, name: &str) -> Result<&[String]> {
        match self.required(name)? {
            Value::Strings(items) => Ok(items),
            _ => Err(self.wrong(name)),
        }
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn doubles(&self, name: &str) -> Result<&[f64]> {
        match self.required(name)? {
            Value::Doubles(items) => Ok(items),
            _ => Err(self.wrong(name)),
        }
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn ints(&self, name: &str) -> Result<&[i32]> {
        match self.required(name)? {
            Value::Ints(items) => Ok(items),
            _ => Err(self.wrong(name)),
        }
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn vector(&self, name: &str) -> Result<&Vector> {
        match self.required(name)? {
            Value::Vector(vector) => Ok(vector),
            _ => Err(self.wrong(name)),
        }
    }

    /// # Errors
    /// As [`Params::bool`].
    pub fn matrix(&self, name: &str) -> Result<&Matrix> {
        match self.required(name)? {
            Value::Matrix(matrix) => Ok(matrix),
            _ => Err(self.wrong(name)),
        }
    }

    /// Input and output columns of a class that has both `inputCol` and `inputCols`.
    ///
    /// # Errors
    /// Spark's: both or neither are set, or their numbers differ.
    pub fn in_out_columns(&self) -> Result<Vec<(String, String)>> {
        let both = |single: &str, several: &str| {
            error::illegal(format!(
                "{} requires exactly one of {single}, {several} Params to be set, but both are set.",
                self.uid
            ))
        };
        let name = |column: &str| self.get(column).and_then(Value::as_str).map(str::to_owned);
        match (self.is_set("inputCol"), self.is_set("inputCols")) {
            (true, true) => Err(both("inputCol", "inputCols")),
            (true, false) => {
                if self.is_set("outputCols") {
                    return Err(both("outputCol", "outputCols"));
                }
                let input = name("inputCol").unwrap_or_default();
                Ok(vec![(input, self.string("outputCol")?.to_owned())])
            }
            (false, true) => {
                let inputs = self.strings("inputCols")?;
                let Some(Value::Strings(outputs)) = self.get("outputCols") else {
                    return Err(error::illegal(format!(
                        "requirement failed: {} requires outputCols to be set.",
                        self.uid
                    )));
                };
                if inputs.len() != outputs.len() {
                    return Err(error::requirement(format!(
                        "The number of input columns {} must be the same as the number of output columns {}.",
                        inputs.len(),
                        outputs.len()
                    )));
                }
                Ok(inputs.iter().cloned().zip(outputs.iter().cloned()).collect())
            }
            (false, false) => Err(error::illegal(format!(
                "{} requires exactly one of inputCol, inputCols Params to be set, but none is set.",
                self.uid
            ))),
        }
    }
}

/// `value` as the type of a parameter: clients know fewer types of numbers. The value itself if it is none.
fn coerce(value: Value, kind: ParamKind) -> Result<Value, Value> {
    let wrong = value.clone();
    let list = |value: Value, kind: ParamKind| coerce(value, kind).map_err(|_| wrong.clone());
    let int = |item: i64| i32::try_from(item).map_err(|_| wrong.clone());
    Ok(match (kind, value) {
        (ParamKind::Bool, value @ Value::Bool(_))
        | (ParamKind::Int, value @ Value::Int(_))
        | (ParamKind::Long, value @ Value::Long(_))
        | (ParamKind::Float, value @ Value::Float(_))
        | (ParamKind::Double, value @ Value::Double(_))
        | (ParamKind::String, value @ Value::String(_))
        | (ParamKind::Ints, value @ Value::Ints(_))
        | (ParamKind::Doubles, value @ Value::Doubles(_))
        | (ParamKind::Strings, value @ Value::Strings(_))
        | (ParamKind::Vector, value @ Value::Vector(_))
        | (ParamKind::Matrix, value @ Value::Matrix(_)) => value,
        (ParamKind::Int, Value::Long(item)) => Value::Int(int(item)?),
        (ParamKind::Long, Value::Int(item)) => Value::Long(i64::from(item)),
        (ParamKind::Float, Value::Double(item)) => Value::Float(item as f32),
        (ParamKind::Float, Value::Int(item)) => Value::Float(item as f32),
        (ParamKind::Float, Value::Long(item)) => Value::Float(item as f32),
        (ParamKind::Double, Value::Float(item)) => Value::Double(f64::from(item)),
        (ParamKind::Double, Value::Int(item)) => Value::Double(f64::from(item)),
        (ParamKind::Double, Value::Long(item)) => Value::Double(item as f64),
        (ParamKind::Ints, Value::Longs(items)) => {
            Value::Ints(items.into_iter().map(int).collect::<Result<_, _>>()?)
        }
        (ParamKind::Doubles, Value::Floats(items)) => {
            Value::Doubles(items.into_iter().map(f64::from).collect())
        }
        (ParamKind::Doubles, Value::Ints(items)) => {
            Value::Doubles(items.into_iter().map(f64::from).collect())
        }
        (ParamKind::Doubles, Value::Longs(items)) => {
            Value::Doubles(items.into_iter().map(|item| item as f64).collect())
        }
        (ParamKind::Vector, Value::Doubles(items)) => Value::Vector(Vector::Dense(items)),
        (ParamKind::DoubleLists, Value::List(items)) => Value::List(
            items
                .into_iter()
                .map(|item| list(item, ParamKind::Doubles))
                .collect::<Result<_, _>>()?,
        ),
        (ParamKind::StringLists, Value::List(items)) => Value::List(
            items
                .into_iter()
                .map(|item| list(item, ParamKind::Strings))
                .collect::<Result<_, _>>()?,
        ),
        // An empty array has no type of its own.
        (ParamKind::Ints, Value::List(items)) if items.is_empty() => Value::Ints(Vec::new()),
        (ParamKind::Doubles, Value::List(items)) if items.is_empty() => Value::Doubles(Vec::new()),
        (ParamKind::Strings, Value::List(items)) if items.is_empty() => Value::Strings(Vec::new()),
        _ => return Err(wrong),
    })
}
