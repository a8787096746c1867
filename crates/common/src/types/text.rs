//! Types as text: `simpleString` (`array<int>`), SQL (`ARRAY<INT>`) and the tree of `printSchema`.

use super::{SparkType, StructType};
use std::fmt::Write;

const YEAR_MONTH_FIELDS: [&str; 2] = ["year", "month"];
const DAY_TIME_FIELDS: [&str; 4] = ["day", "hour", "minute", "second"];

impl SparkType {
    /// Spark's `DataType.simpleString`: what `df.dtypes` shows.
    pub fn simple_string(&self) -> String {
        match self {
            SparkType::Array { element, .. } => format!("array<{}>", element.simple_string()),
            SparkType::Map { key, value, .. } => {
                format!("map<{},{}>", key.simple_string(), value.simple_string())
            }
            SparkType::Struct(fields) => {
                let fields: Vec<_> = fields
                    .fields
                    .iter()
                    .map(|field| format!("{}:{}", field.name, field.data_type.simple_string()))
                    .collect();
                format!("struct<{}>", fields.join(","))
            }
            SparkType::Udt(udt) => udt.sql_type.simple_string(),
            SparkType::String { collation: Some(name) } => format!("string collate {name}"),
            other => other.type_name().to_lowercase(),
        }
    }

    /// Spark's `DataType.sql`: the form that error messages quote and column names contain.
    pub fn sql(&self) -> String {
        match self {
            SparkType::Array { element, .. } => format!("ARRAY<{}>", element.sql()),
            SparkType::Map { key, value, .. } => format!("MAP<{}, {}>", key.sql(), value.sql()),
            SparkType::Struct(fields) => {
                let fields: Vec<_> = fields
                    .fields
                    .iter()
                    .map(|field| {
                        let not_null = if field.nullable { "" } else { " NOT NULL" };
                        format!(
                            "{}: {}{not_null}",
                            quote_if_needed(&field.name),
                            field.data_type.sql()
                        )
                    })
                    .collect();
                format!("STRUCT<{}>", fields.join(", "))
            }
            SparkType::Udt(udt) => udt.sql_type.sql(),
            SparkType::String { collation: Some(name) } => format!("STRING COLLATE {name}"),
            other => other.type_name(),
        }
    }

    /// Upper-case name of a type that holds no other type.
    fn type_name(&self) -> String {
        match self {
            SparkType::Null => "VOID".into(),
            SparkType::Boolean => "BOOLEAN".into(),
            SparkType::Byte => "TINYINT".into(),
            SparkType::Short => "SMALLINT".into(),
            SparkType::Integer => "INT".into(),
            SparkType::Long => "BIGINT".into(),
            SparkType::Float => "FLOAT".into(),
            SparkType::Double => "DOUBLE".into(),
            SparkType::Decimal { precision, scale } => format!("DECIMAL({precision},{scale})"),
            SparkType::String { .. } => "STRING".into(),
            SparkType::Char { length } => format!("CHAR({length})"),
            SparkType::Varchar { length } => format!("VARCHAR({length})"),
            SparkType::Binary => "BINARY".into(),
            SparkType::Date => "DATE".into(),
            SparkType::Timestamp => "TIMESTAMP".into(),
            SparkType::TimestampNtz => "TIMESTAMP_NTZ".into(),
            SparkType::Time { precision } => format!("TIME({precision})"),
            SparkType::CalendarInterval => "INTERVAL".into(),
            SparkType::YearMonthInterval { start, end } => {
                interval_name(&YEAR_MONTH_FIELDS, *start, *end)
            }
            SparkType::DayTimeInterval { start, end } => {
                interval_name(&DAY_TIME_FIELDS, *start, *end)
            }
            SparkType::Variant => "VARIANT".into(),
            SparkType::Array { .. }
            | SparkType::Map { .. }
            | SparkType::Struct(_)
            | SparkType::Udt(_) => self.sql(),
        }
    }

