//! What crosses the wire in a plan besides what `engine` itself knows.

use firesteel_common::Result;
use firesteel_common::error::{ErrorKind, SparkError};
use firesteel_engine::travel::Wire;
use std::collections::BTreeMap;

/// For tests, at the start of an engine: `travel` runs every query as a cluster would, each task from
/// bytes in a context of its own. Slower, and what needs one process is missing.
const RUNNER: &str = "firesteel.test.runner";

/// The lists of all crates if `conf` asks for the travelling runner.
///
/// # Errors
/// For a runner that there is not.
pub fn travelling(conf: &BTreeMap<String, String>) -> Result<Option<Wire>> {
    match conf.get(RUNNER).map(String::as_str) {
        None | Some("local") => Ok(None),
        Some("travel") => Ok(Some(wire())),
        Some(other) => Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            format!("{RUNNER} must be local or travel, got \"{other}\"."),
        )),
    }
}

fn wire() -> Wire {
    let operators = [firesteel_plan::resolve::operators(), firesteel_io::operators()];
    Wire {
        operators: operators.concat(),
        expressions: Vec::new(),
        functions: firesteel_functions::codec(),
    }
}
