//! Variables of a session: `DECLARE VARIABLE`, `SET VAR`.

use datafusion::common::ScalarValue;
use firesteel_common::SparkType;
use firesteel_plan::spec::Expr;
use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct Variable {
    pub data_type: SparkType,
    pub value: ScalarValue,
    /// What `SET VAR a = DEFAULT` computes again; none is null.
    pub default: Option<Expr>,
}

/// By name in lower case.
pub type Variables = HashMap<String, Variable>;

/// The name of a variable without `session.` or `system.session.`, in lower case; none if it cannot be
/// one.
pub fn variable_name(name: &[String]) -> Option<String> {
    let is = |part: &str, word: &str| part.eq_ignore_ascii_case(word);
    match name {
        [name] => Some(name.to_lowercase()),
        [session, name] if is(session, "session") => Some(name.to_lowercase()),
        [system, session, name] if is(system, "system") && is(session, "session") => {
            Some(name.to_lowercase())
        }
        _ => None,
    }
}
