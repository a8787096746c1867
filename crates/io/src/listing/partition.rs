//! Partition columns from directory names such as `year=2024/month=1` (Spark's `PartitioningUtils`).

use super::{FoundFile, Listing, show_path};
use crate::values::{number, temporal};
use datafusion::scalar::ScalarValue;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField, StructType};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Directory name that stands for null (and for the empty string).
/// How a directory spells a partition value; no value is `__HIVE_DEFAULT_PARTITION__`.
pub fn partition_value_name(value: Option<&str>) -> String {
    match value {
        None | Some("") => NULL_PARTITION.to_owned(),
        Some(value) => escape(value),
    }
}

pub const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The value of a partition column, null if none.
pub type Value = ScalarValue;

/// Finds partition columns between the base paths and the files' directories, types them, and
/// leaves out files that lie in no partition when others do.
///
/// # Errors
/// `CONFLICTING_PARTITION_COLUMN_NAMES`, `CONFLICTING_DIRECTORY_STRUCTURES`, or a value that is not
/// of the type that the user's schema gives its column.
pub fn discover(
    files: Vec<FoundFile>,
    bases: &[PathBuf],
    user_schema: Option<&StructType>,
    settings: &SessionSettings,
) -> Result<Listing> {
    let mut specs: BTreeMap<PathBuf, Option<Spec>> = BTreeMap::new();
    for file in &files {
        let directory = file.path.parent().unwrap_or(&file.path).to_path_buf();
        specs.entry(directory.clone()).or_insert_with(|| spec_of(&directory, bases));
    }
    let partitioned: Vec<(&PathBuf, &Spec)> =
        specs.iter().filter_map(|(path, spec)| spec.as_ref().map(|spec| (path, spec))).collect();
    let Some((_, first)) = partitioned.first() else {
        let partition_values = vec![Vec::new(); files.len()];
        return Ok(Listing { files, partition_values, ..Listing::default() });
    };
    check_structure(&partitioned)?;
    let names: Vec<String> = first.columns.iter().map(|(name, _)| name.clone()).collect();
    check_names(&names, &partitioned, settings)?;

    let mut fields = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        let given = user_schema.and_then(|schema| {
            schema.fields.iter().find(|field| settings.same_name(&field.name, name))
        });
        fields.push(match given {
            Some(field) => StructField { nullable: true, ..field.clone() },
            None => {
                let values =
                    partitioned.iter().map(|(_, spec)| spec.columns[position].1.as_deref());
                StructField::new(name, common_type(values), true)
            }
        });
    }

    let mut listing = Listing { partition_fields: fields, ..Listing::default() };
    for file in files {
        let directory = file.path.parent().unwrap_or(&file.path);
        if let Some(Some(spec)) = specs.get(directory) {
            let values = spec
                .columns
                .iter()
                .zip(&listing.partition_fields)
                .map(|((_, raw), field)| typed(raw.as_deref(), &field.data_type, settings))
                .collect::<Result<Vec<_>>>()?;
            listing.partition_values.push(values);
            listing.files.push(file);
        }
    }
    Ok(listing)
}

