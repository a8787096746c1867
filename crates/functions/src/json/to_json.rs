//! `to_json(struct, map or array [, options])`.

use super::options::Options;
use crate::array::rows_of;
use crate::call::Call;
use crate::cast::{Context, EvalMode, cast_column};
use crate::datetime::format_instants;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use base64::Engine;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Writing {
    spark_type: SparkType,
    options: Options,
    time_zone: String,
}

pub(crate) fn to_json(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let time_zone = call.settings.time_zone.clone();
    let options = Options::from_arg("to_json", call.args.get(1))?;
    let Some(value) = call.args.into_iter().next() else {
        return Err(SparkError::internal("to_json without argument"));
    };
    let spark_type = value.spark_type()?;
    if !matches!(
        spark_type,
        SparkType::Struct(_) | SparkType::Map { .. } | SparkType::Array { .. } | SparkType::Variant
    ) {
        let found = spark_type.sql();
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
            format!(
                "Cannot resolve \"to_json\" due to data type mismatch: Input schema \"{found}\" must \
                 be a struct, an array, a map or a variant."
            ),
        )
        .with("schema", format!("\"{found}\"")));
    }
    let writing = Writing { spark_type, options, time_zone };
    let kernel = TO_JSON.kernel(writing, &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(vec![value.expr]))
}

pub(super) static TO_JSON: Kind<Writing> = Kind::new("to_json", evaluate);

fn evaluate(writing: &Writing, input: &Input<'_>) -> Result<ArrayRef> {
    let column = &input.args[0];
    let writer = writer(column, &writing.spark_type, writing)?;
    let pretty = writing.options.flag("pretty", false);
    input.strings(|row| {
        if column.is_null(row) {
            return Ok(None);
        }
        let mut text = String::new();
        writer.write(row, &mut text);
        if pretty && let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            text = serde_json::to_string_pretty(&value).unwrap_or(text).replace("\": ", "\" : ");
        }
        Ok(Some(text))
    })
}

/// A column prepared for writing its rows.
enum Writer<'a> {
    /// Rows as they stand.
    Plain(ArrayRef),
    /// Rows in quotes.
    Quoted(ArrayRef),
    Struct {
        column: &'a ArrayRef,
        fields: Vec<(String, Writer<'a>)>,
        ignore_nulls: bool,
    },
    List {
        column: &'a ArrayRef,
        elements: Box<Writer<'a>>,
    },
    Map {
        column: &'a ArrayRef,
        keys: ArrayRef,
        values: Box<Writer<'a>>,
    },
}