    /// Spark's `DataType.typeName`: what `printSchema` and the JSON form show.
    pub(super) fn tree_name(&self) -> String {
        match self {
            SparkType::Byte => "byte".into(),
            SparkType::Short => "short".into(),
            SparkType::Integer => "integer".into(),
            SparkType::Long => "long".into(),
            SparkType::Array { .. } => "array".into(),
            SparkType::Map { .. } => "map".into(),
            SparkType::Struct(_) => "struct".into(),
            SparkType::Udt(_) => "udt".into(),
            other => other.simple_string(),
        }
    }
}

impl StructType {
    /// What `printSchema(level)` prints; `level` none or below 1 shows every level.
    pub fn tree_string(&self, level: Option<i32>) -> String {
        let depth_max = level.filter(|level| *level > 0).unwrap_or(i32::MAX);
        let mut out = String::from("root\n");
        write_fields(self, " |", depth_max, &mut out);
        out
    }

    /// Spark's `StructType.toDDL`: `` `a` INT NOT NULL,b STRING ``.
    pub fn to_ddl(&self) -> String {
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|field| {
                let not_null = if field.nullable { "" } else { " NOT NULL" };
                let comment = field
                    .metadata
                    .get("comment")
                    .and_then(|comment| comment.as_str())
                    .map(|comment| format!(" COMMENT '{}'", comment.replace('\'', "\\'")))
                    .unwrap_or_default();
                let name = quote_if_needed(&field.name);
                format!("{name} {}{not_null}{comment}", field.data_type.sql())
            })
            .collect();
        fields.join(",")
    }
}

fn interval_name(fields: &[&str], start: u8, end: u8) -> String {
    let name = |field: u8| fields.get(usize::from(field)).copied().unwrap_or("?").to_uppercase();
    if start == end {
        format!("INTERVAL {}", name(start))
    } else {
        format!("INTERVAL {} TO {}", name(start), name(end))
    }
}

/// Back-quotes a name that is not a plain identifier.
pub fn quote_if_needed(name: &str) -> String {
    let plain = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.chars().all(|c| c.is_ascii_digit());
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

fn write_fields(fields: &StructType, prefix: &str, depth: i32, out: &mut String) {
    for field in &fields.fields {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{prefix}-- {}: {} (nullable = {})",
            field.name,
            field.data_type.tree_name(),
            field.nullable
        );
        write_children(&field.data_type, &format!("{prefix}    |"), depth - 1, out);
    }
}

fn write_children(data_type: &SparkType, prefix: &str, depth: i32, out: &mut String) {
    if depth <= 0 {
        return;
    }
    match data_type {
        SparkType::Array { element, contains_null } => {
            let name = element.tree_name();
            let _ = writeln!(out, "{prefix}-- element: {name} (containsNull = {contains_null})");
            write_children(element, &format!("{prefix}    |"), depth - 1, out);
        }
        SparkType::Map { key, value, value_contains_null } => {
            let _ = writeln!(out, "{prefix}-- key: {}", key.tree_name());
            write_children(key, &format!("{prefix}    |"), depth - 1, out);
            let name = value.tree_name();
            let _ = writeln!(
                out,
                "{prefix}-- value: {name} (valueContainsNull = {value_contains_null})"
            );
            write_children(value, &format!("{prefix}    |"), depth - 1, out);
        }
        SparkType::Struct(fields) => write_fields(fields, prefix, depth, out),
        SparkType::Udt(udt) => write_children(&udt.sql_type, prefix, depth, out),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::StructField;
    use super::*;

    #[test]
    fn tree_of_nested_types() {
        let inner = StructType::new(vec![StructField::new("x", SparkType::Long, false)]);
        let schema = StructType::new(vec![
            StructField::new("a", SparkType::array(SparkType::Struct(inner)), true),
            StructField::new("m", SparkType::map(SparkType::string(), SparkType::Integer), true),
        ]);
        assert_eq!(
            schema.tree_string(None),
            "root\n |-- a: array (nullable = true)\n |    |-- element: struct (containsNull = true)\n \
             |    |    |-- x: long (nullable = false)\n |-- m: map (nullable = true)\n \
             |    |-- key: string\n |    |-- value: integer (valueContainsNull = true)\n"
        );
        assert_eq!(schema.to_ddl(), "a ARRAY<STRUCT<x: BIGINT NOT NULL>>,m MAP<STRING, INT>");
    }
}
