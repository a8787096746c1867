//! Spark's casts (`org.apache.spark.sql.catalyst.expressions.Cast`).
//!
//! One file per kind of conversion; [`column::cast_column`] chooses among them and is what nested
//! types recurse into.

mod binary;
mod boolean;
mod column;
mod datetime;
pub(crate) mod datetime_text;
pub(crate) mod decimal;
mod interval;
pub(crate) mod java_double;
mod legality;
mod nested;
mod number_to_number;
mod string_to_datetime;
mod string_to_number;
mod time_to_number;
mod to_string;

use crate::call::Arg;
use crate::scalar_kernel::{AnyKind, Input, Kernel, Kind, Nullable};
use arrow::array::ArrayRef;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
pub use decimal::decimal_literal;
use firesteel_common::{Result, SessionSettings, SparkType, StructField};
pub use legality::can_cast;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) use column::{Context, cast_column};
pub(crate) use interval::parse_calendar;
pub(crate) use string_to_datetime::parse_date;
pub(crate) use string_to_number::parse_double;

/// What a value that does not fit becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Serialize, Deserialize)]
pub enum EvalMode {
    /// Wrapped, truncated or null.
    Legacy,
    /// An error.
    Ansi,
    /// Null.
    Try,
}

impl EvalMode {
    /// The mode of a session: ANSI unless `spark.sql.ansi.enabled` is false.
    pub fn of(settings: &SessionSettings) -> Self {
        if settings.ansi { EvalMode::Ansi } else { EvalMode::Legacy }
    }
}

/// What one cast of ours is, fixed while planning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct SparkCast {
    from: SparkType,
    to: SparkType,
    mode: EvalMode,
    /// Only where the session time zone matters, so that other casts stay equal across sessions.
    time_zone: String,
    pretty: bool,
}

/// `arg` as `target`; `arg.expr` itself when it has that type already. Widenings are DataFusion
/// casts, which its optimizer understands; everything with Spark's own semantics is a function of ours.
///
/// # Errors
/// `DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION` or `.CAST_WITH_CONF_SUGGESTION` when no such cast exists.
pub fn cast(
    arg: Arg,
    target: &SparkType,
    mode: EvalMode,
    settings: &SessionSettings,
) -> Result<Expr> {
    let from = arg.spark_type()?;
    let target = &without_length(target);
    if from == *target {
        return Ok(arg.expr);
    }
    legality::check(&arg, &from, target, mode)?;
    let nullable = arg.field.is_nullable();
    if from == SparkType::Null {
        if arg.literal().is_some() {
            let null = ScalarValue::try_new_null(&target.to_arrow())?;
            return Ok(Expr::Literal(null, None));
        }
        // Only nulls, but they must be asked for: `raise_error` has this type.
        let cast = datafusion_expr::Cast::new(Box::new(arg.expr), target.to_arrow());
        return Ok(Expr::Cast(cast));
    }
    if same_values(&from, target) && !tagged(&from) && !tagged(target) {
        return Ok(arg.expr);
    }
    if is_widening(&from, target) {
        return Ok(Expr::Cast(datafusion_expr::Cast::new(Box::new(arg.expr), target.to_arrow())));
    }
    let needs_zone = mentions_time(&from) || mentions_time(target);
    let params = SparkCast {
        from,
        to: target.clone(),
        mode,
        time_zone: if needs_zone { settings.time_zone.clone() } else { String::new() },
        pretty: false,
    };
    let may_be_null = nullable || turns_into_null(&params);
    Ok(kernel(params, may_be_null).call(vec![arg.expr]))
}

/// The text that `show()` prints: `NULL` for null, hexadecimal for binary (Spark's `ToPrettyString`).
///
/// # Errors
/// `UNSUPPORTED_DATATYPE`.
pub fn pretty_string(arg: Arg, settings: &SessionSettings) -> Result<Expr> {
    let params = SparkCast {
        from: arg.spark_type()?,
        to: SparkType::string(),
        mode: EvalMode::Legacy,
        time_zone: settings.time_zone.clone(),
        pretty: true,
    };
    Ok(kernel(params, false).call(vec![arg.expr]))
}

fn kernel(params: SparkCast, nullable: bool) -> Kernel {
    let result = params.to.clone();
    let nullable = if nullable { Nullable::Always } else { Nullable::Never };
    CAST.kernel(params, &result).nullable(nullable)
}

pub(super) static CAST: Kind<SparkCast> = Kind::new("cast", evaluate);

fn evaluate(params: &SparkCast, input: &Input<'_>) -> Result<ArrayRef> {
    let context = Context::new(params.mode, &params.time_zone, params.pretty)?;
    let array = input
        .args
        .first()
        .ok_or_else(|| firesteel_common::SparkError::internal("cast without argument"))?;
    if params.pretty {
        return to_string::pretty_column(array, &params.from, &context);
    }
    cast_column(array, &params.from, &params.to, &context)
}

