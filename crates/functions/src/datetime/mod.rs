//! Date and timestamp functions (`datetimeExpressions.scala`).
//!
//! A `timestamp` is an instant in microseconds; what people call it depends on the session's zone
//! (`wall_clock.rs`). Patterns are `java.time`'s (`pattern.rs`, `format.rs`, `parse.rs`).

mod arithmetic;
mod calendar;
mod epoch;
mod fields;
mod format;
mod make;
mod now;
mod parse;
mod pattern;
mod simple_date_format;
mod text;
mod time_bucket;
mod time_of_day;
mod time_windows;
mod truncate;
mod wall_clock;
mod zone_names;
mod zones;

pub(crate) use arithmetic::{DAYS, plus_days, plus_months};
pub(crate) use calendar::{Civil, to_date};
pub(crate) use parse::parse_local;
pub(crate) use pattern::{Item, Purpose, parse_pattern};
pub(crate) use text::format_instants;
pub(crate) use wall_clock::local_micros;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;
use crate::time_zone::MICROS_PER_SECOND;
use fields::Field;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("year", |call| fields::field(call, Field::Year)),
        scalar("quarter", |call| fields::field(call, Field::Quarter)),
        scalar("month", |call| fields::field(call, Field::Month)),
        scalar("weekofyear", |call| fields::field(call, Field::Week)),
        scalar("day", |call| fields::field(call, Field::Day)),
        scalar("dayofmonth", |call| fields::field(call, Field::Day)),
        scalar("dayofweek", |call| fields::field(call, Field::DayOfWeek)),
        scalar("weekday", |call| fields::field(call, Field::WeekDay)),
        scalar("dayofyear", |call| fields::field(call, Field::DayOfYear)),
        scalar("hour", |call| fields::field(call, Field::Hour)),
        scalar("minute", |call| fields::field(call, Field::Minute)),
        scalar("second", |call| fields::field(call, Field::Second)),
        scalar("dayname", fields::name_of),
        scalar("monthname", fields::name_of),
        scalar("extract", fields::extract),
        scalar("date_part", fields::extract),
        scalar("datepart", fields::extract),
        scalar("date_add", |call| arithmetic::date_add(call, 1)),
        scalar("dateadd", |call| arithmetic::date_add(call, 1)),
        scalar("date_sub", |call| arithmetic::date_add(call, -1)),
        scalar("datediff", arithmetic::date_diff),
        scalar("date_diff", arithmetic::date_diff),
        scalar("add_months", arithmetic::add_months),
        scalar("last_day", arithmetic::last_day),
        scalar("next_day", arithmetic::next_day),
        scalar("months_between", arithmetic::months_between),
        scalar("timestampadd", arithmetic::timestamp_add),
        scalar("timestampdiff", arithmetic::timestamp_diff),
        scalar("unix_date", arithmetic::unix_date),
        scalar("date_from_unix_date", arithmetic::date_from_unix_date),
        scalar("trunc", truncate::trunc),
        scalar("date_trunc", truncate::date_trunc),
        scalar("timestamp_seconds", epoch::timestamp_seconds),
        scalar("timestamp_millis", |call| epoch::from_whole(call, 1_000)),
        scalar("timestamp_micros", |call| epoch::from_whole(call, 1)),
        scalar("unix_seconds", |call| fields::since_epoch(call, MICROS_PER_SECOND)),
        scalar("unix_millis", |call| fields::since_epoch(call, 1_000)),
        scalar("unix_micros", |call| fields::since_epoch(call, 1)),
        scalar("current_date", now::current_date),
        scalar("curdate", now::current_date),
        scalar("current_timestamp", now::current_timestamp),
        scalar("now", now::current_timestamp),
        scalar("localtimestamp", now::local_timestamp),
        scalar("current_timezone", now::current_timezone),
        scalar("current_time", now::current_time),
        scalar("from_utc_timestamp", |call| zones::shifted(call, true)),
        scalar("to_utc_timestamp", |call| zones::shifted(call, false)),
        scalar("convert_timezone", zones::convert_timezone),
        scalar("date_format", text::date_format),
        scalar("from_unixtime", text::from_unixtime),
        scalar("to_timestamp", text::to_timestamp),
        scalar("to_timestamp_ltz", text::to_timestamp),
        scalar("to_timestamp_ntz", text::to_timestamp),
        scalar("try_to_timestamp", text::to_timestamp),
        scalar("to_date", text::to_date),
        scalar("try_to_date", text::to_date),
        scalar("unix_timestamp", text::unix_timestamp),
        scalar("to_unix_timestamp", text::unix_timestamp),
        scalar("make_date", make::make_date),
        scalar("make_timestamp", make::make_timestamp),
        scalar("make_timestamp_ltz", make::make_timestamp),
        scalar("make_timestamp_ntz", make::make_timestamp),
        scalar("try_make_timestamp", make::make_timestamp),
        scalar("try_make_timestamp_ltz", make::make_timestamp),
        scalar("try_make_timestamp_ntz", make::make_timestamp),
        scalar("make_time", make::make_time),
        scalar("to_time", make::to_time),
        scalar("time_diff", time_of_day::time_diff),
        scalar("time_trunc", time_of_day::time_trunc),
        scalar("time_to_seconds", time_of_day::time_to_seconds),
        scalar("time_to_millis", |call| time_of_day::time_to_whole(call, 1_000)),
        scalar("time_to_micros", |call| time_of_day::time_to_whole(call, 1)),
        scalar("time_from_seconds", time_of_day::time_from_seconds),
        scalar("time_from_millis", |call| time_of_day::time_from_whole(call, 1_000)),
        scalar("time_from_micros", |call| time_of_day::time_from_whole(call, 1)),
        scalar("time_bucket", time_bucket::time_bucket),
        scalar("window", time_windows::window),
        scalar("time_windows", time_windows::time_windows),
        scalar("window_time", time_windows::window_time),
        scalar("try_to_time", make::to_time),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &arithmetic::ADD_MONTHS,
        &time_bucket::TIME_BUCKET,
        &arithmetic::DATE_ADD,
        &arithmetic::DATE_DIFF,
        &arithmetic::DATE_FROM_UNIX_DATE,
        &arithmetic::LAST_DAY,
        &arithmetic::MONTHS_BETWEEN,
        &arithmetic::NEXT_DAY,
        &arithmetic::TIMESTAMP_ADD,
        &arithmetic::TIMESTAMP_DIFF,
        &arithmetic::UNIX_DATE,
        &epoch::OF_DECIMAL,
        &epoch::OF_DOUBLE,
        &epoch::OF_NUMBER,
        &fields::DATETIME_FIELD,
        &fields::INTERVAL_FIELD,
        &fields::NAME_OF,
        &fields::SECOND_WITH_FRACTION,
        &fields::SINCE_EPOCH,
        &fields::TIME_FIELD,
        &make::MAKE_DATE,
        &make::MAKE_TIME,
        &make::MAKE_TIMESTAMP,
        &make::OF_DATE,
        &text::FORMAT,
        &text::PARSE,
        &text::UNIX_TIMESTAMP,
        &time_of_day::BY_PATTERN,
        &time_of_day::DIFF,
        &time_of_day::FROM_SECONDS,
        &time_of_day::FROM_WHOLE,
        &time_of_day::TO_SECONDS,
        &time_of_day::TO_WHOLE,
        &time_of_day::TRUNC,
        &time_windows::SLIDING,
        &time_windows::TUMBLING,
        &time_windows::WINDOW_TIME,
        &truncate::DATE_TRUNC,
        &truncate::TRUNC,
        &zones::CONVERT,
        &zones::SHIFTED,
    ]
}
