//! A text format by everything that decides how it reads: what crosses a wire in its place.

use super::row_source::RowFormat;
use crate::request::Options;
use crate::source::{csv, json, libsvm, text};
use firesteel_common::{Result, SessionSettings, SparkError, StructType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RowSpec {
    /// `csv`, `json`, `libsvm` or `text`.
    name: String,
    /// Columns of the files.
    columns: StructType,
    options: Options,
    /// Settings of the session that a format reads.
    time_zone: String,
    case_sensitive: bool,
}

impl RowSpec {
    pub fn new(
        name: &str,
        columns: &StructType,
        options: &Options,
        settings: &SessionSettings,
    ) -> Self {
        Self {
            name: name.to_owned(),
            columns: columns.clone(),
            options: options.clone(),
            time_zone: settings.time_zone.clone(),
            case_sensitive: settings.case_sensitive,
        }
    }

    /// # Errors
    /// For options that the format never allows, and columns of types that it cannot read.
    pub fn format(&self) -> Result<Arc<dyn RowFormat>> {
        let settings = SessionSettings {
            time_zone: self.time_zone.clone(),
            case_sensitive: self.case_sensitive,
            ..SessionSettings::default()
        };
        match self.name.as_str() {
            "csv" => csv::format(&self.columns, &self.options, &settings),
            "json" => json::format(&self.columns, &self.options, &settings),
            "libsvm" => libsvm::format(&self.columns, &self.options),
            "text" => text::format(&self.columns, &self.options),
            other => Err(SparkError::internal(format!("{other} is no text format"))),
        }
    }
}
