//! The JSON form of types (`DataType.json`, `DataType.fromJson`), as Parquet files and PySpark keep it.

use super::{SparkType, StructField, StructType, UserDefinedType};
use crate::error::{Result, SparkError};
use serde_json::{Map, Value, json};

impl SparkType {
    /// Spark's `DataType.jsonValue`.
    pub fn to_json(&self) -> Value {
        match self {
            SparkType::Array { element, contains_null } => json!({
                "type": "array", "elementType": element.to_json(), "containsNull": contains_null,
            }),
            SparkType::Map { key, value, value_contains_null } => json!({
                "type": "map", "keyType": key.to_json(), "valueType": value.to_json(),
                "valueContainsNull": value_contains_null,
            }),
            SparkType::Struct(fields) => fields.to_json(),
            SparkType::Udt(udt) => {
                let mut out = Map::new();
                out.insert("type".into(), "udt".into());
                let entries = [
                    ("class", &udt.jvm_class),
                    ("pyClass", &udt.python_class),
                    ("serializedClass", &udt.serialized_python_class),
                ];
                for (key, value) in entries {
                    if let Some(value) = value {
                        out.insert(key.into(), value.clone().into());
                    }
                }
                out.insert("sqlType".into(), udt.sql_type.to_json());
                Value::Object(out)
            }
            // A collation is metadata of the field in Spark's JSON; the bare type is a string.
            SparkType::String { .. } => "string".into(),
            other => other.tree_name().into(),
        }
    }
}

/// Key in a field's metadata, in JSON only: which strings of the field have which collation.
const COLLATIONS_KEY: &str = "__COLLATIONS";

/// The collations of a field by path: `a`, `a.element`, `m.value`. Fields of structs have their own.
fn collect_collations(data_type: &SparkType, path: &str, found: &mut Map<String, Value>) {
    match data_type {
        SparkType::String { collation: Some(name) } => {
            let provider = if name.starts_with("UTF8_") { "spark" } else { "icu" };
            found.insert(path.to_owned(), format!("{provider}.{name}").into());
        }
        SparkType::Array { element, .. } => {
            collect_collations(element, &format!("{path}.element"), found);
        }
        SparkType::Map { key, value, .. } => {
            collect_collations(key, &format!("{path}.key"), found);
            collect_collations(value, &format!("{path}.value"), found);
        }
        _ => {}
    }
}

/// Gives the strings of a field the collations that its metadata names.
fn set_collations(data_type: &mut SparkType, path: &str, collations: &Map<String, Value>) {
    match data_type {
        SparkType::String { collation } => {
            let name = collations.get(path).and_then(Value::as_str);
            let name = name.map(|name| name.split_once('.').map_or(name, |(_, name)| name));
            *collation = name.filter(|name| *name != "UTF8_BINARY").map(str::to_owned);
        }
        SparkType::Array { element, .. } => {
            set_collations(element, &format!("{path}.element"), collations);
        }
        SparkType::Map { key, value, .. } => {
            set_collations(key, &format!("{path}.key"), collations);
            set_collations(value, &format!("{path}.value"), collations);
        }
        _ => {}
    }
}

impl StructType {
    /// Spark's `StructType.jsonValue`.
    pub fn to_json(&self) -> Value {
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|field| {
                let mut metadata = field.metadata.clone();
                let mut collations = Map::new();
                collect_collations(&field.data_type, &field.name, &mut collations);
                if !collations.is_empty() {
                    metadata.insert(COLLATIONS_KEY.to_owned(), Value::Object(collations));
                }
                json!({
                    "name": field.name, "type": field.data_type.to_json(),
                    "nullable": field.nullable, "metadata": metadata,
                })
            })
            .collect();
        json!({"type": "struct", "fields": fields})
    }
}

/// Parses `DataType.json`.
///
/// # Errors
/// `INVALID_JSON_DATA_TYPE` when the text is not JSON or not a type.
pub fn type_from_json(text: &str) -> Result<SparkType> {
    let value: Value = serde_json::from_str(text).map_err(|_| invalid(text))?;
    parse(&value)
}

fn invalid(value: &str) -> SparkError {
    SparkError::new(
        crate::error::ErrorKind::IllegalArgument,
        "INVALID_JSON_DATA_TYPE",
        format!(
            "Failed to convert the JSON string '{value}' to a data type. Enter a valid data type."
        ),
    )
    .with("invalidType", value)
}

fn parse(value: &Value) -> Result<SparkType> {
    match value {
        Value::String(name) => parse_name(name),
        Value::Object(object) => match object.get("type").and_then(Value::as_str) {
            Some("array") => Ok(SparkType::Array {
                element: Box::new(parse(member(object, "elementType")?)?),
                contains_null: flag(object, "containsNull"),
            }),
            Some("map") => Ok(SparkType::Map {
                key: Box::new(parse(member(object, "keyType")?)?),
                value: Box::new(parse(member(object, "valueType")?)?),
                value_contains_null: flag(object, "valueContainsNull"),
            }),
            Some("struct") => parse_struct(object).map(SparkType::Struct),
            Some("udt") => {
                let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
                Ok(SparkType::Udt(Box::new(UserDefinedType {
                    jvm_class: text("class"),
                    python_class: text("pyClass"),
                    serialized_python_class: text("serializedClass"),
                    sql_type: parse(member(object, "sqlType")?)?,
                })))
            }
            _ => Err(invalid(&value.to_string())),
        },
        _ => Err(invalid(&value.to_string())),
    }
}