/// Spark casts to `string` where `char(n)` or `varchar(n)` is asked for.
fn without_length(target: &SparkType) -> SparkType {
    match target {
        SparkType::Char { .. } | SparkType::Varchar { .. } => SparkType::string(),
        other => other.clone(),
    }
}

/// Whether values of both types look the same in Arrow and need no work.
fn same_values(from: &SparkType, to: &SparkType) -> bool {
    match (from, to) {
        _ if from.is_string() && to.is_string() => true,
        // From no nulls to maybe nulls the values stay, but not the Arrow type, which must be the
        // same where rows meet (`VALUES`, `UNION`): that takes a cast.
        (
            SparkType::Array { element: from, contains_null: from_null },
            SparkType::Array { element: to, contains_null: to_null },
        ) => from == to && (*from_null || !to_null),
        (
            SparkType::Map { key: from_key, value: from_value, value_contains_null: from_null },
            SparkType::Map { key: to_key, value: to_value, value_contains_null: to_null },
        ) => from_key == to_key && from_value == to_value && (*from_null || !to_null),
        _ => false,
    }
}

/// Whether a field of this type carries a tag that a cast has to set or to take away.
fn tagged(data_type: &SparkType) -> bool {
    let field = StructField::new("", data_type.clone(), true).to_arrow();
    !field.metadata().is_empty()
}

/// Conversions that lose nothing, never fail and mean the same in Arrow.
fn is_widening(from: &SparkType, to: &SparkType) -> bool {
    use SparkType::{Byte, Date, Decimal, Double, Float, Integer, Long, Short, TimestampNtz};
    match (from, to) {
        (Byte, Short | Integer | Long | Float | Double)
        | (Short, Integer | Long | Float | Double)
        | (Integer, Long | Float | Double)
        | (Long, Float | Double)
        | (Float, Double)
        | (Date, TimestampNtz) => true,
        (
            Decimal { precision: from_precision, scale: from_scale },
            Decimal { precision, scale },
        ) => {
            scale >= from_scale
                && i16::from(*precision) - i16::from(*scale)
                    >= i16::from(*from_precision) - i16::from(*from_scale)
        }
        (Byte | Short | Integer | Long, Decimal { precision, scale }) => {
            crate::coercion::decimal_for(from).is_some_and(|(digits, _)| {
                i16::from(*precision) - i16::from(*scale) >= i16::from(digits)
            })
        }
        _ => false,
    }
}

/// Whether the session time zone matters.
fn mentions_time(data_type: &SparkType) -> bool {
    match data_type {
        // A variant may hold a time.
        SparkType::Timestamp | SparkType::Variant => true,
        SparkType::Array { element, .. } => mentions_time(element),
        SparkType::Map { key, value, .. } => mentions_time(key) || mentions_time(value),
        SparkType::Struct(fields) => fields.fields.iter().any(|f| mentions_time(&f.data_type)),
        SparkType::Udt(udt) => mentions_time(&udt.sql_type),
        _ => false,
    }
}

/// Whether the cast makes null of a value (Spark's `Cast.forceNullable`).
fn turns_into_null(cast: &SparkCast) -> bool {
    use SparkType::{Boolean, Date, Decimal, Double, Float, Timestamp};
    let SparkCast { from, to, mode, .. } = cast;
    match mode {
        EvalMode::Try => !to.is_string(),
        // Spark asks for nothing but the types: the answer is the same under ANSI mode.
        EvalMode::Ansi | EvalMode::Legacy => match (from, to) {
            // A document may be null where the variant is not.
            (SparkType::Variant, _) => true,
            (_, to) if to.is_string() => false,
            (from, to) if from.is_string() => !matches!(to, SparkType::Binary),
            (SparkType::Time { .. }, to) => to.is_numeric(),
            (Float | Double, Timestamp) => true,
            (Float | Double | Decimal { .. }, to) if to.is_integral() => true,
            (Timestamp | Date, SparkType::Byte | SparkType::Short | SparkType::Integer) => true,
            (Date, _) => !matches!(to, Timestamp | SparkType::TimestampNtz),
            (_, Decimal { .. }) => !matches!(from, Boolean),
            (SparkType::Array { .. } | SparkType::Map { .. } | SparkType::Struct(_), _) => false,
            _ => false,
        },
    }
}

/// `expr` with the field that it has after a cast to `data_type`.
pub(crate) fn retyped(expr: Expr, data_type: &SparkType, nullable: bool) -> Arg {
    Arg::new(expr, Arc::clone(&StructField::new("", data_type.clone(), nullable).to_arrow()))
}

#[cfg(test)]
mod tests;

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&CAST]
}