fn writer<'a>(
    column: &'a ArrayRef,
    spark_type: &SparkType,
    writing: &Writing,
) -> Result<Writer<'a>> {
    let context = Context::new(EvalMode::Legacy, &writing.time_zone, false)?;
    let as_text = |column: &ArrayRef, spark_type: &SparkType| {
        cast_column(column, spark_type, &SparkType::string(), &context)
    };
    Ok(match spark_type {
        SparkType::Struct(row) => {
            let fields = row
                .fields
                .iter()
                .zip(column.as_struct().columns())
                .map(|(field, column): (&StructField, _)| {
                    Ok((quoted(&field.name), writer(column, &field.data_type, writing)?))
                })
                .collect::<Result<Vec<_>>>()?;
            let ignore_nulls = writing.options.flag("ignoreNullFields", true);
            Writer::Struct { column, fields, ignore_nulls }
        }
        SparkType::Array { element, .. } => {
            let values = column.as_list::<i32>().values();
            Writer::List { column, elements: Box::new(writer(values, element, writing)?) }
        }
        SparkType::Map { key, value, .. } => {
            let map = column.as_map();
            Writer::Map {
                column,
                keys: as_text(map.keys(), key)?,
                values: Box::new(writer(map.values(), value, writing)?),
            }
        }
        SparkType::Udt(udt) => writer(column, &udt.sql_type, writing)?,
        SparkType::Boolean
        | SparkType::Byte
        | SparkType::Short
        | SparkType::Integer
        | SparkType::Long
        | SparkType::Decimal { .. }
        | SparkType::Null => Writer::Plain(as_text(column, spark_type)?),
        SparkType::Float | SparkType::Double => {
            let texts = as_text(column, spark_type)?;
            let finite = |row: usize| match column.data_type() {
                DataType::Float32 => column.as_primitive::<Float32Type>().value(row).is_finite(),
                _ => column.as_primitive::<Float64Type>().value(row).is_finite(),
            };
            let all_finite = (0..column.len()).all(|row| column.is_null(row) || finite(row));
            if all_finite {
                Writer::Plain(texts)
            } else {
                // NaN and the infinities are strings in JSON.
                let texts = texts.as_string::<i32>();
                let mixed = (0..column.len()).map(|row| {
                    texts.is_valid(row).then(|| match finite(row) {
                        true => texts.value(row).to_owned(),
                        false => format!("\"{}\"", texts.value(row)),
                    })
                });
                Writer::Plain(std::sync::Arc::new(mixed.collect::<arrow::array::StringArray>()))
            }
        }
        SparkType::Timestamp => {
            let pattern =
                writing.options.get("timestampFormat").unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
            let zone = writing.options.get("timeZone").unwrap_or(&writing.time_zone);
            Writer::Quoted(format_instants(column, zone, pattern)?)
        }
        SparkType::TimestampNtz => {
            let pattern =
                writing.options.get("timestampNTZFormat").unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSS");
            Writer::Quoted(format_instants(column, "UTC", pattern)?)
        }
        SparkType::Date => match writing.options.get("dateFormat") {
            Some(pattern) => Writer::Quoted(format_instants(column, "UTC", pattern)?),
            None => Writer::Quoted(as_text(column, spark_type)?),
        },
        SparkType::Variant => Writer::Plain(string_of_variants(column, &context)?),
        SparkType::Binary => {
            let bytes = column.as_binary::<i32>();
            let texts = bytes.iter().map(|bytes| {
                bytes.map(|bytes| base64::engine::general_purpose::STANDARD.encode(bytes))
            });
            Writer::Quoted(std::sync::Arc::new(texts.collect::<arrow::array::StringArray>()))
        }
        _ => Writer::Quoted(as_text(column, spark_type)?),
    })
}

impl Writer<'_> {
    fn is_null(&self, row: usize) -> bool {
        match self {
            Writer::Plain(texts) | Writer::Quoted(texts) => texts.is_null(row),
            Writer::Struct { column, .. }
            | Writer::List { column, .. }
            | Writer::Map { column, .. } => column.is_null(row),
        }
    }

    fn write(&self, row: usize, out: &mut String) {
        if self.is_null(row) {
            out.push_str("null");
            return;
        }
        match self {
            Writer::Plain(texts) => out.push_str(texts.as_string::<i32>().value(row)),
            Writer::Quoted(texts) => out.push_str(&quoted(texts.as_string::<i32>().value(row))),
            Writer::Struct { fields, ignore_nulls, .. } => {
                out.push('{');
                let mut first = true;
                for (name, writer) in fields {
                    if *ignore_nulls && writer.is_null(row) {
                        continue;
                    }
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    out.push_str(name);
                    out.push(':');
                    writer.write(row, out);
                }
                out.push('}');
            }
            Writer::List { column, elements } => {
                out.push('[');
                for (position, element) in rows_of(column.as_list::<i32>(), row).enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    elements.write(element, out);
                }
                out.push(']');
            }
            Writer::Map { column, keys, values } => {
                out.push('{');
                let offsets = column.as_map().value_offsets();
                let keys = keys.as_string::<i32>();
                for entry in offsets[row] as usize..offsets[row + 1] as usize {
                    if entry > offsets[row] as usize {
                        out.push(',');
                    }
                    out.push_str(&quoted(keys.value(entry)));
                    out.push(':');
                    values.write(entry, out);
                }
                out.push('}');
            }
        }
    }
}

/// Documents as they stand, instants in the session's time zone.
fn string_of_variants(column: &ArrayRef, context: &Context) -> Result<ArrayRef> {
    let variants = crate::variant::Variants::of(column)?;
    let documents = (0..column.len()).map(|row| {
        let Some(view) = variants.get(row) else { return Ok(None) };
        let mut json = String::new();
        crate::variant::write_json(view, context.zone, &mut json)?;
        Ok(Some(json))
    });
    Ok(std::sync::Arc::new(documents.collect::<Result<arrow::array::StringArray>>()?))
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
