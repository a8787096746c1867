//! Reads small files and compares with what Spark 4.2.0 answered for them.
//!
//! `golden/csv.json` and `golden/json.json` hold the inputs (content, options, DDL of the schema,
//! selected columns) and Spark's answers (columns and, per row, `CAST(column AS STRING)`, or
//! `to_json(column)` for nested types). They were recorded with session time zone UTC.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::{SessionContext, col};
use firesteel_common::types::type_from_json;
use firesteel_common::{SessionSettings, SparkType};
use firesteel_io::{Options, ReadRequest, open};
use serde_json::Value;

#[tokio::test]
async fn csv() {
    check_all("csv").await;
}

#[tokio::test]
async fn json() {
    check_all("json").await;
}

async fn check_all(format: &str) {
    let path = format!("{}/tests/golden/{format}.json", env!("CARGO_MANIFEST_DIR"));
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("golden file")).expect("JSON");
    let mut wrong = Vec::new();
    for case in golden["cases"].as_array().expect("cases") {
        let found = answer(format, case).await;
        let expected = match &case["rows"] {
            Value::Null => "error".to_owned(),
            rows => format!("{} {rows}", case["found"]),
        };
        let found = match (&case["rows"], found) {
            (Value::Null, Err(_)) => "error".to_owned(),
            (_, Ok(found)) => found,
            (_, Err(error)) => error,
        };
        if found != expected {
            wrong.push(format!("{}\n  {expected}\n  {found}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers\n{}", wrong.len(), wrong.join("\n"));
}

async fn answer(format: &str, case: &Value) -> Result<String, String> {
    let directory = tempfile(case["content"].as_str().unwrap_or_default(), case);
    let options = case["options"].as_object().expect("options");
    let schema = match case["schema"].as_str() {
        None => None,
        Some(json) => match type_from_json(json).map_err(|error| error.to_string())? {
            SparkType::Struct(schema) => Some(schema),
            other => return Err(format!("no struct: {other:?}")),
        },
    };
    let request = ReadRequest {
        format: Some(format.to_owned()),
        schema,
        options: Options::new(
            options
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())),
        ),
        paths: vec![directory.display().to_string()],
    };
    let settings = SessionSettings { slots: 2, ..SessionSettings::default() };
    let context = SessionContext::new();
    let result = read(&request, &settings, &context, case).await;
    let _ = std::fs::remove_dir_all(directory.parent().expect("own directory"));
    result.map_err(|error| error.to_string())
}

async fn read(
    request: &ReadRequest,
    settings: &SessionSettings,
    context: &SessionContext,
    case: &Value,
) -> firesteel_common::Result<String> {
    let table = open(request, settings, &context.state()).await?;
    let columns: Vec<Value> = table
        .schema
        .fields
        .iter()
        .map(|field| vec![field.name.clone(), field.data_type.simple_string()].into())
        .collect();
    let mut frame = context.read_table(table.provider)?;
    if let Some(select) = case["select"].as_array() {
        let names = select.iter().filter_map(Value::as_str);
        frame = frame.select(names.map(|name| col(format!("\"{name}\""))).collect::<Vec<_>>())?;
    }
    let mut rows = Vec::new();
    for batch in frame.collect().await? {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| cell(column, row));
            rows.push(Value::Array(cells.collect()));
        }
    }
    Ok(format!("{} {}", Value::Array(columns), Value::Array(rows)))
}

fn tempfile(content: &str, case: &Value) -> std::path::PathBuf {
    let directory = std::env::temp_dir().join(format!("firesteel-io-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&directory).expect("scratch directory");
    let path = directory.join("f.txt");
    let bytes: Vec<u8> = match case["latin1"].as_bool() {
        Some(true) => content.chars().map(|c| c as u8).collect(),
        _ => content.as_bytes().to_vec(),
    };
    std::fs::write(&path, bytes).expect("scratch file");
    path
}

/// As Spark casts to string.
fn cell(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => {
            nested(column, row).to_string().into()
        }
        _ => scalar(column, row).into(),
    }
}

fn scalar(column: &ArrayRef, row: usize) -> String {
    let double = |value: f64| {
        if value.is_infinite() {
            return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
        }
        format!("{value:?}")
    };
    match column.data_type() {
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Float32 => double(f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Binary => {
            String::from_utf8_lossy(column.as_binary::<i32>().value(row)).into_owned()
        }
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            let text = chrono::DateTime::from_timestamp_micros(micros).expect("in range");
            text.naive_utc().format("%Y-%m-%d %H:%M:%S%.f").to_string()
        }
        _ => {
            let formatter =
                ArrayFormatter::try_new(column, &FormatOptions::default()).expect("type");
            formatter.value(row).to_string()
        }
    }
}

fn nested(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::List(_) => {
            let values = column.as_list::<i32>().value(row);
            (0..values.len()).map(|element| nested(&values, element)).collect()
        }
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            let members =
                fields.iter().zip(columns).map(|(f, c)| (f.name().clone(), nested(c, row)));
            Value::Object(members.filter(|(_, value)| !value.is_null()).collect())
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let members = (0..keys.len()).map(|entry| (scalar(keys, entry), nested(values, entry)));
            Value::Object(members.collect())
        }
        DataType::Utf8 => scalar(column, row).into(),
        _ => serde_json::from_str(&scalar(column, row))
            .unwrap_or_else(|_| scalar(column, row).into()),
    }
}
