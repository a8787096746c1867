//! Which values may be stored in which columns (`spark.sql.storeAssignmentPolicy`).

use crate::catalog::CatalogTable;
use crate::session::Session;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_plan::spec::{CastMode, Expr, ExprNode};

/// What the session allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// What SQL allows; a value that does not fit is an error.
    Ansi,
    /// Whatever can be cast; a value that does not fit is wrapped or null.
    Legacy,
    /// What loses nothing.
    Strict,
}

impl Policy {
    pub(super) fn of(session: &Session) -> Self {
        let conf = session.conf.read().effective("spark.sql.storeAssignmentPolicy");
        match conf.unwrap_or_default().to_uppercase().as_str() {
            "LEGACY" => Policy::Legacy,
            "STRICT" => Policy::Strict,
            _ => Policy::Ansi,
        }
    }

    fn allows(self, from: &SparkType, to: &SparkType) -> bool {
        match self {
            Policy::Legacy => true,
            Policy::Ansi => allowed_by_ansi(from, to),
            Policy::Strict => loses_nothing(from, to),
        }
    }
}

/// `value`, of type `from`, as the column's type, with text no longer than the column takes.
///
/// # Errors
/// `INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST`.
pub(super) fn stored(
    policy: Policy,
    value: Expr,
    from: &SparkType,
    to: &SparkType,
    table: &CatalogTable,
    column: &str,
) -> Result<Expr> {
    if !policy.allows(from, to) {
        return Err(not_safe(table, column, from, to));
    }
    let mode = if policy == Policy::Legacy { CastMode::Legacy } else { CastMode::Ansi };
    Ok(fitting(value, to, mode))
}

/// The table's columns, where lengths mean something.
pub(super) fn with_lengths(session: &Session, declared: &SparkType) -> SparkType {
    if session.settings().char_varchar_as_string {
        declared.without_length()
    } else {
        declared.clone()
    }
}

/// The value cast to a column's type; text of `CHAR(n)` and `VARCHAR(n)` is checked and filled up.
pub(super) fn fitting(value: Expr, to: &SparkType, mode: CastMode) -> Expr {
    let plain = to.without_length();
    let cast = Expr::from(ExprNode::Cast { expr: Box::new(value), to: plain, mode });
    if !to.holds_length() {
        return cast;
    }
    let declared = Expr::string(to.to_json().to_string());
    Expr::call("char_varchar_write_side_check", vec![cast, declared])
}

fn is_datetime(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz)
}

fn is_atomic(data_type: &SparkType) -> bool {
    !matches!(
        data_type,
        SparkType::Array { .. }
            | SparkType::Map { .. }
            | SparkType::Struct(_)
            | SparkType::Udt(_)
            | SparkType::Variant
            | SparkType::CalendarInterval
    )
}

fn allowed_by_ansi(from: &SparkType, to: &SparkType) -> bool {
    use SparkType::{Array, DayTimeInterval, Map, Null, Struct, YearMonthInterval};
    match (from, to) {
        (from, to) if from == to => true,
        (Null, _) => true,
        (from, to) if to.is_string() => is_atomic(from) || *from == SparkType::CalendarInterval,
        (from, to) if from.is_numeric() => to.is_numeric(),
        (from, to) if is_datetime(from) => is_datetime(to),
        (YearMonthInterval { .. }, YearMonthInterval { .. })
        | (DayTimeInterval { .. }, DayTimeInterval { .. }) => true,
        (Array { element: from, .. }, Array { element: to, .. }) => allowed_by_ansi(from, to),
        (Map { key, value, .. }, Map { key: to_key, value: to_value, .. }) => {
            allowed_by_ansi(key, to_key) && allowed_by_ansi(value, to_value)
        }
        (Struct(from), Struct(to)) => {
            from.fields.len() == to.fields.len()
                && from
                    .fields
                    .iter()
                    .zip(&to.fields)
                    .all(|(from, to)| allowed_by_ansi(&from.data_type, &to.data_type))
        }
        // What we know no better is left to the cast.
        (SparkType::Udt(_), _) | (_, SparkType::Udt(_)) => true,
        _ => false,
    }
}

pub(super) fn loses_nothing(from: &SparkType, to: &SparkType) -> bool {
    use SparkType::{Array, Byte, Date, Decimal, Double, Float, Integer, Long, Short};
    let rank = |data_type: &SparkType| match data_type {
        Byte => Some(0),
        Short => Some(1),
        Integer => Some(2),
        Long => Some(3),
        Float => Some(4),
        Double => Some(5),
        _ => None,
    };
    // Digits before the point, of whole numbers.
    let digits = |data_type: &SparkType| match data_type {
        Byte => Some(3),
        Short => Some(5),
        Integer => Some(10),
        Long => Some(20),
        _ => None,
    };
    match (from, to) {
        (from, to) if from == to => true,
        (SparkType::Null, _) => false,
        (from, to) if to.is_string() => is_atomic(from),
        (Decimal { precision, scale }, Decimal { precision: to_precision, scale: to_scale }) => {
            let whole = i16::from(*precision) - i16::from(*scale);
            to_scale >= scale && i16::from(*to_precision) - i16::from(*to_scale) >= whole
        }
        (from, Decimal { precision, scale }) => digits(from)
            .is_some_and(|digits: i16| i16::from(*precision) - i16::from(*scale) >= digits),
        (Date, to) => matches!(to, SparkType::Timestamp | SparkType::TimestampNtz),
        (Array { element: from, .. }, Array { element: to, .. }) => loses_nothing(from, to),
        (SparkType::Struct(from), SparkType::Struct(to)) => {
            from.fields.len() == to.fields.len()
                && from
                    .fields
                    .iter()
                    .zip(&to.fields)
                    .all(|(from, to)| loses_nothing(&from.data_type, &to.data_type))
        }
        (from, to) => match (rank(from), rank(to)) {
            (Some(from), Some(to)) => from <= to,
            _ => false,
        },
    }
}

fn not_safe(table: &CatalogTable, column: &str, from: &SparkType, to: &SparkType) -> SparkError {
    let (table, from, to) = (table.name.quoted(), from.sql(), to.sql());
    SparkError::analysis(
        "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST",
        format!(
            "Cannot write incompatible data for the table {table}: Cannot safely cast `{column}` \
             \"{from}\" to \"{to}\"."
        ),
    )
    .with("tableName", table)
    .with("colName", format!("`{column}`"))
    .with("srcType", format!("\"{from}\""))
    .with("targetType", format!("\"{to}\""))
}
