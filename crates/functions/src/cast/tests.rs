//! Casts against Spark's recorded answers.

use super::*;
use arrow::array::{Array, AsArray, StringArray};

fn to(text: &str, from: &SparkType, target: &SparkType, mode: EvalMode) -> Result<Option<String>> {
    let context = Context::new(mode, "UTC", false)?;
    let source: ArrayRef = Arc::new(StringArray::from(vec![Some(text)]));
    let lenient = Context::new(EvalMode::Ansi, "UTC", false)?;
    let source = cast_column(&source, &SparkType::string(), from, &lenient)?;
    let out = cast_column(&source, from, target, &context)?;
    let shown = cast_column(&out, target, &SparkType::string(), &context)?;
    let shown = shown.as_string::<i32>();
    Ok(shown.is_valid(0).then(|| shown.value(0).to_owned()))
}

/// Recorded from Spark 4.2.0, session time zone UTC.
#[test]
fn recorded_answers() {
    let decimal = |precision, scale| SparkType::Decimal { precision, scale };
    let string = SparkType::string();
    for (text, from, target, ansi, legacy) in [
        (" 12 ", string.clone(), SparkType::Integer, Ok(Some("12")), Some("12")),
        ("1.9", string.clone(), SparkType::Integer, Err("CAST_INVALID_INPUT"), Some("1")),
        ("300", string.clone(), SparkType::Byte, Err("CAST_INVALID_INPUT"), None),
        ("300", SparkType::Integer, SparkType::Byte, Err("CAST_OVERFLOW"), Some("44")),
        ("1e10", SparkType::Double, SparkType::Integer, Err("CAST_OVERFLOW"), Some("2147483647")),
        ("-1.9", SparkType::Double, SparkType::Integer, Ok(Some("-1")), Some("-1")),
        ("NaN", string.clone(), SparkType::Double, Ok(Some("NaN")), Some("NaN")),
        ("12.345", string.clone(), decimal(4, 2), Ok(Some("12.35")), Some("12.35")),
        (
            "123.45",
            string.clone(),
            decimal(4, 2),
            Err("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"),
            None,
        ),
        ("0.1", SparkType::Double, decimal(10, 3), Ok(Some("0.100")), Some("0.100")),
        ("yes", string.clone(), SparkType::Boolean, Ok(Some("true")), Some("true")),
        ("2", string.clone(), SparkType::Boolean, Err("CAST_INVALID_INPUT"), None),
        ("2020-02-30", string.clone(), SparkType::Date, Err("CAST_INVALID_INPUT"), None),
        (
            "2020-01-02 03:04:05.60",
            string.clone(),
            SparkType::Timestamp,
            Ok(Some("2020-01-02 03:04:05.6")),
            Some("2020-01-02 03:04:05.6"),
        ),
        (
            "2020-01-02 03:04:05",
            SparkType::Timestamp,
            SparkType::Long,
            Ok(Some("1577934245")),
            Some("1577934245"),
        ),
        (
            "-1",
            SparkType::Long,
            SparkType::Timestamp,
            Ok(Some("1969-12-31 23:59:59")),
            Some("1969-12-31 23:59:59"),
        ),
    ] {
        match (to(text, &from, &target, EvalMode::Ansi), ansi) {
            (Ok(found), Ok(expected)) => assert_eq!(found.as_deref(), expected, "{text}"),
            (Err(error), Err(expected)) => assert_eq!(error.condition(), expected, "{text}"),
            (found, expected) => panic!("{text}: {found:?}, expected {expected:?}"),
        }
        let found = to(text, &from, &target, EvalMode::Legacy).expect("no error without ANSI");
        assert_eq!(found.as_deref(), legacy, "{text}");
    }
}
