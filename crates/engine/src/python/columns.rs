//! Columns as they are exchanged with Python: Spark's Arrow types, which are ours but for time zones and
//! the width of texts.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StructArray,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit,
};
use datafusion::common::Result;
use firesteel_common::error::ErrorKind;
use firesteel_common::python::PythonSettings;
use firesteel_common::{SparkError, SparkType};
use std::sync::Arc;

/// Fields as Python sees them: timestamps in the session's zone, our tags removed.
pub fn to_python(fields: &[FieldRef], settings: &PythonSettings) -> Fields {
    fields.iter().map(|field| python_field(field, settings)).collect()
}

/// `fields` under the names `_0`, `_1`, ….
pub fn by_position(fields: &Fields) -> Fields {
    let fields = fields.iter().enumerate();
    let fields = fields.map(|(place, field)| Field::clone(field).with_name(format!("_{place}")));
    fields.collect::<Vec<_>>().into()
}

fn python_field(field: &Field, settings: &PythonSettings) -> FieldRef {
    let data_type = python_type(field.data_type(), settings);
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}

fn python_type(data_type: &DataType, settings: &PythonSettings) -> DataType {
    let field = |field: &FieldRef| python_field(field, settings);
    match data_type {
        DataType::Timestamp(_, Some(_)) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some(settings.time_zone.as_str().into()))
        }
        DataType::Utf8 | DataType::Utf8View if settings.large_types => DataType::LargeUtf8,
        DataType::Binary | DataType::BinaryView if settings.large_types => DataType::LargeBinary,
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(element) => DataType::List(field(element)),
        DataType::Map(entries, sorted) => DataType::Map(field(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(field).collect()),
        DataType::Dictionary(_, values) => python_type(values, settings),
        other => other.clone(),
    }
}

/// `column` as `target`, which stands for the same Spark type. Costs nothing where they are one.
///
/// # Errors
/// When a value does not fit.
pub fn retyped(column: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if column.data_type() == target {
        return Ok(Arc::clone(column));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Ok(cast_with_options(column, target, &options)?)
}

/// The columns of a batch as the one struct column that `mapInArrow` and its kin get.
///
/// # Errors
/// As [`retyped`].
pub fn as_struct(batch: &RecordBatch, fields: &Fields) -> Result<ArrayRef> {
    let columns = batch.columns().iter().zip(fields);
    let columns = columns.map(|(column, field)| retyped(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    if columns.is_empty() {
        return Ok(Arc::new(StructArray::new_empty_fields(batch.num_rows(), None)));
    }
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
}

/// A batch of these columns, which may be none.
///
/// # Errors
/// When a column that may hold no nulls holds one.
pub fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>, n_rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

/// The batch of declared columns in what a worker sent as one struct column. As in Spark, columns are taken
/// by position and must have the declared types; what is beyond is dropped.
///
/// # Errors
/// `UNSUPPORTED_CALL.WITHOUT_SUGGESTION` for a column of another type.
pub fn from_struct(answer: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let rows = answer.columns().first().and_then(|column| column.as_struct_opt());
    let rows =
        rows.ok_or_else(|| SparkError::internal("a worker sent rows that are no structs"))?;
    let n_columns = schema.fields().len();
    if rows.num_columns() < n_columns {
        let n = rows.num_columns();
        let text = format!(
            "Job aborted due to stage failure: java.lang.ArrayIndexOutOfBoundsException: Index {n} out of \
             bounds for length {n}: a Python function returned {n} columns where {n_columns} are declared."
        );
        return Err(SparkError::new(ErrorKind::Execution, "", text).into());
    }
    let columns = rows.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| declared(column, field));
    batch(schema, columns.collect::<Result<_>>()?, rows.len())
}

/// A result as the declared type.
fn declared(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    if column.data_type() == field.data_type() {
        return Ok(Arc::clone(column));
    }
    if !alike(column.data_type(), field.data_type()) {
        return Err(wrong_type(field).into());
    }
    retyped(column, field.data_type())
}

/// Whether both stand for one Spark type, nullability and names of fields aside.
fn alike(left: &DataType, right: &DataType) -> bool {
    match (left, right) {
        (DataType::Struct(left), DataType::Struct(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(l, r)| alike(l.data_type(), r.data_type()))
        }
        (
            DataType::List(left) | DataType::LargeList(left) | DataType::FixedSizeList(left, _),
            DataType::List(right),
        )
        | (DataType::Map(left, _), DataType::Map(right, _)) => {
            alike(left.data_type(), right.data_type())
        }
        (DataType::Null, _) => true,
        _ => match (SparkType::from_arrow(left), SparkType::from_arrow(right)) {
            (Ok(left), Ok(right)) => left == right,
            _ => false,
        },
    }
}

fn wrong_type(field: &Field) -> SparkError {
    let method = match field.data_type() {
        DataType::Boolean => "getBoolean",
        DataType::Int8 => "getByte",
        DataType::Int16 => "getShort",
        DataType::Int32 | DataType::Date32 | DataType::Interval(_) => "getInt",
        DataType::Int64 | DataType::Timestamp(..) | DataType::Duration(_) | DataType::Time64(_) => {
            "getLong"
        }
        DataType::Float32 => "getFloat",
        DataType::Float64 => "getDouble",
        DataType::Decimal128(..) => "getDecimal",
        DataType::Binary => "getBinary",
        DataType::List(_) => "getArray",
        DataType::Map(..) => "getMap",
        DataType::Struct(_) => "getStruct",
        _ => "getUTF8String",
    };
    let class = "org.apache.spark.sql.vectorized.ArrowColumnVector$ArrowVectorAccessor";
    SparkError::new(
        ErrorKind::Unsupported,
        "UNSUPPORTED_CALL.WITHOUT_SUGGESTION",
        format!("Cannot call the method \"{method}\" of the class \"{class}\"."),
    )
    .with("methodName", method)
    .with("className", class)
}

/// Results of scalar functions: what Python sent for columns of these fields.
///
/// # Errors
/// When a value does not fit the declared type.
pub fn results(answer: &RecordBatch, fields: &[FieldRef]) -> Result<Vec<ArrayRef>> {
    if answer.num_columns() != fields.len() {
        return Err(SparkError::internal("a worker sent another number of columns").into());
    }
    let columns = answer.columns().iter().zip(fields);
    columns.map(|(column, field)| retyped(column, field.data_type())).collect()
}

/// The schema of one struct column of `fields`.
pub fn struct_schema(fields: Fields) -> Schema {
    Schema::new(vec![Field::new("struct", DataType::Struct(fields), false)])
}

/// `batch` in pieces of at most `rows_max` rows; 0: no limit. Whole where it is small enough.
pub fn pieces(batch: RecordBatch, rows_max: usize) -> Vec<RecordBatch> {
    let n_rows = batch.num_rows();
    if rows_max == 0 || n_rows <= rows_max {
        return vec![batch];
    }
    let starts = (0..n_rows).step_by(rows_max);
    starts.map(|start| batch.slice(start, rows_max.min(n_rows - start))).collect()
}
