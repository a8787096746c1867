//! Literals as Arrow scalars.

use super::ResolvedExpr;
use crate::resolve::{Resolver, naming};
use crate::spec::Literal;
use arrow::array::{Array, ArrayRef, ListArray, MapArray, StructArray, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion::common::ScalarValue;
use datafusion::common::metadata::FieldMetadata;
use datafusion::logical_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

impl Resolver<'_> {
    pub(crate) fn literal(&self, value: &Literal) -> Result<ResolvedExpr> {
        let data_type = scalar_type(value);
        let scalar = scalar(value)?;
        let field = StructField::new("", data_type, scalar.is_null()).to_arrow();
        let tags = field.metadata();
        let metadata = (!tags.is_empty()).then(|| FieldMetadata::from(tags.clone()));
        Ok(ResolvedExpr {
            expr: Expr::Literal(scalar, metadata),
            field,
            name: naming::literal(value, self.in_python_args, self.settings),
            output_name: None,
            is_named: false,
            column: None,
            metadata: None,
            is_generated: false,
        })
    }
}

/// The Spark type of a literal: elements may be null where one is.
pub(crate) fn scalar_type(value: &Literal) -> SparkType {
    match value {
        Literal::Array { element, elements } => SparkType::Array {
            element: Box::new(element.clone()),
            contains_null: elements.iter().any(is_null),
        },
        Literal::Map { key, value, entries } => SparkType::Map {
            key: Box::new(key.clone()),
            value: Box::new(value.clone()),
            value_contains_null: entries.iter().any(|(_, value)| is_null(value)),
        },
        Literal::Struct { data_type: SparkType::Struct(fields), elements } => {
            let fields = fields.fields.iter().zip(elements).map(|(field, value)| StructField {
                nullable: field.nullable || is_null(value),
                ..field.clone()
            });
            SparkType::Struct(StructType::new(fields.collect()))
        }
        other => other.spark_type(),
    }
}

fn is_null(value: &Literal) -> bool {
    matches!(value, Literal::Null(_))
}

/// The Arrow scalar of a literal.
pub(crate) fn scalar(value: &Literal) -> Result<ScalarValue> {
    let scalar = match value {
        Literal::Null(data_type) => ScalarValue::try_from(&data_type.to_arrow())?,
        Literal::Boolean(value) => ScalarValue::Boolean(Some(*value)),
        Literal::Byte(value) => ScalarValue::Int8(Some(*value)),
        Literal::Short(value) => ScalarValue::Int16(Some(*value)),
        Literal::Integer(value) => ScalarValue::Int32(Some(*value)),
        Literal::Long(value) => ScalarValue::Int64(Some(*value)),
        Literal::Float(value) => ScalarValue::Float32(Some(*value)),
        Literal::Double(value) => ScalarValue::Float64(Some(*value)),
        Literal::Decimal { value, precision, scale } => {
            ScalarValue::Decimal128(Some(*value), *precision, *scale)
        }
        Literal::String(value) => ScalarValue::Utf8(Some(value.clone())),
        Literal::Binary(value) => ScalarValue::Binary(Some(value.clone())),
        Literal::Date(days) => ScalarValue::Date32(Some(*days)),
        Literal::Timestamp(micros) => {
            ScalarValue::TimestampMicrosecond(Some(*micros), Some("UTC".into()))
        }
        Literal::TimestampNtz(micros) => ScalarValue::TimestampMicrosecond(Some(*micros), None),
        Literal::Time { nanos, .. } => ScalarValue::Time64Nanosecond(Some(*nanos)),
        Literal::CalendarInterval { months, days, micros } => {
            let nanos = micros.checked_mul(1000).ok_or_else(|| {
                SparkError::analysis("INTERVAL_ARITHMETIC_OVERFLOW", "Interval value overflows.")
            })?;
            let value = IntervalMonthDayNano::new(*months, *days, nanos);
            ScalarValue::IntervalMonthDayNano(Some(value))
        }
        Literal::YearMonthInterval { months, .. } => ScalarValue::IntervalYearMonth(Some(*months)),
        Literal::DayTimeInterval { micros, .. } => ScalarValue::DurationMicrosecond(Some(*micros)),
        Literal::Array { elements, .. } => {
            let DataType::List(field) = scalar_type(value).to_arrow() else {
                return Err(SparkError::internal("array literal without list type"));
            };
            let values = column(field.data_type(), elements.iter())?;
            let offsets = OffsetBuffer::from_lengths([values.len()]);
            let list = ListArray::try_new(field, offsets, values, None)?;
            ScalarValue::List(Arc::new(list))
        }
        Literal::Map { entries, .. } => {
            let DataType::Map(field, sorted) = scalar_type(value).to_arrow() else {
                return Err(SparkError::internal("map literal without map type"));
            };
            let DataType::Struct(fields) = field.data_type() else {
                return Err(SparkError::internal("map literal without entries"));
            };
            let keys = column(fields[0].data_type(), entries.iter().map(|(key, _)| key))?;
            let values = column(fields[1].data_type(), entries.iter().map(|(_, value)| value))?;
            let offsets = OffsetBuffer::from_lengths([keys.len()]);
            let pairs = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
            let map = MapArray::try_new(Arc::clone(&field), offsets, pairs, None, sorted)?;
            ScalarValue::Map(Arc::new(map))
        }
        Literal::Struct { elements, .. } => {
            let DataType::Struct(fields) = scalar_type(value).to_arrow() else {
                return Err(SparkError::internal("struct literal without struct type"));
            };
            let columns = fields.iter().zip(elements);
            let columns = columns
                .map(|(field, element)| column(field.data_type(), [element].into_iter()))
                .collect::<Result<Vec<_>>>()?;
            let row = if fields.is_empty() {
                StructArray::new_empty_fields(1, None)
            } else {
                StructArray::try_new(fields, columns, None)?
            };
            ScalarValue::Struct(Arc::new(row))
        }
    };
    Ok(scalar)
}

/// Literals of one type as an array. Elements of a narrower number type are widened.
fn column<'l>(data_type: &DataType, values: impl Iterator<Item = &'l Literal>) -> Result<ArrayRef> {
    let scalars = values
        .map(|value| {
            let scalar = scalar(value)?;
            Ok(if scalar.data_type() == *data_type { scalar } else { scalar.cast_to(data_type)? })
        })
        .collect::<Result<Vec<_>>>()?;
    if scalars.is_empty() {
        return Ok(new_empty_array(data_type));
    }
    Ok(ScalarValue::iter_to_array(scalars)?)
}
