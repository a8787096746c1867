//! Pairs of input and output columns of classes that take one or several (`ParamValidators.checkSingleVsMultiColumnParams`).

use crate::error;
use crate::param::Params;
use crate::value::Value;
use firesteel_common::{Result, SparkError};

/// Input and output columns, and parameters that exist once for one column and as arrays for several: `single` may
/// not be set with `inputCols`, `several` not with `inputCol`.
///
/// # Errors
/// Spark's: both or neither are set, a parameter of the other form is set, numbers differ.
pub(super) fn pairs(
    params: &Params,
    single: &[&str],
    several: &[&str],
) -> Result<Vec<(String, String)>> {
    let this = described(params);
    let has = |name: &str| params.is_set(name);
    let is_single = match (has("inputCol"), has("inputCols")) {
        (true, true) => {
            return Err(error::requirement(format!(
                "{this} requires exactly one of inputCol, inputCols Params to be set, but both are set."
            )));
        }
        (false, false) => {
            return Err(error::illegal(format!(
                "{this} requires exactly one of inputCol, inputCols Params to be set, but neither is set."
            )));
        }
        (is_single, _) => is_single,
    };
    let (column, kind, other) = match is_single {
        true => ("inputCol", "single-column", several),
        false => ("inputCols", "multi-column", single),
    };
    let unwanted: Vec<&str> = other.iter().copied().filter(|name| has(name)).collect();
    if !unwanted.is_empty() {
        return Err(error::illegal(format!(
            "{this} has the {column} Param set for {kind} transform. The following Params are not applicable and \
             should not be set: {}.",
            unwanted.join(",")
        )));
    }
    if is_single {
        let input = params.string("inputCol")?.to_owned();
        return Ok(vec![(input, params.string("outputCol")?.to_owned())]);
    }
    let inputs = params.strings("inputCols")?;
    let Some(Value::Strings(outputs)) = params.get("outputCols") else {
        return Err(undefined(params, false, "outputCols"));
    };
    if inputs.len() != outputs.len() {
        let lengths = [("inputCols", inputs.len()), ("outputCols", outputs.len())];
        return Err(mismatched(params, &lengths));
    }
    Ok(inputs.iter().cloned().zip(outputs.iter().cloned()).collect())
}

/// As Spark's messages call an instance.
fn described(params: &Params) -> String {
    let class = params.class().rsplit('.').next().unwrap_or_default();
    let count = |column: &str, name: &str| match params.get(column) {
        Some(Value::Strings(names)) => format!(", {name}={}", names.len()),
        _ => String::new(),
    };
    let (inputs, outputs) =
        (count("inputCols", "numInputCols"), count("outputCols", "numOutputCols"));
    format!("{class} {class}: uid={}{inputs}{outputs}", params.uid())
}

/// A parameter of that form is missing.
pub(super) fn undefined(params: &Params, is_single: bool, name: &str) -> SparkError {
    let (column, kind) = match is_single {
        true => ("inputCol", "single-column"),
        false => ("inputCols", "multi-column"),
    };
    error::illegal(format!(
        "{} has the {column} Param set for {kind} transform. The following Params must be defined but are not set: \
         {name}.",
        described(params)
    ))
}

/// Arrays that belong together have different lengths.
pub(super) fn mismatched(params: &Params, lengths: &[(&str, usize)]) -> SparkError {
    let names: Vec<_> = lengths.iter().map(|(name, _)| *name).collect();
    let lengths: Vec<_> = lengths.iter().map(|(_, length)| length.to_string()).collect();
    error::requirement(format!(
        "{} has mismatched Params for multi-column transform. Params ({}) should have equal lengths, but they have \
         different lengths: ({}).",
        described(params),
        names.join(", "),
        lengths.join(", ")
    ))
}
