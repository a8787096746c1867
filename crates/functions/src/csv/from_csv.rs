//! `from_csv(line, schema [, options])`.

use super::line::split;
use crate::call::Call;
use crate::cast::{Context, EvalMode};
use crate::implicit::{implicit, literal_text, not_foldable};
use crate::json::ddl::parse_schema;
use crate::json::leaves;
use crate::json::options::Options;
use crate::scalar_kernel::{Input, Kind, at};
use crate::string::declared_length::refuse_lengths;
use arrow::array::{Array, ArrayRef, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Reading {
    row: StructType,
    options: Options,
    time_zone: String,
}

pub(crate) fn from_csv(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let settings = call.settings;
    let options = Options::from_arg("from_csv", call.args.get(2))?;
    options.check_mode("from_csv")?;
    let mut args = call.args.into_iter();
    let (Some(text), Some(schema)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("from_csv without arguments"));
    };
    let schema = literal_text(&schema).ok_or_else(|| not_foldable("from_csv", "schema"))?;
    let parsed = refuse_lengths(parse_schema(&schema)?, settings.char_varchar_as_string)?;
    let SparkType::Struct(mut row) = parsed else {
        return Err(SparkError::analysis(
            "INVALID_SCHEMA.NON_STRUCT_TYPE",
            format!(
                "The input schema \"{schema}\" is not a valid schema string. The input expression should be evaluated to struct type."
            ),
        ));
    };
    row.fields.iter_mut().for_each(|field| field.nullable = true);
    let text = implicit("from_csv", 0, text, &SparkType::string(), settings)?;
    let result = SparkType::Struct(row.clone());
    let reading = Reading { row, options, time_zone: settings.time_zone.clone() };
    Ok(FROM_CSV.kernel(reading, &result).call(vec![text]))
}

pub(super) static FROM_CSV: Kind<Reading> = Kind::new("from_csv", evaluate);

pub(super) fn separator(options: &Options) -> char {
    let given = options.get("sep").or_else(|| options.get("delimiter"));
    given.and_then(|text| text.replace("\\t", "\t").chars().next()).unwrap_or(',')
}

fn evaluate(reading: &Reading, input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::Struct(fields) = input.result else {
        return Err(SparkError::internal("from_csv answers with a struct"));
    };
    let texts = input.string(0)?;
    let separator = separator(&reading.options);
    let quote = reading.options.get("quote").and_then(|text| text.chars().next()).unwrap_or('"');
    let null_value = reading.options.get("nullValue").unwrap_or("");
    let lines: Vec<Option<Vec<String>>> = (0..input.n_rows)
        .map(|row| at(texts, row).map(|line| split(line, separator, quote)))
        .collect();
    let context = Context::new(EvalMode::Try, &reading.time_zone, false)?;
    let leading = reading.options.flag("ignoreLeadingWhiteSpace", false);
    let trailing = reading.options.flag("ignoreTrailingWhiteSpace", false);
    let trim = |text: &str, data_type: &SparkType| match data_type.is_string() {
        true => {
            let text = if leading { text.trim_start() } else { text };
            (if trailing { text.trim_end() } else { text }).to_owned()
        }
        false => text.trim().to_owned(),
    };
    let columns = reading
        .row
        .fields
        .iter()
        .enumerate()
        .map(|(position, field)| {
            let cells = lines.iter().map(|line| {
                let cell = line.as_ref()?.get(position)?;
                (cell != null_value).then(|| trim(cell, &field.data_type))
            });
            leaves(cells.collect(), &field.data_type, &context)
        })
        .collect::<Result<Vec<_>>>()?;
    let nulls =
        NullBuffer::from((0..input.n_rows).map(|row| texts.is_valid(row)).collect::<Vec<_>>());
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(nulls))?))
}
