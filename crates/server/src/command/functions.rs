//! DROP FUNCTION.

use super::Answer;
use crate::catalog::full_name;
use crate::session::{Session, names_changed};
use firesteel_common::{Result, SparkError};
use firesteel_functions::registry;
use firesteel_plan::spec::Name;

/// Forgets a function of the session. There are no others that could be dropped.
///
/// # Errors
/// `FORBIDDEN_OPERATION` for a built-in function, `ROUTINE_NOT_FOUND` for none.
pub fn drop(session: &Session, name: &Name, is_temporary: bool, if_exists: bool) -> Result<Answer> {
    let short = name.last().map(|name| name.to_lowercase()).unwrap_or_default();
    if is_temporary {
        let function = session.functions.write().remove(&short).is_some();
        if function || session.table_functions.write().remove(&short).is_some() {
            names_changed(session.engine());
            return Ok(Answer::none());
        }
    }
    if name.len() == 1 && registry::lookup(&short).is_some() {
        let quoted = full_name(&vec![short]);
        let text = format!("The operation DROP is not allowed on the FUNCTION: {quoted}.");
        return Err(SparkError::analysis("FORBIDDEN_OPERATION", text)
            .with("statement", "DROP")
            .with("objectType", "FUNCTION")
            .with("objectName", quoted));
    }
    if if_exists {
        return Ok(Answer::none());
    }
    let quoted = match name.as_slice() {
        [own] if !is_temporary => {
            full_name(&vec![session.current.read().database.clone(), own.clone()])
        }
        _ => full_name(name),
    };
    Err(SparkError::analysis(
        "ROUTINE_NOT_FOUND",
        format!(
            "The routine {quoted} cannot be found. Verify the spelling and correctness of the schema and \
             catalog.\nIf you did not qualify the name with a schema and catalog, verify the current_schema() \
             output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop \
             use DROP ... IF EXISTS."
        ),
    )
    .with("routineName", quoted))
}
