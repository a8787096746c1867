//! What a caller asks of this crate, in words that need no plan.

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, StructType};
use serde::{Deserialize, Serialize};

/// `spark.read.format(…).schema(…).options(…).load(paths)`.
#[derive(Debug, Clone, Default)]
pub struct ReadRequest {
    /// None: parquet.
    pub format: Option<String>,
    /// The user's schema; none: inferred.
    pub schema: Option<StructType>,
    pub options: Options,
    pub paths: Vec<String>,
}

/// `df.write.format(…).mode(…).partitionBy(…).save(path)`.
#[derive(Debug, Clone)]
pub struct WriteRequest {
    /// None: parquet.
    pub format: Option<String>,
    pub path: String,
    pub mode: SaveMode,
    pub options: Options,
    pub partition_by: Vec<String>,
    /// Overwrite only the partitions that get rows (`spark.sql.sources.partitionOverwriteMode`).
    pub dynamic_overwrite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveMode {
    #[default]
    ErrorIfExists,
    Append,
    Overwrite,
    Ignore,
}

/// Options of a reader or writer. Keys are compared without case; the last of equal keys wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options(Vec<(String, String)>);

impl Options {
    pub fn new(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(entries.into_iter().collect())
    }

    /// Adds or replaces.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.remove(key);
        self.0.push((key.to_owned(), value.into()));
    }

    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_str())
    }

    /// The value of the first key that is set.
    pub fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// # Errors
    /// When the value is neither `true` nor `false`.
    pub fn flag(&self, key: &str, default: bool) -> Result<bool> {
        match self.get(key) {
            None => Ok(default),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => Err(invalid(key, text, "true or false")),
        }
    }

    /// # Errors
    /// When the value is not a number of this type.
    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Result<Option<T>> {
        match self.get(key) {
            None => Ok(None),
            Some(text) => match text.trim().parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(invalid(key, text, "a number")),
            },
        }
    }
}

/// An option whose value is never allowed.
pub(crate) fn invalid(key: &str, value: &str, expected: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "",
        format!("Option `{key}` must be {expected}, got \"{value}\"."),
    )
}