fn parse_struct(object: &Map<String, Value>) -> Result<StructType> {
    let fields = member(object, "fields")?.as_array().ok_or_else(|| invalid("fields"))?;
    let fields = fields.iter().map(|field| {
        let field = field.as_object().ok_or_else(|| invalid(&field.to_string()))?;
        let name = member(field, "name")?.as_str().ok_or_else(|| invalid("name"))?;
        let mut metadata = match field.get("metadata") {
            Some(Value::Object(metadata)) => metadata.clone(),
            _ => Map::new(),
        };
        let mut data_type = parse(member(field, "type")?)?;
        if let Some(Value::Object(collations)) = metadata.remove(COLLATIONS_KEY) {
            set_collations(&mut data_type, name, &collations);
        }
        Ok(StructField {
            name: name.to_owned(),
            data_type,
            nullable: field.get("nullable").and_then(Value::as_bool).unwrap_or(true),
            metadata,
        })
    });
    Ok(StructType { fields: fields.collect::<Result<_>>()? })
}

fn member<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a Value> {
    object.get(key).ok_or_else(|| invalid(&Value::Object(object.clone()).to_string()))
}

fn flag(object: &Map<String, Value>, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(true)
}

fn parse_name(name: &str) -> Result<SparkType> {
    let simple = match name {
        "void" | "null" => SparkType::Null,
        "boolean" => SparkType::Boolean,
        "byte" | "tinyint" => SparkType::Byte,
        "short" | "smallint" => SparkType::Short,
        "integer" | "int" => SparkType::Integer,
        "long" | "bigint" => SparkType::Long,
        "float" => SparkType::Float,
        "double" => SparkType::Double,
        "decimal" => SparkType::Decimal { precision: 10, scale: 0 },
        "string" => SparkType::string(),
        "binary" => SparkType::Binary,
        "date" => SparkType::Date,
        "timestamp" | "timestamp_ltz" => SparkType::Timestamp,
        "timestamp_ntz" => SparkType::TimestampNtz,
        "interval" | "calendarinterval" => SparkType::CalendarInterval,
        "variant" => SparkType::Variant,
        "time" => SparkType::Time { precision: 6 },
        _ => return parse_with_arguments(name),
    };
    Ok(simple)
}

fn parse_with_arguments(name: &str) -> Result<SparkType> {
    if let Some(fields) = name.strip_prefix("interval ") {
        return parse_interval(fields).ok_or_else(|| invalid(name));
    }
    let (head, arguments) = name
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .ok_or_else(|| invalid(name))?;
    let arguments = arguments
        .split(',')
        .map(|argument| argument.trim().parse::<i32>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid(name))?;
    match (head.trim(), arguments.as_slice()) {
        ("decimal", [precision @ 0..=38]) => {
            Ok(SparkType::Decimal { precision: *precision as u8, scale: 0 })
        }
        ("decimal", [precision @ 0..=38, scale @ -38..=38]) => {
            Ok(SparkType::Decimal { precision: *precision as u8, scale: *scale as i8 })
        }
        ("char", [length @ 1..=i32::MAX]) => Ok(SparkType::Char { length: *length as u32 }),
        ("varchar", [length @ 1..=i32::MAX]) => Ok(SparkType::Varchar { length: *length as u32 }),
        ("time", [precision @ 0..=6]) => Ok(SparkType::Time { precision: *precision as u8 }),
        _ => Err(invalid(name)),
    }
}

fn parse_interval(fields: &str) -> Option<SparkType> {
    let (start, end) = fields.split_once(" to ").unwrap_or((fields, fields));
    let position = |names: &[&str], name: &str| {
        names.iter().position(|known| *known == name.trim()).map(|found| found as u8)
    };
    let year_month = ["year", "month"];
    if let (Some(start), Some(end)) = (position(&year_month, start), position(&year_month, end)) {
        return Some(SparkType::YearMonthInterval { start, end });
    }
    let day_time = ["day", "hour", "minute", "second"];
    let (start, end) = (position(&day_time, start)?, position(&day_time, end)?);
    Some(SparkType::DayTimeInterval { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collations_are_metadata() {
        let collated = SparkType::String { collation: Some("UTF8_LCASE".to_owned()) };
        let map = SparkType::map(SparkType::string(), SparkType::array(collated.clone()));
        let schema = StructType::new(vec![
            StructField::new("a", collated, true),
            StructField::new("m", map, true),
        ]);
        let json = schema.to_json().to_string();
        assert!(json.contains(r#""m.value.element":"spark.UTF8_LCASE""#), "{json}");
        assert_eq!(type_from_json(&json).ok(), Some(SparkType::Struct(schema)));
    }

    #[test]
    fn round_trip() {
        let text = r#"{"type":"struct","fields":[
            {"name":"a","type":"decimal(10,2)","nullable":false,"metadata":{"comment":"c"}},
            {"name":"b","type":{"type":"map","keyType":"string","valueType":
                {"type":"array","elementType":"interval day to second","containsNull":false},
                "valueContainsNull":true},"nullable":true,"metadata":{}}]}"#;
        let parsed = type_from_json(text).expect("valid type");
        let again = type_from_json(&parsed.to_json().to_string()).expect("own output");
        assert_eq!(parsed, again);
        assert!(type_from_json("\"decimal(99,2)\"").is_err());
    }
}
