//! Spark's implicit type coercion (`TypeCoercion`, `AnsiTypeCoercion`).

use firesteel_common::{SessionSettings, SparkType};

/// The type that two operands are brought to, if there is one. ANSI and non-ANSI rules differ for
/// strings beside other types.
pub fn common_type(
    left: &SparkType,
    right: &SparkType,
    _settings: &SessionSettings,
) -> Option<SparkType> {
    (left == right).then(|| left.clone())
}
