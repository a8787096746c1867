//! `nth_value`: the nth value of the frame.

use super::udwf::{Columns, Evaluate, WindowKind};
use crate::call::Call;
use crate::implicit::{literal_boolean, literal_long, not_foldable};
use crate::registry::WindowCall;
use arrow::array::Array;
use datafusion_common::ScalarValue;
use firesteel_common::{Result, SparkError};
use serde::{Deserialize, Serialize};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Nth {
    /// Counted from 1.
    n: usize,
}

/// `nth_value(value [, n [, ignoreNulls]])`.
pub(crate) fn nth_value(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(1, 3)?;
    let name = "nth_value";
    let mut args = call.args.into_iter();
    let value = args.next().ok_or_else(|| SparkError::internal("nth_value without argument"))?;
    let n = match args.next() {
        None => 1,
        Some(arg) => literal_long(&arg).ok_or_else(|| not_foldable(name, "offset"))?,
    };
    if n <= 0 {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            format!(
                "Cannot resolve \"{name}\" due to data type mismatch: The offset must be between \
                 (0, 9223372036854775807] (current value = {n})."
            ),
        )
        .with("exprName", "offset")
        .with("valueRange", "(0, 9223372036854775807]")
        .with("currentValue", n.to_string()));
    }
    let ignore_nulls = match args.next() {
        None => false,
        Some(arg) => literal_boolean(&arg).ok_or_else(|| not_foldable(name, "ignoreNulls"))?,
    };
    let result = value.spark_type()?;
    let params = Nth { n: n as usize };
    let call = NTH_VALUE.call(params, (&result, true), vec![value.expr]);
    Ok(if ignore_nulls { call.ignoring_nulls() } else { call })
}

pub(super) static NTH_VALUE: WindowKind<Nth> =
    WindowKind::new("nth_value", Evaluate::Frame(evaluate));

fn evaluate(params: &Nth, columns: &Columns<'_>, frame: &Range<usize>) -> Result<ScalarValue> {
    let values = &columns.values[0];
    let row = if columns.ignore_nulls {
        let nulls = values.logical_nulls();
        let is_valid = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
        frame.clone().filter(is_valid).nth(params.n - 1)
    } else {
        frame.clone().nth(params.n - 1)
    };
    Ok(match row {
        Some(row) => ScalarValue::try_from_array(values, row)?,
        None => ScalarValue::try_from(values.data_type())?,
    })
}
