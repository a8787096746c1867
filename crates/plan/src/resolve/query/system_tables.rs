//! `sql_keywords()` and `collations()`: tables that the system knows by itself.

use crate::resolve::{Resolved, Resolver};
use crate::sql::keywords::keywords;
use arrow::array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow::record_batch::RecordBatch;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SparkType, StructField, StructType};
use std::sync::Arc;

/// Spark's collations without a language: name, whether accents and cases count, and padding. This
/// engine compares by `UTF8_BINARY` only and refuses the others.
const COLLATIONS: [(&str, bool, bool, &str); 12] = [
    ("UTF8_BINARY", true, true, "NO_PAD"),
    ("UTF8_LCASE", true, false, "NO_PAD"),
    ("UTF8_BINARY_RTRIM", true, true, "RTRIM"),
    ("UTF8_LCASE_RTRIM", true, false, "RTRIM"),
    ("UNICODE", true, true, "NO_PAD"),
    ("UNICODE_AI", false, true, "NO_PAD"),
    ("UNICODE_RTRIM", true, true, "RTRIM"),
    ("UNICODE_AI_RTRIM", false, true, "RTRIM"),
    ("UNICODE_CI", true, false, "NO_PAD"),
    ("UNICODE_CI_AI", false, false, "NO_PAD"),
    ("UNICODE_CI_RTRIM", true, false, "RTRIM"),
    ("UNICODE_CI_AI_RTRIM", false, false, "RTRIM"),
];

impl Resolver<'_> {
    pub(super) fn sql_keywords(&mut self) -> Result<Resolved> {
        let words: StringArray = keywords().map(Some).collect();
        let reserved = BooleanArray::from(vec![false; words.len()]);
        let schema = StructType::new(vec![
            StructField::new("keyword", SparkType::string(), false),
            StructField::new("reserved", SparkType::Boolean, false),
        ]);
        self.system_table(schema, vec![Arc::new(words), Arc::new(reserved)])
    }

    pub(super) fn collations(&mut self) -> Result<Resolved> {
        let text = |name: &str, nullable| StructField::new(name, SparkType::string(), nullable);
        let schema = StructType::new(vec![
            text("CATALOG", false),
            text("SCHEMA", false),
            text("NAME", false),
            text("LANGUAGE", true),
            text("COUNTRY", true),
            text("ACCENT_SENSITIVITY", false),
            text("CASE_SENSITIVITY", false),
            text("PAD_ATTRIBUTE", false),
            text("ICU_VERSION", true),
        ]);
        let column =
            |value: fn(&(&'static str, bool, bool, &'static str)) -> Option<&'static str>| {
                Arc::new(COLLATIONS.iter().map(value).collect::<StringArray>()) as ArrayRef
            };
        let columns = vec![
            column(|_| Some("SYSTEM")),
            column(|_| Some("BUILTIN")),
            column(|own| Some(own.0)),
            column(|_| None),
            column(|_| None),
            column(|own| Some(if own.1 { "ACCENT_SENSITIVE" } else { "ACCENT_INSENSITIVE" })),
            column(|own| Some(if own.2 { "CASE_SENSITIVE" } else { "CASE_INSENSITIVE" })),
            column(|own| Some(own.3)),
            column(|_| None),
        ];
        self.system_table(schema, columns)
    }

    fn system_table(&mut self, schema: StructType, columns: Vec<ArrayRef>) -> Result<Resolved> {
        let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), columns)?;
        self.rows(schema, &[batch])
    }
}
