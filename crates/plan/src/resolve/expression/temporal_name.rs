//! Generated names of arithmetic with dates, times and intervals: Spark replaces such operators with
//! functions, and prints those.

use super::ResolvedExpr;
use firesteel_common::SparkType;

/// The name of `left op right`, if one side makes it an operation on points in time or intervals.
pub(super) fn temporal(op: &str, args: &[ResolvedExpr]) -> Option<String> {
    let ("+" | "-" | "*" | "/", [left, right]) = (op, args) else { return None };
    let (left_type, right_type) = (left.spark_type().ok()?, right.spark_type().ok()?);
    let is_swapped = match op {
        "+" => !is_time(&left_type) && is_time(&right_type),
        "*" => !is_interval(&left_type) && is_interval(&right_type),
        _ => false,
    };
    let ((a, a_type), (b, b_type)) = if is_swapped {
        ((&right.name, right_type), (&left.name, left_type))
    } else {
        ((&left.name, left_type), (&right.name, right_type))
    };
    match (op, &a_type, &b_type) {
        ("*", SparkType::CalendarInterval, _) => Some(format!("multiply_interval({a}, {b})")),
        ("/", SparkType::CalendarInterval, _) => Some(format!("divide_interval({a}, {b})")),
        ("/", ..) => None,
        ("*", a_type, _) if is_interval(a_type) => Some(format!("({a} * {b})")),
        ("*", ..) => None,
        ("+", SparkType::Date, SparkType::DayTimeInterval { start: 0, end: 0 }) => {
            Some(format!("date_add({a}, extractansiintervaldays({b}))"))
        }
        ("-", SparkType::Date, SparkType::DayTimeInterval { start: 0, end: 0 }) => {
            Some(format!("date_add({a}, (- extractansiintervaldays({b})))"))
        }
        ("-", SparkType::Time { .. }, SparkType::Time { .. }) => Some(format!("{a} - {b}")),
        (_, point, interval) if is_time(point) && is_interval(interval) => {
            Some(format!("{a} {op} {b}"))
        }
        ("+", SparkType::Date, days) if days.is_integral() || *days == SparkType::Null => {
            Some(format!("date_add({a}, {b})"))
        }
        ("-", SparkType::Date, days) if days.is_integral() => Some(format!("date_sub({a}, {b})")),
        _ => None,
    }
}

fn is_time(data_type: &SparkType) -> bool {
    matches!(
        data_type,
        SparkType::Date | SparkType::Time { .. } | SparkType::Timestamp | SparkType::TimestampNtz
    )
}

fn is_interval(data_type: &SparkType) -> bool {
    matches!(
        data_type,
        SparkType::YearMonthInterval { .. }
            | SparkType::DayTimeInterval { .. }
            | SparkType::CalendarInterval
    )
}
