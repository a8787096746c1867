//! `reflect`, `java_method` and `try_reflect`: static methods of Java's classes.
//!
//! There is no JVM; the methods that queries call most are here under Java's names, with Java's answers as text. Any
//! other class or method is refused as Spark refuses one that does not exist.

use crate::call::{Arg, Call};
use crate::cast::java_double::double_text;
use crate::columns::strings;
use crate::implicit::{literal_text, not_foldable};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::ArrayRef;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

/// Which method, and whether what it throws makes null.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    class: String,
    method: String,
    tolerant: bool,
}

/// What a method takes and answers.
#[derive(Debug, Clone, Copy)]
enum Form {
    Now(fn() -> String),
    OfText(fn(&str) -> Option<String>),
    OfTexts(fn(&str, &str) -> Option<String>),
    OfBoolean(fn(bool) -> Option<String>),
    OfInt(fn(i32) -> String),
    OfInts(fn(i32, i32) -> String),
    OfLong(fn(i64) -> String),
    OfLongs(fn(i64, i64) -> String),
    OfDouble(fn(f64) -> f64),
    OfDoubles(fn(f64, f64) -> f64),
}

impl Form {
    fn takes(self, types: &[SparkType]) -> bool {
        use SparkType::{Double, Integer, Long};
        match self {
            Form::Now(_) => types.is_empty(),
            Form::OfText(_) => matches!(types, [text] if text.is_string()),
            Form::OfTexts(_) => matches!(types, [a, b] if a.is_string() && b.is_string()),
            Form::OfBoolean(_) => matches!(types, [SparkType::Boolean]),
            Form::OfInt(_) => matches!(types, [Integer]),
            Form::OfInts(_) => matches!(types, [Integer, Integer]),
            Form::OfLong(_) => matches!(types, [Long]),
            Form::OfLongs(_) => matches!(types, [Long, Long]),
            Form::OfDouble(_) => matches!(types, [Double]),
            Form::OfDoubles(_) => matches!(types, [Double, Double]),
        }
    }

    /// None if Java throws.
    fn call(self, args: &[ScalarValue]) -> Option<String> {
        use ScalarValue::{Float64, Int32, Int64, Utf8};
        match (self, args) {
            (Form::Now(f), []) => Some(f()),
            (Form::OfText(f), [Utf8(Some(a))]) => f(a),
            (Form::OfTexts(f), [Utf8(Some(a)), Utf8(Some(b))]) => f(a, b),
            (Form::OfBoolean(f), [ScalarValue::Boolean(Some(a))]) => f(*a),
            (Form::OfInt(f), [Int32(Some(a))]) => Some(f(*a)),
            (Form::OfInts(f), [Int32(Some(a)), Int32(Some(b))]) => Some(f(*a, *b)),
            (Form::OfLong(f), [Int64(Some(a))]) => Some(f(*a)),
            (Form::OfLongs(f), [Int64(Some(a)), Int64(Some(b))]) => Some(f(*a, *b)),
            (Form::OfDouble(f), [Float64(Some(a))]) => Some(double_text(f(*a))),
            (Form::OfDoubles(f), [Float64(Some(a)), Float64(Some(b))]) => {
                Some(double_text(f(*a, *b)))
            }
            _ => None,
        }
    }
}

const METHODS: &[(&str, &str, Form)] = &[
    ("java.util.UUID", "randomUUID", Form::Now(random_uuid)),
    ("java.util.UUID", "fromString", Form::OfText(uuid)),
    (
        "java.lang.System",
        "currentTimeMillis",
        Form::Now(|| chrono::Utc::now().timestamp_millis().to_string()),
    ),
    ("java.net.URLDecoder", "decode", Form::OfText(crate::url::decoded)),
    ("java.net.URLDecoder", "decode", Form::OfTexts(|text, _| crate::url::decoded(text))),
    ("java.net.URLEncoder", "encode", Form::OfText(|text| Some(crate::url::encoded(text)))),
    ("java.net.URLEncoder", "encode", Form::OfTexts(|text, _| Some(crate::url::encoded(text)))),
    (
        "java.lang.Integer",
        "parseInt",
        Form::OfText(|text| Some(text.parse::<i32>().ok()?.to_string())),
    ),
    ("java.lang.Integer", "toHexString", Form::OfInt(|n| format!("{n:x}"))),
    ("java.lang.Integer", "toOctalString", Form::OfInt(|n| format!("{n:o}"))),
    ("java.lang.Integer", "toBinaryString", Form::OfInt(|n| format!("{n:b}"))),
    ("java.lang.Integer", "bitCount", Form::OfInt(|n| n.count_ones().to_string())),
    (
        "java.lang.Long",
        "parseLong",
        Form::OfText(|text| Some(text.parse::<i64>().ok()?.to_string())),
    ),
    ("java.lang.Long", "toHexString", Form::OfLong(|n| format!("{n:x}"))),
    ("java.lang.Long", "toBinaryString", Form::OfLong(|n| format!("{n:b}"))),
    ("java.lang.Long", "bitCount", Form::OfLong(|n| n.count_ones().to_string())),
    ("scala.Predef", "require", Form::OfBoolean(|holds| holds.then(|| "null".to_owned()))),
    ("java.lang.Math", "abs", Form::OfInt(|n| n.wrapping_abs().to_string())),
    ("java.lang.Math", "abs", Form::OfLong(|n| n.wrapping_abs().to_string())),
    ("java.lang.Math", "abs", Form::OfDouble(f64::abs)),
    ("java.lang.Math", "max", Form::OfInts(|a, b| a.max(b).to_string())),
    ("java.lang.Math", "max", Form::OfLongs(|a, b| a.max(b).to_string())),
    ("java.lang.Math", "max", Form::OfDoubles(f64::max)),
    ("java.lang.Math", "min", Form::OfInts(|a, b| a.min(b).to_string())),
    ("java.lang.Math", "min", Form::OfLongs(|a, b| a.min(b).to_string())),
    ("java.lang.Math", "min", Form::OfDoubles(f64::min)),
    ("java.lang.Math", "sqrt", Form::OfDouble(f64::sqrt)),
    ("java.lang.Math", "cbrt", Form::OfDouble(f64::cbrt)),
    ("java.lang.Math", "ceil", Form::OfDouble(f64::ceil)),
    ("java.lang.Math", "floor", Form::OfDouble(f64::floor)),
    ("java.lang.Math", "pow", Form::OfDoubles(f64::powf)),
    ("java.lang.Math", "hypot", Form::OfDoubles(f64::hypot)),
];

