//! Pairs of input and output columns of classes that take one or several (`ParamValidators.checkSingleVsMultiColumnParams`).

use crate::error;
use crate::param::Params;
use crate::value::Value;
use firesteel_common::Result;

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
    let uid = params.uid();
    let has = |name: &str| params.is_set(name);
    let is_single = match (has("inputCol"), has("inputCols")) {
        (true, true) => {
            return Err(error::illegal(format!(
                "requirement failed: {uid} requires exactly one of inputCol, inputCols Params to be set, but both \
                 are set."
            )));
        }
        (false, false) => {
            return Err(error::illegal(format!(
                "requirement failed: {uid} requires exactly one of inputCol, inputCols Params to be set, but \
                 neither is set."
            )));
        }
        (is_single, _) => is_single,
    };
    let (kind, wanted, other) = match is_single {
        true => ("Single", "single-column", several),
        false => ("Multi", "multi-column", single),
    };
    let unwanted: Vec<&str> = other.iter().copied().filter(|name| has(name)).collect();
    if !unwanted.is_empty() {
        return Err(error::illegal(format!(
            "requirement failed: {kind}-column {uid} is not compatible with params for {wanted}: {}",
            unwanted.join(", ")
        )));
    }
    if is_single {
        let input = params.string("inputCol")?.to_owned();
        return Ok(vec![(input, params.string("outputCol")?.to_owned())]);
    }
    let inputs = params.strings("inputCols")?;
    let Some(Value::Strings(outputs)) = params.get("outputCols") else {
        return Err(error::illegal(format!(
            "requirement failed: {uid} requires outputCols to be set for multi-column inputs."
        )));
    };
    if inputs.len() != outputs.len() {
        return Err(error::requirement(format!(
            "{uid} has mismatched Params for multi-column transform. Params (inputCols, outputCols) should have \
             equal lengths, but they have different lengths: ({}, {}).",
            inputs.len(),
            outputs.len()
        )));
    }
    Ok(inputs.iter().cloned().zip(outputs.iter().cloned()).collect())
}
