//! The value that a column has in files that were written before there was such a column.
//!
//! It travels in the column's metadata, as bytes of Arrow, because it may be of any type and only the adapter
//! of a file knows whether it is needed.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use datafusion::common::ScalarValue;
use firesteel_common::types::METADATA_KEY;
use firesteel_common::{Result, StructField};
use std::fmt::Write;
use std::io::Cursor;
use std::sync::Arc;

const KEY: &str = "firesteel.existence";

/// `field` whose missing values are `value`.
///
/// # Errors
/// When Arrow cannot write the value.
pub fn with_missing_value(mut field: StructField, value: &ScalarValue) -> Result<StructField> {
    let column: ArrayRef = value.to_array()?;
    let own = Field::new("value", column.data_type().clone(), true);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![own])), vec![column])?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(&batch)?;
    let mut text = String::new();
    for byte in writer.into_inner()? {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    field.metadata.insert(KEY.to_owned(), text.into());
    Ok(field)
}

/// The value of a column that a file does not have; none: null.
pub(super) fn missing_value(field: &Field) -> Option<ScalarValue> {
    let metadata = field.metadata().get(METADATA_KEY)?;
    if !metadata.contains(KEY) {
        return None;
    }
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    let text = metadata.get(KEY)?.as_str()?;
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|pair| {
        std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())
    });
    let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
    let batch = StreamReader::try_new(Cursor::new(bytes), None).ok()?.next()?.ok()?;
    let value = ScalarValue::try_from_array(batch.columns().first()?, 0).ok()?;
    // Strings may be asked for as views.
    value.cast_to(field.data_type()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firesteel_common::SparkType;

    #[test]
    fn values_come_back() -> Result<()> {
        let field = StructField::new("a", SparkType::string(), true);
        let value = ScalarValue::from("x'ä");
        let field = with_missing_value(field, &value)?.to_arrow();
        assert_eq!(missing_value(&field), Some(value));
        let plain = StructField::new("a", SparkType::string(), true).to_arrow();
        assert_eq!(missing_value(&plain), None);
        Ok(())
    }
}
