//! `to_csv(struct [, options])`.

use super::from_csv::separator;
use super::line::write;
use crate::call::Call;
use crate::cast::{Context, EvalMode, cast_column};
use crate::datetime::format_instants;
use crate::implicit::unexpected_type;
use crate::json::options::Options;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Writing {
    row: StructType,
    options: Options,
    time_zone: String,
}

pub(crate) fn to_csv(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let time_zone = call.settings.time_zone.clone();
    let options = Options::from_arg("to_csv", call.args.get(1))?;
    let Some(value) = call.args.into_iter().next() else {
        return Err(SparkError::internal("to_csv without argument"));
    };
    let SparkType::Struct(row) = value.spark_type()? else {
        return Err(unexpected_type("to_csv", 0, &value, "STRUCT"));
    };
    let writing = Writing { row, options, time_zone };
    let kernel = TO_CSV.kernel(writing, &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(vec![value.expr]))
}

pub(super) static TO_CSV: Kind<Writing> = Kind::new("to_csv", evaluate);

fn evaluate(writing: &Writing, input: &Input<'_>) -> Result<ArrayRef> {
    let rows = input.args[0].as_struct();
    let context = Context::new(EvalMode::Legacy, &writing.time_zone, false)?;
    let options = &writing.options;
    let cells = writing
        .row
        .fields
        .iter()
        .zip(rows.columns())
        .map(|(field, column)| match (&field.data_type, options.get("dateFormat")) {
            (SparkType::Timestamp, _) => {
                let pattern = options.get("timestampFormat");
                let pattern = pattern.unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
                format_instants(column, &writing.time_zone, pattern)
            }
            (SparkType::TimestampNtz, _) => {
                let pattern = options.get("timestampNTZFormat");
                format_instants(column, "UTC", pattern.unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSS"))
            }
            (SparkType::Date, Some(pattern)) => format_instants(column, "UTC", pattern),
            (data_type, _) => cast_column(column, data_type, &SparkType::string(), &context),
        })
        .collect::<Result<Vec<_>>>()?;
    let separator = separator(options);
    let quote = options.get("quote").and_then(|text| text.chars().next()).unwrap_or('"');
    let null_value = options.get("nullValue").unwrap_or("");
    input.strings(|row| {
        if rows.is_null(row) {
            return Ok(None);
        }
        let mut line = String::new();
        for (position, cell) in cells.iter().enumerate() {
            if position > 0 {
                line.push(separator);
            }
            if cell.is_null(row) {
                line.push_str(null_value);
            } else {
                write(cell.as_string::<i32>().value(row), separator, quote, &mut line);
            }
        }
        Ok(Some(line))
    })
}
