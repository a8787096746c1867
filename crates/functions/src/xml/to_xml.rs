//! `to_xml(struct [, options])`: an element per field, indented by four spaces.

use crate::array::rows_of;
use crate::call::Call;
use crate::cast::{Context, EvalMode, cast_column};
use crate::datetime::format_instants;
use crate::implicit::unexpected_type;
use crate::json::options::Options;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Writing {
    spark_type: SparkType,
    options: Options,
    time_zone: String,
}

pub(super) fn to_xml(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let time_zone = call.settings.time_zone.clone();
    let options = Options::from_arg("to_xml", call.args.get(1))?;
    let Some(value) = call.args.into_iter().next() else {
        return Err(SparkError::internal("to_xml without argument"));
    };
    let spark_type = value.spark_type()?;
    if !matches!(spark_type, SparkType::Struct(_)) {
        return Err(unexpected_type("to_xml", 0, &value, "\"STRUCT\""));
    }
    let kernel = TO_XML.kernel(Writing { spark_type, options, time_zone }, &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(vec![value.expr]))
}

pub(super) static TO_XML: Kind<Writing> = Kind::new("to_xml", rows);

fn rows(writing: &Writing, input: &Input<'_>) -> Result<ArrayRef> {
    let column = &input.args[0];
    let part = part(column, &writing.spark_type, writing)?;
    let option =
        |name: &str, default: &'static str| writing.options.get(name).unwrap_or(default).to_owned();
    let layout = Layout {
        attribute: option("attributePrefix", "_"),
        value: option("valueTag", "_VALUE"),
        item: option("arrayElementName", "item"),
    };
    let tag = option("rowTag", "ROW");
    input.strings(|row| {
        if column.is_null(row) {
            return Ok(None);
        }
        let mut text = String::new();
        layout.element(&tag, &part, row, 0, &mut text);
        Ok(Some(text.trim_start_matches('\n').to_owned()))
    })
}

/// A column ready to be written.
enum Part {
    Text(ArrayRef),
    Struct(ArrayRef, Vec<(String, Part)>),
    List(ArrayRef, Box<Part>),
    Map(ArrayRef, ArrayRef, Box<Part>),
}

fn part(column: &ArrayRef, spark_type: &SparkType, writing: &Writing) -> Result<Part> {
    let context = Context::new(EvalMode::Legacy, &writing.time_zone, true)?;
    let as_text = |column: &ArrayRef, from: &SparkType| {
        cast_column(column, from, &SparkType::string(), &context)
    };
    let option = |name: &str| writing.options.get(name);
    Ok(match spark_type {
        SparkType::Struct(row) => {
            let columns = column.as_struct().columns();
            let fields = row.fields.iter().zip(columns).map(|(field, column)| {
                Ok((field.name.clone(), part(column, &field.data_type, writing)?))
            });
            Part::Struct(Arc::clone(column), fields.collect::<Result<_>>()?)
        }
        SparkType::Array { element, .. } => {
            let values = part(column.as_list::<i32>().values(), element, writing)?;
            Part::List(Arc::clone(column), Box::new(values))
        }
        SparkType::Map { key, value, .. } => {
            let map = column.as_map();
            let keys = as_text(map.keys(), key)?;
            Part::Map(Arc::clone(column), keys, Box::new(part(map.values(), value, writing)?))
        }
        SparkType::Udt(udt) => part(column, &udt.sql_type, writing)?,
        SparkType::Timestamp => {
            let zone = option("timeZone").unwrap_or(&writing.time_zone);
            let pattern = option("timestampFormat").unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
            Part::Text(format_instants(column, zone, pattern)?)
        }
        SparkType::TimestampNtz => {
            let pattern = option("timestampNTZFormat").unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSS");
            Part::Text(format_instants(column, "UTC", pattern)?)
        }
        SparkType::Date if option("dateFormat").is_some() => {
            let pattern = option("dateFormat").unwrap_or_default();
            Part::Text(format_instants(column, "UTC", pattern)?)
        }
        SparkType::Null => Part::Text(Arc::new(StringArray::new_null(column.len()))),
        other => Part::Text(as_text(column, other)?),
    })
}

impl Part {
    fn is_null(&self, row: usize) -> bool {
        match self {
            Part::Text(column) | Part::Struct(column, _) | Part::List(column, _) => {
                column.is_null(row)
            }
            Part::Map(column, ..) => column.is_null(row),
        }
    }
}

struct Layout {
    attribute: String,
    value: String,
    item: String,
}

impl Layout {
    /// An element, on a line of its own; a null is left out.
    fn element(&self, name: &str, part: &Part, row: usize, depth: usize, out: &mut String) {
        if part.is_null(row) {
            return;
        }
        if let Part::List(column, elements) = part {
            for element in rows_of(column.as_list::<i32>(), row) {
                match elements.as_ref() {
                    inner @ Part::List(..) => {
                        let mut content = String::new();
                        self.element(&self.item, inner, element, depth + 1, &mut content);
                        self.tagged(name, "", &content, depth, out);
                    }
                    inner => self.element(name, inner, element, depth, out),
                }
            }
            return;
        }
        let (mut attributes, mut content) = (String::new(), String::new());
        match part {
            Part::Text(texts) => content.push_str(&escaped(texts.as_string::<i32>().value(row))),
            Part::Struct(_, fields) => {
                for (field, part) in fields {
                    match part {
                        Part::Text(texts) if !texts.is_null(row) && *field == self.value => {
                            content.push_str(&escaped(texts.as_string::<i32>().value(row)));
                        }
                        Part::Text(texts)
                            if field.starts_with(&self.attribute) && *field != self.value =>
                        {
                            if !texts.is_null(row) {
                                let value = escaped_attribute(texts.as_string::<i32>().value(row));
                                let name = &field[self.attribute.len()..];
                                attributes.push_str(&format!(" {name}=\"{value}\""));
                            }
                        }
                        part => self.element(field, part, row, depth + 1, &mut content),
                    }
                }
            }
            Part::Map(column, keys, values) => {
                let (offsets, keys) = (column.as_map().value_offsets(), keys.as_string::<i32>());
                for entry in offsets[row] as usize..offsets[row + 1] as usize {
                    self.element(keys.value(entry), values, entry, depth + 1, &mut content);
                }
            }
            Part::List(..) => {}
        }
        self.tagged(name, &attributes, &content, depth, out);
    }

    fn tagged(&self, name: &str, attributes: &str, content: &str, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        if content.is_empty() {
            out.push_str(&format!("\n{indent}<{name}{attributes}/>"));
        } else if content.contains('\n') {
            out.push_str(&format!("\n{indent}<{name}{attributes}>{content}\n{indent}</{name}>"));
        } else {
            out.push_str(&format!("\n{indent}<{name}{attributes}>{content}</{name}>"));
        }
    }
}

/// Text between tags.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Text of an attribute.
pub(super) fn escaped_attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}
