//! `schema_of_xml(text [, options])`.

use super::document::Document;
use super::from_xml::elements;
use crate::call::Call;
use crate::cast::{Context, EvalMode, cast_column, parse_double};
use crate::implicit::{literal_text, not_foldable};
use crate::json::options::Options;
use arrow::array::{Array, ArrayRef, StringArray};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn schema_of_xml(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let options = Options::from_arg("schema_of_xml", call.args.get(1))?;
    let Some(arg) = call.args.first() else {
        return Err(SparkError::internal("schema_of_xml without argument"));
    };
    let text = literal_text(arg).ok_or_else(|| not_foldable("schema_of_xml", "xml"))?;
    let document = Document::parse(&text);
    let inferred = match document.as_ref().and_then(|document| Some((document, document.root()?))) {
        Some((document, root)) => {
            let inference = Inference {
                attribute: options.get("attributePrefix").unwrap_or("_"),
                value: options.get("valueTag").unwrap_or("_VALUE"),
                with_attributes: !options.flag("excludeAttribute", false),
                context: Context::new(EvalMode::Try, &call.settings.time_zone, false)?,
            };
            match inference.element(document, root)? {
                row @ SparkType::Struct(_) => row,
                SparkType::Null => SparkType::Struct(StructType::default()),
                other => row_of([(inference.value.to_owned(), other)].into()),
            }
        }
        None => row_of([("_corrupt_record".to_owned(), SparkType::string())].into()),
    };
    Ok(Expr::Literal(ScalarValue::Utf8(Some(finished(inferred).sql())), None))
}

struct Inference<'a> {
    attribute: &'a str,
    value: &'a str,
    with_attributes: bool,
    context: Context,
}

impl Inference<'_> {
    fn element(&self, document: &Document, element: usize) -> Result<SparkType> {
        let mut fields = BTreeMap::new();
        if self.with_attributes {
            for attribute in document.attributes(element) {
                let name = format!("{}{}", self.attribute, document.name(attribute));
                fields.insert(name, self.text(&document.text(attribute))?);
            }
        }
        for child in elements(document, element) {
            let found = self.element(document, child)?;
            let name = document.name(child).to_owned();
            let merged = match fields.remove(&name) {
                Some(SparkType::Array { element, .. }) => {
                    SparkType::array(self.merge(*element, found))
                }
                Some(known) => SparkType::array(self.merge(known, found)),
                None => found,
            };
            fields.insert(name, merged);
        }
        let below = elements(document, element).next().is_some();
        let own = match below {
            // Text between elements does not count as long as it is space.
            true => SparkType::Null,
            false => self.text(&document.text(element))?,
        };
        if fields.is_empty() {
            return Ok(own);
        }
        if own != SparkType::Null {
            fields.insert(self.value.to_owned(), own);
        }
        Ok(row_of(fields))
    }

    fn text(&self, text: &str) -> Result<SparkType> {
        let text = text.trim();
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let first_digit =
            digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
        let plain = !digits.ends_with(['d', 'D', 'f', 'F']);
        Ok(if text.is_empty() {
            SparkType::Null
        } else if text.parse::<i64>().is_ok() {
            SparkType::Long
        } else if first_digit && plain && parse_double(text).is_some() {
            SparkType::Double
        } else if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
            SparkType::Boolean
        } else if text.len() == "2020-01-01".len() && self.fits(text, &SparkType::Date)? {
            SparkType::Date
        } else if text.as_bytes().get(10) == Some(&b'T')
            && self.fits(text, &SparkType::Timestamp)?
        {
            SparkType::Timestamp
        } else {
            SparkType::string()
        })
    }

    fn fits(&self, text: &str, target: &SparkType) -> Result<bool> {
        let column: ArrayRef = Arc::new(StringArray::from(vec![text]));
        let cast = cast_column(&column, &SparkType::string(), target, &self.context)?;
        Ok(cast.null_count() == 0)
    }

    fn merge(&self, left: SparkType, right: SparkType) -> SparkType {
        use SparkType::{Array, Date, Double, Long, Null, Struct, Timestamp};
        match (left, right) {
            (left, right) if left == right => left,
            (Null, other) | (other, Null) => other,
            (Long, Double) | (Double, Long) => Double,
            (Date, Timestamp) | (Timestamp, Date) => Timestamp,
            (Array { element: left, .. }, Array { element: right, .. }) => {
                SparkType::array(self.merge(*left, *right))
            }
            (Array { element, .. }, other) | (other, Array { element, .. }) => {
                SparkType::array(self.merge(*element, other))
            }
            (Struct(left), Struct(right)) => {
                let mut fields: BTreeMap<_, _> =
                    left.fields.into_iter().map(|field| (field.name, field.data_type)).collect();
                for field in right.fields {
                    let merged = match fields.remove(&field.name) {
                        Some(known) => self.merge(known, field.data_type),
                        None => field.data_type,
                    };
                    fields.insert(field.name, merged);
                }
                row_of(fields)
            }
            // Text beside attributes.
            (Struct(row), other) | (other, Struct(row)) => {
                let text = StructType::new(vec![StructField::new(self.value, other, true)]);
                self.merge(Struct(row), Struct(text))
            }
            _ => SparkType::string(),
        }
    }
}

fn row_of(fields: BTreeMap<String, SparkType>) -> SparkType {
    let fields = fields.into_iter().map(|(name, found)| StructField::new(name, found, true));
    SparkType::Struct(StructType::new(fields.collect()))
}

/// What is empty everywhere may be a text.
fn finished(inferred: SparkType) -> SparkType {
    match inferred {
        SparkType::Null => SparkType::string(),
        SparkType::Array { element, .. } => SparkType::array(finished(*element)),
        SparkType::Struct(row) => {
            let fields = row
                .fields
                .into_iter()
                .map(|field| StructField::new(field.name, finished(field.data_type), true));
            SparkType::Struct(StructType::new(fields.collect()))
        }
        other => other,
    }
}
