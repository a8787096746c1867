//! `from_xml(text, schema [, options])`.
//!
//! Attributes are fields with `_` before their name, text beside them is `_VALUE`, elements of equal name an
//! array. The document becomes the JSON values that `from_json` knows, every leaf a text.

use super::document::{Document, Kind as NodeKind};
use crate::call::Call;
use crate::implicit::{implicit, literal_text, not_foldable};
use crate::json::ddl::parse_schema;
use crate::json::options::Options;
use crate::json::{nullable, read_values};
use crate::scalar_kernel::{Input, Kind, at};
use crate::string::declared_length::refuse_lengths;
use arrow::array::ArrayRef;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Reading {
    schema: SparkType,
    options: Options,
    time_zone: String,
}

pub(super) fn from_xml(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let settings = call.settings;
    let options = Options::from_arg("from_xml", call.args.get(2))?;
    let mut args = call.args.into_iter();
    let (Some(text), Some(schema)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("from_xml without arguments"));
    };
    let schema = literal_text(&schema).ok_or_else(|| not_foldable("from_xml", "schema"))?;
    let schema = nullable(refuse_lengths(parse_schema(&schema)?, settings.char_varchar_as_string)?);
    let text = implicit("from_xml", 0, text, &SparkType::string(), settings)?;
    let reading =
        Reading { schema: schema.clone(), options, time_zone: settings.time_zone.clone() };
    Ok(FROM_XML.kernel(reading, &schema).call(vec![text]))
}

pub(super) static FROM_XML: Kind<Reading> = Kind::new("from_xml", rows);

fn rows(reading: &Reading, input: &Input<'_>) -> Result<ArrayRef> {
    let texts = input.string(0)?;
    let shape = Shape {
        attribute: reading.options.get("attributePrefix").unwrap_or("_"),
        value: reading.options.get("valueTag").unwrap_or("_VALUE"),
        with_attributes: !reading.options.flag("excludeAttribute", false),
    };
    let documents: Vec<_> = (0..input.n_rows)
        .map(|row| {
            let text = at(texts, row)?;
            let value = Document::parse(text).and_then(|document| {
                Some(shape.value(&document, document.root()?, &reading.schema))
            });
            Some((text, value))
        })
        .collect();
    read_values(&documents, &reading.schema, &reading.options, &reading.time_zone, input.result)
}

struct Shape<'a> {
    attribute: &'a str,
    value: &'a str,
    with_attributes: bool,
}

impl Shape<'_> {
    fn value(&self, document: &Document, element: usize, schema: &SparkType) -> Value {
        match schema {
            SparkType::Struct(row) => Value::Object(self.object(document, element, row)),
            SparkType::Map { value, .. } => {
                let mut object = Map::new();
                for child in elements(document, element) {
                    let name = document.name(child).to_owned();
                    object.insert(name, self.value(document, child, value));
                }
                Value::Object(object)
            }
            SparkType::Array { element: inner, .. } => {
                Value::Array(vec![self.value(document, element, inner)])
            }
            schema if schema.is_string() && elements(document, element).next().is_some() => {
                let mut text = String::new();
                inner_xml(document, element, &mut text);
                Value::String(text)
            }
            schema => {
                let text = document.text(element).trim().to_owned();
                if text.is_empty() && !schema.is_string() {
                    return Value::Null;
                }
                Value::String(text)
            }
        }
    }

    fn object(&self, document: &Document, element: usize, row: &StructType) -> Map<String, Value> {
        let mut object = Map::new();
        let field = |name: &str| row.fields.iter().find(|field| field.name == name);
        if self.with_attributes {
            for attribute in document.attributes(element) {
                let name = format!("{}{}", self.attribute, document.name(attribute));
                if field(&name).is_some() {
                    object.insert(name, Value::String(document.text(attribute)));
                }
            }
        }
        for child in elements(document, element) {
            let name = document.name(child);
            let Some(field) = field(name) else { continue };
            match &field.data_type {
                SparkType::Array { element: inner, .. } => {
                    let value = self.value(document, child, inner);
                    match object.get_mut(name) {
                        Some(Value::Array(values)) => values.push(value),
                        _ => {
                            object.insert(name.to_owned(), Value::Array(vec![value]));
                        }
                    }
                }
                other => {
                    object.insert(name.to_owned(), self.value(document, child, other));
                }
            }
        }
        if field(self.value).is_some() {
            let own: String = document
                .children(element)
                .filter(|child| matches!(document.nodes[*child].kind, NodeKind::Text(_)))
                .map(|child| document.text(child).trim().to_owned())
                .collect();
            if !own.is_empty() {
                object.insert(self.value.to_owned(), Value::String(own));
            }
        }
        object
    }
}

pub(super) fn elements(document: &Document, element: usize) -> impl Iterator<Item = usize> + '_ {
    let is_element = |child: &usize| matches!(document.nodes[*child].kind, NodeKind::Element(_));
    document.children(element).filter(is_element)
}

/// What stands between an element's tags.
fn inner_xml(document: &Document, element: usize, out: &mut String) {
    for child in document.children(element) {
        match &document.nodes[child].kind {
            NodeKind::Element(name) => {
                out.push_str(&format!("<{name}"));
                for attribute in document.attributes(child) {
                    let value = super::to_xml::escaped_attribute(&document.text(attribute));
                    out.push_str(&format!(" {}=\"{value}\"", document.name(attribute)));
                }
                out.push('>');
                inner_xml(document, child, out);
                out.push_str(&format!("</{name}>"));
            }
            _ => out.push_str(&super::to_xml::escaped(&document.text(child))),
        }
    }
}