fn random_uuid() -> String {
    let random: u128 = rand::random();
    // Version 4, variant 2.
    dashed(random & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62)
}

/// Five groups of hexadecimal digits, which may be shorter than they are printed.
fn uuid(text: &str) -> Option<String> {
    const DIGITS: [u32; 5] = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() != DIGITS.len() {
        return None;
    }
    let mut value = 0u128;
    for (part, digits) in parts.into_iter().zip(DIGITS) {
        let number = u64::from_str_radix(part, 16).ok().filter(|_| !part.starts_with('+'))?;
        let bits = digits * 4;
        value = value << bits | u128::from(number) & ((1 << bits) - 1);
    }
    Some(dashed(value))
}

fn dashed(value: u128) -> String {
    let text = format!("{value:032x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

pub(super) fn reflect(call: Call<'_>) -> Result<Expr> {
    build(call, false)
}

pub(super) fn try_reflect(call: Call<'_>) -> Result<Expr> {
    build(call, true)
}

fn build(call: Call<'_>, tolerant: bool) -> Result<Expr> {
    call.check_arity(2, usize::MAX)?;
    let constant = |position: usize, name: &str| {
        literal_text(&call.args[position]).ok_or_else(|| not_foldable(call.name, name))
    };
    let (class, method) = (constant(0, "class")?, constant(1, "method")?);
    let shown = call.args.iter().map(Arg::sql).collect::<Vec<_>>().join(", ");
    let shown = format!("\"{}({shown})\"", call.name);
    if !METHODS.iter().any(|(known, ..)| *known == class) {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.UNEXPECTED_CLASS_TYPE",
            format!("Cannot resolve {shown} due to data type mismatch: class {class} not found."),
        )
        .with("sqlExpr", shown)
        .with("className", class));
    }
    let types = call.args[2..].iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    if find(&class, &method, |form| form.takes(&types)).is_none() {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.UNEXPECTED_STATIC_METHOD",
            format!(
                "Cannot resolve {shown} due to data type mismatch: cannot find a static method \
                 {method} that matches the argument types in {class}."
            ),
        )
        .with("sqlExpr", shown)
        .with("methodName", method)
        .with("className", class));
    }
    let kernel = REFLECT.kernel(Params { class, method, tolerant }, &SparkType::string());
    let args = call.args.into_iter().skip(2).map(|arg| arg.expr).collect();
    Ok(kernel.nullable(Nullable::Always).volatile().call(args))
}

fn find(class: &str, method: &str, fits: impl Fn(Form) -> bool) -> Option<Form> {
    let named =
        |(of, name, form): &&(&str, &str, Form)| *of == class && *name == method && fits(*form);
    METHODS.iter().find(named).map(|(_, _, form)| *form)
}

pub(super) static REFLECT: Kind<Params> = Kind::new("reflect", evaluate);

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    strings(input.n_rows, |row| {
        let values = input.args.iter().map(|column| ScalarValue::try_from_array(column, row));
        let values = values.collect::<datafusion_common::Result<Vec<_>>>()?;
        let types = values.iter().map(|value| SparkType::from_arrow(&value.data_type()));
        let types = types.collect::<Result<Vec<_>>>()?;
        let form = find(&params.class, &params.method, |form| form.takes(&types));
        match form.and_then(|form| form.call(&values)) {
            None if !params.tolerant => {
                let (class, method) = (&params.class, &params.method);
                Err(SparkError::runtime("", format!("{class}.{method} threw an exception")))
            }
            answer => Ok(answer),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids() {
        let text = "a5cf6c42-0c85-418f-af6c-3e4e5b1328f2";
        assert_eq!(uuid(text).as_deref(), Some(text));
        assert_eq!(uuid("1-2-3-4-5").as_deref(), Some("00000001-0002-0003-0004-000000000005"));
        assert_eq!((uuid("b"), uuid("1-2-3-4-x")), (None, None));
        assert_eq!(random_uuid().as_bytes()[14], b'4');
    }
}
