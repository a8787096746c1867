//! Schema of rows that are in a column of strings.

use firesteel_common::{Result, SessionSettings, SparkError, StructType};
use firesteel_io as io;

/// # Errors
/// For formats that do not come as strings.
pub fn infer_schema(
    format: &str,
    options: &io::Options,
    lines: &[String],
    settings: &SessionSettings,
) -> Result<StructType> {
    let lines = lines.iter().map(String::as_str);
    match format {
        "csv" => io::infer_csv_schema(lines, options, settings).map(|(schema, _)| schema),
        "json" => io::infer_json_schema(lines, options, settings),
        other => Err(SparkError::unsupported(format!("rows in strings of format {other}"))),
    }
}
