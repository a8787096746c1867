//! Which values a parameter may have: `org.apache.spark.ml.param.ParamValidators`.

use crate::value::Value;

/// A condition on a value.
#[derive(Debug, Clone, Copy)]
pub enum Valid {
    Any,
    Gt(f64),
    GtEq(f64),
    Lt(f64),
    LtEq(f64),
    /// Lower and upper bound, both allowed.
    In(f64, f64),
    /// Lower and upper bound, and whether each is allowed.
    Between(f64, f64, bool, bool),
    OneOf(&'static [&'static str]),
    /// In whatever case.
    OneOfIgnoringCase(&'static [&'static str]),
    /// Arrays of at least so many items.
    LengthGt(usize),
    Check(fn(&Value) -> bool),
}

impl Valid {
    pub fn allows(&self, value: &Value) -> bool {
        let number = || value.as_f64().unwrap_or(f64::NAN);
        match self {
            Valid::Any => true,
            Valid::Gt(bound) => number() > *bound,
            Valid::GtEq(bound) => number() >= *bound,
            Valid::Lt(bound) => number() < *bound,
            Valid::LtEq(bound) => number() <= *bound,
            Valid::In(low, high) => (*low..=*high).contains(&number()),
            Valid::Between(low, high, with_low, with_high) => {
                let number = number();
                (number > *low || (*with_low && number == *low))
                    && (number < *high || (*with_high && number == *high))
            }
            Valid::OneOf(names) => value.as_str().is_some_and(|text| names.contains(&text)),
            Valid::OneOfIgnoringCase(names) => value
                .as_str()
                .is_some_and(|text| names.iter().any(|name| name.eq_ignore_ascii_case(text))),
            Valid::LengthGt(least) => {
                let length = match value {
                    Value::Bools(items) => items.len(),
                    Value::Ints(items) => items.len(),
                    Value::Longs(items) => items.len(),
                    Value::Floats(items) => items.len(),
                    Value::Doubles(items) => items.len(),
                    Value::Strings(items) => items.len(),
                    Value::List(items) => items.len(),
                    _ => 0,
                };
                length > *least
            }
            Valid::Check(check) => check(value),
        }
    }
}