/// Undoes [`escape`]; `%` before anything but two hexadecimal digits stays.
pub fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while position < bytes.len() {
        let code = (bytes[position] == b'%')
            .then(|| text.get(position + 1..position + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if code < 0x80 => {
                out.push(code);
                position += 3;
            }
            _ => {
                out.push(bytes[position]);
                position += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A column name or value as Spark writes it into a directory name.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let special = c.is_ascii_control()
            || matches!(
                c,
                '"' | '#' | '%' | '\'' | '*' | '/' | ':' | '=' | '?' | '\\' | '{' | '[' | ']' | '^'
            );
        if special {
            out.push_str(&format!("%{:02X}", c as u32));
        } else {
            out.push(c);
        }
    }
    out
}

struct Spec {
    base: PathBuf,
    columns: Vec<(String, Option<String>)>,
}

fn spec_of(directory: &Path, bases: &[PathBuf]) -> Option<Spec> {
    let mut columns = Vec::new();
    let mut current = directory;
    loop {
        if bases.iter().any(|base| base == current) {
            break;
        }
        let name = current.file_name()?.to_string_lossy().into_owned();
        if name.eq_ignore_ascii_case("_temporary") {
            return None;
        }
        match name.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => {
                let value = unescape(value);
                columns.push((unescape(key), (value != NULL_PARTITION).then_some(value)));
            }
            _ if !columns.is_empty() => break,
            _ => {}
        }
        current = current.parent()?;
    }
    columns.reverse();
    (!columns.is_empty()).then(|| Spec { base: current.to_path_buf(), columns })
}

fn check_structure(partitioned: &[(&PathBuf, &Spec)]) -> Result<()> {
    let bases: BTreeSet<&PathBuf> = partitioned.iter().map(|(_, spec)| &spec.base).collect();
    if bases.len() <= 1 {
        return Ok(());
    }
    let shown: Vec<String> = bases.iter().map(|base| show_path(base)).collect();
    Err(SparkError::runtime(
        "CONFLICTING_DIRECTORY_STRUCTURES",
        format!(
            "Conflicting directory structures detected. Suspicious paths: {}. If provided paths are \
             partition directories, please set \"basePath\" in the options of the data source to \
             specify the root directory of the table. If there are multiple root directories, please \
             load them separately and then union them.",
            shown.join(", ")
        ),
    )
    .with("discoveredBasePaths", shown.join(", ")))
}

fn check_names(
    names: &[String],
    partitioned: &[(&PathBuf, &Spec)],
    settings: &SessionSettings,
) -> Result<()> {
    let odd = partitioned.iter().find(|(_, spec)| {
        spec.columns.len() != names.len()
            || spec
                .columns
                .iter()
                .zip(names)
                .any(|((name, _), first)| !settings.same_name(name, first))
    });
    let Some((path, spec)) = odd else { return Ok(()) };
    let list = |columns: Vec<&str>| columns.join(", ");
    Err(SparkError::runtime(
        "CONFLICTING_PARTITION_COLUMN_NAMES",
        format!(
            "Conflicting partition column names detected: [{}] and [{}] in {}.",
            list(names.iter().map(String::as_str).collect()),
            list(spec.columns.iter().map(|(name, _)| name.as_str()).collect()),
            show_path(path)
        ),
    ))
}

/// The narrowest type that holds every value of a column.
fn common_type<'a>(values: impl Iterator<Item = Option<&'a str>>) -> SparkType {
    let mut found = SparkType::Null;
    for value in values {
        let one = value.map_or(SparkType::Null, type_of);
        found = wider(found, one);
    }
    if found == SparkType::Null { SparkType::string() } else { found }
}

fn type_of(text: &str) -> SparkType {
    if number::parse_int::<i32>(text).is_some() {
        return SparkType::Integer;
    }
    if number::parse_int::<i64>(text).is_some() {
        return SparkType::Long;
    }
    if let Some(precision) = number::whole_digits(text) {
        return SparkType::Decimal { precision, scale: 0 };
    }
    // A number with a suffix (`1d`, `2f`) is a Java double but stays text in a directory name.
    if !text.ends_with(['d', 'D', 'f', 'F']) && number::parse_f64(text).is_some() {
        return SparkType::Double;
    }
    if temporal::strict_timestamp(text).is_some() {
        return SparkType::Timestamp;
    }
    if temporal::strict_date(text).is_some() {
        return SparkType::Date;
    }
    SparkType::string()
}

