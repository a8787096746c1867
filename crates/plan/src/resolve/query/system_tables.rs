//! `sql_keywords()` and `collations()`: tables that the system knows by itself.

use crate::resolve::{Resolved, Resolver};
use crate::sql::keywords::keywords;
use arrow::array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow::record_batch::RecordBatch;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SparkType, StructField, StructType};
use firesteel_functions::collation::{Collation, ICU_VERSION, all};
use std::sync::Arc;

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
        let all = all();
        let column = |value: &dyn Fn(&Collation) -> Option<String>| {
            Arc::new(all.iter().map(value).collect::<StringArray>()) as ArrayRef
        };
        let fixed = |text: &str| Some(text.to_owned());
        let columns = vec![
            column(&|_| fixed("SYSTEM")),
            column(&|_| fixed("BUILTIN")),
            column(&|own| Some(own.name())),
            column(&|own| own.language().and_then(fixed)),
            column(&|own| own.country().and_then(fixed)),
            column(&|own| match own.ignores_accents() {
                true => fixed("ACCENT_INSENSITIVE"),
                false => fixed("ACCENT_SENSITIVE"),
            }),
            column(&|own| match own.ignores_case() {
                true => fixed("CASE_INSENSITIVE"),
                false => fixed("CASE_SENSITIVE"),
            }),
            column(&|own| fixed(if own.ignores_blanks() { "RTRIM" } else { "NO_PAD" })),
            column(&|own| fixed(ICU_VERSION).filter(|_| own.is_icu())),
        ];
        self.system_table(schema, columns)
    }

    fn system_table(&mut self, schema: StructType, columns: Vec<ArrayRef>) -> Result<Resolved> {
        let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), columns)?;
        self.rows(schema, &[batch])
    }
}
