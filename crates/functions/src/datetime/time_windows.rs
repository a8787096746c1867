//! `window(time, '10 minutes' [, slide [, start]])` and `window_time(window)`.
//!
//! A tumbling window is a struct of its own; a time in several overlapping windows is for the
//! resolver, which unnests `time_windows`, the array of all windows that hold the time.

use crate::call::{Arg, Call};
use crate::cast::parse_calendar;
use crate::implicit::{implicit, literal_long, literal_text, not_foldable, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use crate::time_zone::MICROS_PER_DAY;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, PrimitiveArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Fields, TimestampMicrosecondType};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Lengths in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Layout {
    window: i64,
    slide: i64,
    start: i64,
}

impl Layout {
    /// The latest window that begins at or before the time.
    fn last_start(self, time: i64) -> i64 {
        time - (time - self.start).rem_euclid(self.slide)
    }
}

struct Parts {
    time: Expr,
    layout: Layout,
    element: SparkType,
}

fn parts(call: Call<'_>) -> Result<Parts> {
    call.check_arity(2, 4)?;
    let (name, settings) = ("window", call.settings);
    let mut args = call.args.into_iter();
    let (Some(time), Some(window)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("window without arguments"));
    };
    let window = duration(&window)?;
    let slide = args.next().map(|slide| duration(&slide)).transpose()?.unwrap_or(window);
    let start = args.next().map(|start| duration(&start)).transpose()?.unwrap_or(0);
    let positive = |value: i64, what: &str| match value > 0 {
        true => Ok(()),
        false => Err(SparkError::analysis(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            format!(
                "Cannot resolve \"window\" due to data type mismatch: The {what} must be between \
                 (0, 9223372036854775807] (current value = {value}L)."
            ),
        )),
    };
    positive(window, "`window_duration`")?;
    positive(slide, "`slide_duration`")?;
    if slide > window || start.abs() >= slide {
        let (left, right) = match slide > window {
            true => (("slide_duration", slide), ("window_duration", window)),
            false => (("abs(start_time)", start), ("slide_duration", slide)),
        };
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
            format!(
                "Cannot resolve \"window\" due to data type mismatch: The `{}`({}L) must be less \
                 than the `{}`({}L).",
                left.0, left.1, right.0, right.1
            ),
        ));
    }
    let time_type = match time.spark_type()? {
        SparkType::TimestampNtz => SparkType::TimestampNtz,
        _ => SparkType::Timestamp,
    };
    let time = implicit(name, 0, time, &time_type, settings)?;
    let element = SparkType::Struct(StructType::new(vec![
        StructField::new("start", time_type.clone(), true),
        StructField::new("end", time_type, true),
    ]));
    Ok(Parts { time, layout: Layout { window, slide, start }, element })
}

fn duration(arg: &Arg) -> Result<i64> {
    if let Some(micros) = literal_long(arg) {
        return Ok(micros);
    }
    let text = literal_text(arg).ok_or_else(|| not_foldable("window", "duration"))?;
    let interval = parse_calendar(&text).ok_or_else(|| {
        SparkError::analysis(
            "CANNOT_PARSE_INTERVAL",
            format!("Unable to parse '{text}'. Please ensure that the value provided is in a valid format for defining an interval."),
        )
        .with("intervalString", format!("'{text}'"))
    })?;
    if interval.months != 0 {
        return Err(SparkError::new(
            firesteel_common::ErrorKind::IllegalArgument,
            "_LEGACY_ERROR_TEMP_3231",
            format!("Intervals greater than a month is not supported ({text})."),
        ));
    }
    Ok(i64::from(interval.days) * MICROS_PER_DAY + interval.nanoseconds / 1000)
}

/// `window(…)` without overlap.
pub(crate) fn window(call: Call<'_>) -> Result<Expr> {
    let parts = parts(call)?;
    if parts.layout.slide != parts.layout.window {
        return Err(SparkError::unsupported("sliding time windows outside of a grouping"));
    }
    let kernel = TUMBLING.kernel(parts.layout, &parts.element);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![parts.time]))
}

pub(super) static TUMBLING: Kind<Layout> = Kind::new("window", |layout, input| {
    let DataType::Struct(fields) = input.result else {
        return Err(SparkError::internal("window answers with a struct"));
    };
    let times = input.primitive::<TimestampMicrosecondType>(0)?;
    let starts = times.unary::<_, TimestampMicrosecondType>(|time| layout.last_start(time));
    windows(fields, starts, layout.window, times.nulls().cloned())
});

fn windows(
    fields: &Fields,
    starts: PrimitiveArray<TimestampMicrosecondType>,
    length: i64,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let ends = starts.unary::<_, TimestampMicrosecondType>(|start| start.wrapping_add(length));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(starts.with_data_type(fields[0].data_type().clone())),
        Arc::new(ends.with_data_type(fields[1].data_type().clone())),
    ];
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?))
}

/// All windows that hold the time, the latest first.
pub(crate) fn time_windows(call: Call<'_>) -> Result<Expr> {
    let parts = parts(call)?;
    let result = SparkType::Array { element: Box::new(parts.element), contains_null: false };
    let kernel = SLIDING.kernel(parts.layout, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![parts.time]))
}

pub(super) static SLIDING: Kind<Layout> = Kind::new("time_windows", sliding);

fn sliding(layout: &Layout, input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::List(element) = input.result else {
        return Err(SparkError::internal("time_windows answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("time_windows answers with structs"));
    };
    let times = input.primitive::<TimestampMicrosecondType>(0)?;
    let mut starts = Vec::new();
    let mut lengths = Vec::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        let before = starts.len();
        if let Some(time) = at(times, row) {
            let mut start = layout.last_start(time);
            while start + layout.window > time {
                starts.push(start);
                start -= layout.slide;
            }
        }
        lengths.push(starts.len() - before);
    }
    let starts = PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(starts);
    let windows = windows(fields, starts, layout.window, None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, windows, times.nulls().cloned())?))
}

/// `window_time(window)`: the last microsecond of the window.
pub(crate) fn window_time(call: Call<'_>) -> Result<Expr> {
    let [window] = call.exactly()?;
    let time_type = match window.spark_type()? {
        SparkType::Struct(row) if row.fields.len() == 2 => row.fields[1].data_type.clone(),
        _ => return Err(unexpected_type("window_time", 0, &window, "STRUCT")),
    };
    let kernel = WINDOW_TIME.kernel((), &time_type);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![window.expr]))
}

pub(super) static WINDOW_TIME: Kind<()> = Kind::new("window_time", |(), input| {
    let windows = input.args[0].as_struct();
    let ends = windows.column(1).as_primitive::<TimestampMicrosecondType>();
    input.primitives::<TimestampMicrosecondType>(|row| {
        Ok(at(ends, row).filter(|_| windows.is_valid(row)).map(|end| end - 1))
    })
});
