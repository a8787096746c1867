//! Implicit conversion of arguments to what a function takes (Spark's `ImplicitTypeCasts` and
//! `AnsiTypeCoercion` for `ImplicitCastInputTypes`), and the error when there is none.

use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::coercion::implicit::converts;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType};

/// The argument at `position` (counted from 0) as `target`.
///
/// # Errors
/// `DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE` when Spark would not convert it by itself.
pub(crate) fn implicit(
    function: &str,
    position: usize,
    arg: Arg,
    target: &SparkType,
    settings: &SessionSettings,
) -> Result<Expr> {
    let actual = arg.spark_type()?;
    if actual == *target || actual.to_arrow() == target.to_arrow() {
        return Ok(arg.expr);
    }
    if !converts(&actual, target, settings.ansi) {
        return Err(unexpected_type(function, position, &arg, &target.sql()));
    }
    cast(arg, target, EvalMode::of(settings), settings)
}

/// Spark's error for an argument of a type that the function does not take. `required` as Spark
/// words it: `"NUMERIC" or "ANSI INTERVAL"`.
pub(crate) fn unexpected_type(
    function: &str,
    position: usize,
    arg: &Arg,
    required: &str,
) -> SparkError {
    let required =
        if required.contains('"') { required.to_owned() } else { format!("\"{required}\"") };
    let actual = match arg.spark_type() {
        Ok(found) => found.sql(),
        Err(_) => arg.data_type().to_string().to_uppercase(),
    };
    let shown = arg.sql();
    let ordinal = ordinal(position + 1);
    SparkError::analysis(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        format!(
            "Cannot resolve \"{function}({shown})\" due to data type mismatch: The {ordinal} \
             parameter requires the {required} type, however \"{shown}\" has the type \"{actual}\"."
        ),
    )
    .with("sqlExpr", format!("\"{function}({shown})\""))
    .with("paramIndex", ordinal)
    .with("requiredType", required)
    .with("inputSql", format!("\"{shown}\""))
    .with("inputType", format!("\"{actual}\""))
}

fn ordinal(position: usize) -> String {
    let words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
    match words.get(position.wrapping_sub(1)) {
        Some(word) => (*word).to_owned(),
        None => format!("{position}th"),
    }
}

/// Spark's error for two arguments whose types do not go together.
pub(crate) fn diff_types(function: &str, types: &[SparkType]) -> SparkError {
    let types: Vec<_> = types.iter().map(|found| format!("\"{}\"", found.sql())).collect();
    let types = types.join(", ");
    SparkError::analysis(
        "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
        format!(
            "Cannot resolve \"{function}\" due to data type mismatch: Input to `{function}` should \
             all be the same type, but it's [{types}]."
        ),
    )
    .with("functionName", format!("`{function}`"))
    .with("dataType", format!("[{types}]"))
}

/// Spark's error for an array and a value that is no element for it.
pub(crate) fn no_element(function: &str, array: &SparkType, value: &SparkType) -> SparkError {
    let (array, value) = (array.sql(), value.sql());
    SparkError::analysis(
        "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
        format!(
            "Cannot resolve \"{function}\" due to data type mismatch: Input to `{function}` should \
             have been \"ARRAY\" followed by a value with same element type, but it's \
             [\"{array}\", \"{value}\"]."
        ),
    )
    .with("functionName", format!("`{function}`"))
    .with("dataType", "\"ARRAY\"")
    .with("leftType", format!("\"{array}\""))
    .with("rightType", format!("\"{value}\""))
}

/// Spark's error for two arrays of elements that do not go together.
pub(crate) fn arrays_differ(function: &str, left: &SparkType, right: &SparkType) -> SparkError {
    let (left, right) = (left.sql(), right.sql());
    SparkError::analysis(
        "DATATYPE_MISMATCH.BINARY_ARRAY_DIFF_TYPES",
        format!(
            "Cannot resolve \"{function}\" due to data type mismatch: Input to function \
             `{function}` should have been two \"ARRAY\" with same element type, but it's \
             [\"{left}\", \"{right}\"]."
        ),
    )
    .with("functionName", format!("`{function}`"))
    .with("arrayType", "\"ARRAY\"")
    .with("leftType", format!("\"{left}\""))
    .with("rightType", format!("\"{right}\""))
}

