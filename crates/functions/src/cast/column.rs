//! Which file casts which pair of types.

use super::{
    EvalMode, binary, boolean, datetime, decimal, interval, nested, number_to_number,
    string_to_datetime, string_to_number, time_to_number, to_string,
};
use crate::faults;
use crate::time_zone::Zone;
use arrow::array::{Array, ArrayRef, new_null_array};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::sync::Arc;

/// What a conversion needs to know besides the types.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    pub mode: EvalMode,
    pub zone: Zone,
    /// `show()`'s text instead of `CAST(… AS STRING)`.
    pub pretty: bool,
}

impl Context {
    /// # Errors
    /// `INVALID_TIMEZONE`.
    pub(crate) fn new(mode: EvalMode, time_zone: &str, pretty: bool) -> Result<Self> {
        let zone = if time_zone.is_empty() { Zone::Fixed(0) } else { Zone::parse(time_zone)? };
        Ok(Self { mode, zone, pretty })
    }

    /// What a value that does not fit becomes: `legacy` without ANSI mode, null under `try_cast`.
    pub(crate) fn misfit<T>(
        &self,
        legacy: Option<T>,
        error: impl FnOnce() -> SparkError,
    ) -> Result<Option<T>> {
        match self.mode {
            EvalMode::Ansi => Err(error()),
            EvalMode::Try => Ok(None),
            EvalMode::Legacy => Ok(legacy),
        }
    }

    /// A string that is not a value of `to`.
    pub(crate) fn malformed<T>(
        &self,
        kind: ErrorKind,
        text: &str,
        to: &SparkType,
    ) -> Result<Option<T>> {
        // A text that is no interval is an error without ANSI mode, too.
        if self.mode == EvalMode::Legacy
            && matches!(to, SparkType::YearMonthInterval { .. } | SparkType::DayTimeInterval { .. })
        {
            return Err(faults::invalid_interval(text, &to.sql()));
        }
        self.misfit(None, || match to {
            SparkType::YearMonthInterval { .. } | SparkType::DayTimeInterval { .. } => {
                faults::invalid_interval(text, &to.sql())
            }
            _ => faults::cast_invalid_input(kind, &faults::quoted(text), "STRING", &to.sql()),
        })
    }
}

/// `array`, values of `from`, as values of `to`. Legality has been checked.
pub(crate) fn cast_column(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    use SparkType::{
        Array, Binary, Boolean, CalendarInterval, Date, DayTimeInterval, Decimal, Map, Null,
        Struct, Time, Timestamp, TimestampNtz, Udt, Variant, YearMonthInterval,
    };
    if from == to {
        return Ok(Arc::clone(array));
    }
    let array = &crate::columns::plain(array)?;
    match (from, to) {
        (Null, _) => Ok(new_null_array(&to.to_arrow(), array.len())),
        (Variant, to) => {
            let variants = crate::variant::Variants::of(array)?;
            let views: Vec<_> = (0..array.len()).map(|row| variants.get(row)).collect();
            crate::variant::decode_column(&views, to, context)
        }
        (from, Variant) => crate::variant::variant_column(array, from),
        (Udt(udt), to) => cast_column(array, &udt.sql_type, to, context),
        (from, Udt(udt)) => cast_column(array, from, &udt.sql_type, context),
        (from, to) if from.is_string() && to.is_string() => Ok(Arc::clone(array)),
        (from, to) if to.is_string() => to_string::string_column(array, from, context),
        (from, Boolean) if from.is_string() => boolean::from_string(array, context),
        (from, Binary) if from.is_string() => binary::from_string(array),
        (from, Date) if from.is_string() => string_to_datetime::dates(array, context),
        (from, Timestamp | TimestampNtz) if from.is_string() => {
            string_to_datetime::timestamps(array, to, context)
        }
        (from, Time { .. }) if from.is_string() => string_to_datetime::times(array, to, context),
        (from, CalendarInterval | YearMonthInterval { .. } | DayTimeInterval { .. })
            if from.is_string() =>
        {
            interval::from_string(array, to, context)
        }
        (from, Decimal { precision, scale }) if from.is_string() => {
            decimal::from_string(array, *precision, *scale, context)
        }
        (from, to) if from.is_string() => string_to_number::numbers(array, to, context),
        (Array { .. } | Map { .. } | Struct(_), _) => nested::column(array, from, to, context),
        (Boolean, to) => boolean::to_number(array, to, context),
        (from, Boolean) => boolean::from_number(array, from),
        (from, Binary) => binary::from_integral(array, from),
        (YearMonthInterval { .. } | DayTimeInterval { .. }, _)
        | (_, YearMonthInterval { .. } | DayTimeInterval { .. }) => {
            interval::column(array, from, to, context)
        }
        (Time { .. }, to) if to.is_numeric() => time_to_number::column(array, to, context),
        (Date | Timestamp | TimestampNtz | Time { .. }, _) | (_, Timestamp) => {
            datetime::column(array, from, to, context)
        }
        (Decimal { .. }, _) | (_, Decimal { .. }) => decimal::column(array, from, to, context),
        _ => number_to_number::column(array, from, to, context),
    }
}

/// A pair that [`super::can_cast`] allows but nothing serves.
pub(super) fn missing(from: &SparkType, to: &SparkType) -> SparkError {
    SparkError::unsupported(format!("cast from {} to {}", from.sql(), to.sql()))
}
