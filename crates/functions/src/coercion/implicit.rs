//! Arguments for a class of types: any number, any string, … with Spark's error otherwise
//! (`ImplicitCastInputTypes` with `TypeCollection` and abstract types).

use super::is_atomic;
use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast, retyped};
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Kind, Nullable};
use datafusion_expr::Expr;
use firesteel_common::{Result, SessionSettings, SparkType};

/// Whether Spark converts `from` to `to` by itself where a function asks for `to`.
pub(crate) fn converts(from: &SparkType, to: &SparkType, ansi: bool) -> bool {
    use SparkType::{
        Array, CalendarInterval, Date, DayTimeInterval, Map, Null, Timestamp, TimestampNtz,
        YearMonthInterval,
    };
    if from == to || *from == Null {
        return true;
    }
    match (from, to) {
        _ if from.is_string() && to.is_string() => true,
        _ if from.is_string() => {
            is_atomic(to)
                && !matches!(
                    to,
                    CalendarInterval | YearMonthInterval { .. } | DayTimeInterval { .. }
                )
        }
        _ if to.is_string() => is_atomic(from),
        (Date | Timestamp | TimestampNtz, Date | Timestamp | TimestampNtz)
        | (YearMonthInterval { .. }, YearMonthInterval { .. })
        | (DayTimeInterval { .. }, DayTimeInterval { .. }) => true,
        _ if from.is_numeric() && to.is_numeric() => true,
        (Array { element: from, .. }, Array { element: to, .. }) => converts(from, to, ansi),
        (
            Map { key: from_key, value: from_value, .. },
            Map { key: to_key, value: to_value, .. },
        ) => converts(from_key, to_key, ansi) && converts(from_value, to_value, ansi),
        _ => false,
    }
}

/// A class of types that a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    String,
    Binary,
    Boolean,
    Integer,
    Long,
    Double,
    Integral,
    Numeric,
    /// Binary stays binary, all else becomes a string.
    StringOrBinary,
}

impl Class {
    fn sql(self) -> &'static str {
        match self {
            Class::String => "\"STRING\"",
            Class::Binary => "\"BINARY\"",
            Class::Boolean => "\"BOOLEAN\"",
            Class::Integer => "\"INT\"",
            Class::Long => "\"BIGINT\"",
            Class::Double => "\"DOUBLE\"",
            Class::Integral => "\"INTEGRAL\"",
            Class::Numeric => "\"NUMERIC\"",
            Class::StringOrBinary => "(\"STRING\" or \"BINARY\")",
        }
    }

    /// What `from` becomes, or none where Spark refuses.
    fn target(self, from: &SparkType, ansi: bool) -> Option<SparkType> {
        let exactly = |to: SparkType| converts(from, &to, ansi).then_some(to);
        match self {
            Class::String => match from {
                SparkType::String { .. } => Some(from.clone()),
                _ => exactly(SparkType::string()),
            },
            Class::Binary => exactly(SparkType::Binary),
            Class::Boolean => exactly(SparkType::Boolean),
            Class::Integer => exactly(SparkType::Integer),
            Class::Long => exactly(SparkType::Long),
            Class::Double => exactly(SparkType::Double),
            Class::Integral => match from {
                _ if from.is_integral() => Some(from.clone()),
                SparkType::Null => Some(SparkType::Integer),
                _ if from.is_string() => Some(SparkType::Long),
                _ => None,
            },
            Class::Numeric => match from {
                _ if from.is_numeric() => Some(from.clone()),
                _ if *from == SparkType::Null || from.is_string() => Some(SparkType::Double),
                _ => None,
            },
            Class::StringOrBinary => match from {
                SparkType::Binary | SparkType::String { .. } => Some(from.clone()),
                _ => exactly(SparkType::string()),
            },
        }
    }
}

/// The argument at `position` (from 0) as a member of `class`.
///
/// # Errors
/// `DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE`.
pub(crate) fn expect(
    function: &str,
    position: usize,
    arg: Arg,
    class: Class,
    settings: &SessionSettings,
) -> Result<Arg> {
    let from = arg.spark_type()?;
    let Some(target) = class.target(&from, settings.ansi) else {
        return Err(unexpected_type(function, position, &arg, class.sql()));
    };
    if from == target {
        return Ok(arg);
    }
    let nullable = arg.field.is_nullable();
    let expr = cast(arg, &target, EvalMode::of(settings), settings)?;
    Ok(retyped(expr, &target, nullable || !settings.ansi))
}

impl<'a> Call<'a> {
    /// The arguments as members of `classes`; there may be fewer, down to `min`.
    ///
    /// # Errors
    /// `WRONG_NUM_ARGS.WITHOUT_SUGGESTION`, or as [`expect`].
    pub(crate) fn coerced(mut self, min: usize, classes: &[Class]) -> Result<Call<'a>> {
        self.check_arity(min, classes.len())?;
        let args = std::mem::take(&mut self.args);
        self.args = args
            .into_iter()
            .zip(classes)
            .enumerate()
            .map(|(position, (arg, class))| expect(self.name, position, arg, *class, self.settings))
            .collect::<Result<_>>()?;
        Ok(self)
    }

    /// All arguments as members of one class.
    ///
    /// # Errors
    /// As [`expect`].
    pub(crate) fn coerced_all(mut self, class: Class) -> Result<Call<'a>> {
        let args = std::mem::take(&mut self.args);
        self.args = args
            .into_iter()
            .enumerate()
            .map(|(position, arg)| expect(self.name, position, arg, class, self.settings))
            .collect::<Result<_>>()?;
        Ok(self)
    }

    /// The expressions of the arguments.
    pub(crate) fn exprs(self) -> Vec<Expr> {
        self.args.into_iter().map(|arg| arg.expr).collect()
    }
}

impl Call<'_> {
    /// A function that is null exactly where an argument is null, and needs nothing but its arguments.
    ///
    /// # Errors
    /// As [`Call::coerced`].
    pub(crate) fn strict(
        self,
        kind: &'static Kind<()>,
        min: usize,
        classes: &[Class],
        result: &SparkType,
    ) -> Result<Expr> {
        let kernel = kind.kernel((), result).nullable(Nullable::Propagate);
        Ok(kernel.call(self.coerced(min, classes)?.exprs()))
    }

    /// As [`Call::strict`], but the answer may be null where no argument is.
    ///
    /// # Errors
    /// As [`Call::coerced`].
    pub(crate) fn partial(
        self,
        kind: &'static Kind<()>,
        min: usize,
        classes: &[Class],
        result: &SparkType,
    ) -> Result<Expr> {
        Ok(kind.kernel((), result).call(self.coerced(min, classes)?.exprs()))
    }
}