/// Spark's error for a null where a value of some type is needed.
pub(crate) fn null_type(function: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.NULL_TYPE",
        format!(
            "Cannot resolve \"{function}\" due to data type mismatch: Null typed values cannot be \
             used as arguments of `{function}`."
        ),
    )
    .with("functionName", format!("`{function}`"))
}

/// Spark's error for values that have no order.
pub(crate) fn not_orderable(function: &str, data_type: &SparkType) -> SparkError {
    let data_type = data_type.sql();
    SparkError::analysis(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        format!(
            "Cannot resolve \"{function}\" due to data type mismatch: The `{function}` does not \
             support ordering on type \"{data_type}\"."
        ),
    )
    .with("functionName", format!("`{function}`"))
    .with("dataType", format!("\"{data_type}\""))
}

/// Spark's error for an argument that must be a literal.
pub(crate) fn not_foldable(function: &str, argument: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
        format!(
            "Cannot resolve \"{function}\" due to data type mismatch: the input `{argument}` \
             should be a foldable expression."
        ),
    )
    .with("inputName", format!("`{argument}`"))
}

/// Spark's error for a parameter whose value is not allowed.
pub(crate) fn invalid_parameter(function: &str, parameter: &str, what: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "INVALID_PARAMETER_VALUE",
        format!("The value of parameter(s) `{parameter}` in `{function}` is invalid: {what}."),
    )
    .with("functionName", format!("`{function}`"))
    .with("parameter", format!("`{parameter}`"))
}

impl Call<'_> {
    /// The arguments, each brought to the type at its position of `types`; there may be fewer
    /// arguments than types.
    ///
    /// # Errors
    /// As [`implicit`].
    pub(crate) fn implicit(self, types: &[SparkType]) -> Result<Vec<Expr>> {
        let (name, settings) = (self.name, self.settings);
        self.args
            .into_iter()
            .zip(types)
            .enumerate()
            .map(|(position, (arg, target))| implicit(name, position, arg, target, settings))
            .collect()
    }
}

/// The literal as text, if it is a non-null string.
pub(crate) fn literal_text(arg: &Arg) -> Option<String> {
    match arg.literal()? {
        ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text) => {
            text.clone()
        }
        _ => None,
    }
}

/// The literal as a whole number.
pub(crate) fn literal_long(arg: &Arg) -> Option<i64> {
    match strip_cast(&arg.expr)? {
        ScalarValue::Int8(value) => value.map(i64::from),
        ScalarValue::Int16(value) => value.map(i64::from),
        ScalarValue::Int32(value) => value.map(i64::from),
        ScalarValue::Int64(value) => *value,
        _ => None,
    }
}

/// The literal as a floating-point number.
pub(crate) fn literal_double(arg: &Arg) -> Option<f64> {
    scalar_double(strip_cast(&arg.expr)?)
}

/// A numeric scalar as a floating-point number.
pub(crate) fn scalar_double(value: &ScalarValue) -> Option<f64> {
    match value {
        ScalarValue::Float64(value) => *value,
        ScalarValue::Float32(value) => value.map(f64::from),
        ScalarValue::Decimal128(value, _, scale) => {
            value.map(|unscaled| unscaled as f64 / 10f64.powi(i32::from(*scale)))
        }
        ScalarValue::Int8(value) => value.map(f64::from),
        ScalarValue::Int16(value) => value.map(f64::from),
        ScalarValue::Int32(value) => value.map(f64::from),
        ScalarValue::Int64(value) => value.map(|value| value as f64),
        _ => None,
    }
}

/// The literal as a boolean.
pub(crate) fn literal_boolean(arg: &Arg) -> Option<bool> {
    match arg.literal()? {
        ScalarValue::Boolean(value) => *value,
        _ => None,
    }
}

/// Whether the argument is a constant null.
pub(crate) fn is_null_constant(arg: &Arg) -> bool {
    strip_cast(&arg.expr).is_some_and(ScalarValue::is_null)
}

fn strip_cast(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        Expr::Alias(alias) => strip_cast(&alias.expr),
        Expr::Cast(inner) => strip_cast(&inner.expr),
        _ => None,
    }
}
