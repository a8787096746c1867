//! Which casts exist (`Cast.canCast`, `Cast.canAnsiCast`, `Cast.canTryCast`).

use super::EvalMode;
use crate::call::Arg;
use crate::faults::ANSI_KEY;
use firesteel_common::{Result, SparkError, SparkType};

/// Whether `from` can be cast to `to` under ANSI mode or without.
pub fn can_cast(from: &SparkType, to: &SparkType, ansi: bool) -> bool {
    use SparkType::{
        Array, Binary, Boolean, CalendarInterval, Date, DayTimeInterval, Decimal, Map, Null,
        Struct, Time, Timestamp, TimestampNtz, Udt, Variant, YearMonthInterval,
    };
    if from == to || *from == Null || to.is_string() {
        return true;
    }
    match (from, to) {
        (Udt(udt), to) => can_cast(&udt.sql_type, to, ansi),
        (from, Udt(udt)) => can_cast(from, &udt.sql_type, ansi),
        (Variant, Struct(row)) => {
            row.fields.iter().all(|field| can_cast(&Variant, &field.data_type, ansi))
        }
        (Variant, Array { element, .. }) => can_cast(&Variant, element, ansi),
        (Variant, Map { key, value, .. }) => key.is_string() && can_cast(&Variant, value, ansi),
        (Variant, to) => crate::variant::is_atomic(to),
        (Array { element, .. }, Variant) => can_cast(element, &Variant, ansi),
        (from, Variant) => crate::variant::is_atomic(from),
        (Array { element: from, .. }, Array { element: to, .. }) => can_cast(from, to, ansi),
        (
            Map { key: from_key, value: from_value, .. },
            Map { key: to_key, value: to_value, .. },
        ) => can_cast(from_key, to_key, ansi) && can_cast(from_value, to_value, ansi),
        (Struct(from), Struct(to)) => {
            from.fields.len() == to.fields.len()
                && from
                    .fields
                    .iter()
                    .zip(&to.fields)
                    .all(|(from, to)| can_cast(&from.data_type, &to.data_type, ansi))
        }
        (from, Binary) if from.is_string() => true,
        (from, Binary) => from.is_integral() && !ansi,
        (from, Boolean) if from.is_string() || from.is_numeric() => true,
        (Timestamp | Date, Boolean) => !ansi,
        (from, Timestamp) if from.is_string() || from.is_numeric() => true,
        (Date | TimestampNtz, Timestamp) => true,
        (Boolean, Timestamp) => !ansi,
        (from, TimestampNtz) => from.is_string() || matches!(from, Date | Timestamp),
        (from, Date) => from.is_string() || matches!(from, Timestamp | TimestampNtz),
        (from, Time { .. }) => from.is_string() || matches!(from, Time { .. }),
        (Time { .. }, to) if to.is_integral() || matches!(to, Decimal { .. }) => true,
        (from, CalendarInterval) => from.is_string(),
        (from, DayTimeInterval { .. }) => {
            from.is_string()
                || from.is_integral()
                || matches!(from, DayTimeInterval { .. } | Decimal { .. })
        }
        (from, YearMonthInterval { .. }) => {
            from.is_string()
                || from.is_integral()
                || matches!(from, YearMonthInterval { .. } | Decimal { .. })
        }
        (DayTimeInterval { .. } | YearMonthInterval { .. }, to) => {
            to.is_integral() || matches!(to, Decimal { .. })
        }
        (from, to) if to.is_numeric() => {
            from.is_string()
                || from.is_numeric()
                || matches!(from, Boolean | Timestamp)
                || (matches!(from, Date) && !ansi)
        }
        _ => false,
    }
}

/// The function that converts where no cast does.
fn function_instead(from: &SparkType, to: &SparkType, mode: EvalMode) -> Option<&'static str> {
    use SparkType::{Date, Timestamp};
    match (from, to) {
        _ if mode == EvalMode::Legacy => None,
        (from, Date) if from.is_numeric() => Some("`DATE_FROM_UNIX_DATE`"),
        (Date, to) if to.is_numeric() => Some("`UNIX_DATE`"),
        (Timestamp, to) if to.is_numeric() => Some("`UNIX_SECONDS`"),
        _ => None,
    }
}

/// # Errors
/// `DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION`, or `.CAST_WITH_CONF_SUGGESTION` when only ANSI mode
/// forbids the cast.
pub(super) fn check(arg: &Arg, from: &SparkType, to: &SparkType, mode: EvalMode) -> Result<()> {
    if can_cast(from, to, mode != EvalMode::Legacy) {
        return Ok(());
    }
    let (from_sql, to_sql) = (from.sql(), to.sql());
    let function = if mode == EvalMode::Try { "TRY_CAST" } else { "CAST" };
    let sql = format!("\"{function}({} AS {to_sql})\"", arg.sql());
    let intro = format!("Cannot resolve {sql} due to data type mismatch: ");
    let error = if let Some(names) = function_instead(from, to, mode) {
        SparkError::analysis(
            "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION",
            format!(
                "{intro}cannot cast \"{from_sql}\" to \"{to_sql}\".\nTo convert values from \
                 \"{from_sql}\" to \"{to_sql}\", you can use the functions {names} instead."
            ),
        )
        .with("functionNames", names)
    } else if mode == EvalMode::Ansi && can_cast(from, to, false) {
        SparkError::analysis(
            "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION",
            format!(
                "{intro}cannot cast \"{from_sql}\" to \"{to_sql}\" with ANSI mode on.\nIf you have \
                 to cast \"{from_sql}\" to \"{to_sql}\", you can set {ANSI_KEY} as 'false'."
            ),
        )
        .with("config", ANSI_KEY)
        .with("configVal", "'false'")
    } else {
        SparkError::analysis(
            "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
            format!("{intro}cannot cast \"{from_sql}\" to \"{to_sql}\"."),
        )
    };
    Err(error
        .with("sqlExpr", sql)
        .with("srcType", format!("\"{from_sql}\""))
        .with("targetType", format!("\"{to_sql}\"")))
}