fn wider(left: SparkType, right: SparkType) -> SparkType {
    use SparkType::{Date, Double, Integer, Long, Null, Timestamp};
    match (left, right) {
        (left, right) if left == right => left,
        (Null, other) | (other, Null) => other,
        (Integer, Long) | (Long, Integer) => Long,
        (Integer, Double) | (Double, Integer) => Double,
        (Integer | Long, SparkType::Decimal { precision, .. })
        | (SparkType::Decimal { precision, .. }, Integer | Long) => {
            SparkType::Decimal { precision: precision.max(20), scale: 0 }
        }
        (SparkType::Decimal { precision: a, .. }, SparkType::Decimal { precision: b, .. }) => {
            SparkType::Decimal { precision: a.max(b), scale: 0 }
        }
        (Date, Timestamp) | (Timestamp, Date) => Timestamp,
        // Double with long or decimal would lose digits.
        _ => SparkType::string(),
    }
}

fn typed(raw: Option<&str>, data_type: &SparkType, settings: &SessionSettings) -> Result<Value> {
    let null = || {
        ScalarValue::try_from(&data_type.to_arrow())
            .map_err(|error| SparkError::internal(error.to_string()))
    };
    let Some(text) = raw else { return null() };
    let value = match data_type {
        SparkType::Boolean => number::parse_bool(text).map(|v| ScalarValue::Boolean(Some(v))),
        SparkType::Byte => number::parse_int(text).map(|v| ScalarValue::Int8(Some(v))),
        SparkType::Short => number::parse_int(text).map(|v| ScalarValue::Int16(Some(v))),
        SparkType::Integer => number::parse_int(text).map(|v| ScalarValue::Int32(Some(v))),
        SparkType::Long => number::parse_int(text).map(|v| ScalarValue::Int64(Some(v))),
        SparkType::Float => number::parse_f64(text).map(|v| ScalarValue::Float32(Some(v as f32))),
        SparkType::Double => number::parse_f64(text).map(|v| ScalarValue::Float64(Some(v))),
        SparkType::Decimal { precision, scale } => number::parse_decimal(text, *precision, *scale)
            .map(|v| ScalarValue::Decimal128(Some(v), *precision, *scale)),
        SparkType::Date => temporal::parse_date(text).map(|v| ScalarValue::Date32(Some(v))),
        SparkType::Timestamp => {
            temporal::parse_timestamp(text, &temporal::zone(&settings.time_zone)?)
                .map(|v| ScalarValue::TimestampMicrosecond(Some(v), Some("UTC".into())))
        }
        SparkType::TimestampNtz => temporal::parse_timestamp_ntz(text)
            .map(|v| ScalarValue::TimestampMicrosecond(Some(v), None)),
        SparkType::Binary => Some(ScalarValue::Binary(Some(text.as_bytes().to_vec()))),
        _ => Some(ScalarValue::Utf8(Some(text.to_owned()))),
    };
    value.ok_or_else(|| {
        SparkError::runtime(
            "INVALID_PARTITION_VALUE",
            format!(
                "Failed to cast value '{text}' to data type \"{}\" for a partition column. Ensure the \
                 value matches the expected data type for this partition column.",
                data_type.sql()
            ),
        )
        .with("value", text)
        .with("dataType", data_type.sql())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Types as `spark.read.parquet` of Spark 4.2.0 gives them for such directories.
    #[test]
    fn types_of_values() {
        let check = |values: &[&str], expected: &str| {
            let found = common_type(values.iter().map(|value| Some(*value)));
            assert_eq!(found.simple_string(), expected, "{values:?}");
        };
        check(&["1", "2"], "int");
        check(&["1", "3000000000"], "bigint");
        check(&["1", "1.5"], "double");
        check(&["3000000000", "1.5"], "string");
        check(&["2024-01-01", "2024-02-29"], "date");
        check(&["2024-01-01 10:00:00"], "timestamp");
        check(&["a", "1"], "string");
        check(&["true"], "string");
        check(&["12345678901234567890"], "decimal(20,0)");
    }

    #[test]
    fn escapes() {
        let raw = "a b/c:d=e%f\n";
        assert_eq!(escape(raw), "a b%2Fc%3Ad%3De%25f%0A");
        assert_eq!(unescape(&escape(raw)), raw);
        assert_eq!(unescape("100%"), "100%");
    }
}
