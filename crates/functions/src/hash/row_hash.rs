//! `hash` and `xxhash64`: values of any type, from left to right, nulls skipped; seed 42.

use super::algorithms::{Algorithm, Murmur3, XxHash64};
use crate::call::{Arg, Call};
use crate::columns::plain;
use crate::scalar_kernel::{Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, IntervalMonthDayNanoType, IntervalUnit,
    IntervalYearMonthType, Time64NanosecondType, TimestampMicrosecondType,
};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

const SEED: i32 = 42;

pub(super) fn murmur3(call: Call<'_>) -> Result<Expr> {
    build(call, "hash", &SparkType::Integer, &MURMUR3)
}

pub(super) static MURMUR3: Kind<()> = Kind::new("hash", |(), input| {
    let mut hashes = vec![SEED; input.n_rows];
    for column in input.args {
        mix_column::<Murmur3>(column, &mut hashes)?;
    }
    Ok(Arc::new(Int32Array::from(hashes)))
});

pub(super) fn xxhash64(call: Call<'_>) -> Result<Expr> {
    build(call, "xxhash64", &SparkType::Long, &XXHASH64)
}

pub(super) static XXHASH64: Kind<()> = Kind::new("xxhash64", |(), input| {
    let mut hashes = vec![i64::from(SEED); input.n_rows];
    for column in input.args {
        mix_column::<XxHash64>(column, &mut hashes)?;
    }
    Ok(Arc::new(Int64Array::from(hashes)))
});

/// What `xxhash64` gives each row of one column.
pub(crate) fn xxhash64_of(column: &ArrayRef) -> Result<Vec<i64>> {
    let mut hashes = vec![i64::from(SEED); column.len()];
    mix_column::<XxHash64>(column, &mut hashes)?;
    Ok(hashes)
}

fn build(
    call: Call<'_>,
    name: &'static str,
    result: &SparkType,
    kind: &'static Kind<()>,
) -> Result<Expr> {
    call.check_arity(1, usize::MAX)?;
    let maps_are_refused = !call.settings.legacy.hash_on_map;
    if let Some(map) = call.args.iter().find(|arg| maps_are_refused && has_map(arg)) {
        let sql = format!("\"{name}({})\"", map.sql());
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.HASH_MAP_TYPE",
            format!(
                "Cannot resolve {sql} due to data type mismatch: Input to the function `{name}` \
                 cannot contain elements of the \"MAP\" type. In Spark, same maps may have \
                 different hashcode, thus hash expressions are prohibited on \"MAP\" elements. To \
                 restore previous behavior set \"spark.sql.legacy.allowHashOnMapType\" to \"true\"."
            ),
        )
        .with("sqlExpr", sql)
        .with("functionName", format!("`{name}`")));
    }
    for arg in &call.args {
        if arg.spark_type()?.holds(&|part| matches!(part, SparkType::Variant)) {
            let names: Vec<String> = call.args.iter().map(Arg::sql).collect();
            let sql = format!("\"{name}({})\"", names.join(", "));
            return Err(SparkError::analysis(
                "DATATYPE_MISMATCH.HASH_VARIANT_TYPE",
                format!(
                    "Cannot resolve {sql} due to data type mismatch: Input to the function \
                     `{name}` cannot contain elements of the \"VARIANT\" type yet."
                ),
            )
            .with("sqlExpr", sql)
            .with("functionName", format!("`{name}`")));
        }
    }
    Ok(kind.kernel((), result).nullable(Nullable::Never).call(call.exprs()))
}

fn has_map(arg: &Arg) -> bool {
    fn inside(data_type: &DataType) -> bool {
        match data_type {
            DataType::Map(..) => true,
            DataType::List(field) => inside(field.data_type()),
            DataType::Struct(fields) => fields.iter().any(|field| inside(field.data_type())),
            _ => false,
        }
    }
    inside(arg.data_type())
}

/// Mixes row `i` of `column` into `hashes[i]`.
fn mix_column<A: Algorithm>(column: &ArrayRef, hashes: &mut [A::State]) -> Result<()> {
    let column = &plain(column)?;
    macro_rules! each {
        ($arrow:ty, |$value:ident| $bytes:expr) => {{
            let values = column.as_primitive::<$arrow>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                if values.is_valid(row) {
                    let $value = values.value(row);
                    *hash = A::mix(&$bytes, *hash);
                }
            }
        }};
    }
    match column.data_type() {
        DataType::Null => {}
        DataType::Boolean => {
            let values = column.as_boolean();
            for (row, hash) in hashes.iter_mut().enumerate() {
                if values.is_valid(row) {
                    *hash = A::mix(&i32::from(values.value(row)).to_le_bytes(), *hash);
                }
            }
        }
        DataType::Int8 => each!(Int8Type, |value| i32::from(value).to_le_bytes()),
        DataType::Int16 => each!(Int16Type, |value| i32::from(value).to_le_bytes()),
        DataType::Int32 => each!(Int32Type, |value| value.to_le_bytes()),
        DataType::Date32 => each!(Date32Type, |value| value.to_le_bytes()),
        DataType::Int64 => each!(Int64Type, |value| value.to_le_bytes()),
        DataType::Timestamp(..) => {
            each!(TimestampMicrosecondType, |value| value.to_le_bytes())
        }
        DataType::Duration(_) => each!(DurationMicrosecondType, |value| value.to_le_bytes()),
        DataType::Time64(_) => each!(Time64NanosecondType, |value| value.to_le_bytes()),
        // Both zeros are one.
        DataType::Float32 => each!(Float32Type, |value| float_bits(value).to_le_bytes()),
        DataType::Float64 => each!(Float64Type, |value| double_bits(value).to_le_bytes()),
        DataType::Decimal128(precision, _) if *precision <= 18 => {
            each!(Decimal128Type, |value| (value as i64).to_le_bytes())
        }
        DataType::Decimal128(..) => each!(Decimal128Type, |value| big_integer(value)),
        DataType::Interval(IntervalUnit::YearMonth) => {
            each!(IntervalYearMonthType, |value| value.to_le_bytes())
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let values = column.as_primitive::<IntervalMonthDayNanoType>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                if values.is_valid(row) {
                    let value = values.value(row);
                    let micros = value.nanoseconds / 1000;
                    *hash = A::mix(&micros.to_le_bytes(), *hash);
                    *hash = A::mix(&value.days.to_le_bytes(), *hash);
                    *hash = A::mix(&value.months.to_le_bytes(), *hash);
                }
            }
        }
        DataType::Utf8 => {
            let values = column.as_string::<i32>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                if values.is_valid(row) {
                    *hash = A::mix(values.value(row).as_bytes(), *hash);
                }
            }
        }
        DataType::Binary => {
            let values = column.as_binary::<i32>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                if values.is_valid(row) {
                    *hash = A::mix(values.value(row), *hash);
                }
            }
        }
        DataType::Struct(_) => {
            let parts = column.as_struct();
            for part in parts.columns() {
                let part = match parts.nulls() {
                    Some(nulls) => {
                        let mask = arrow::array::BooleanArray::new(!nulls.inner(), None);
                        arrow::compute::nullif(part, &mask)?
                    }
                    None => Arc::clone(part),
                };
                mix_column::<A>(&part, hashes)?;
            }
        }
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                if list.is_null(row) {
                    continue;
                }
                let elements = list.value(row);
                for at in 0..elements.len() {
                    let mut one = [*hash];
                    mix_column::<A>(&elements.slice(at, 1), &mut one)?;
                    *hash = one[0];
                }
            }
        }
        other => return Err(SparkError::unsupported(format!("hash of {other}"))),
    }
    Ok(())
}

fn float_bits(value: f32) -> u32 {
    if value == 0.0 {
        0
    } else if value.is_nan() {
        0x7fc0_0000
    } else {
        value.to_bits()
    }
}

fn double_bits(value: f64) -> u64 {
    if value == 0.0 {
        0
    } else if value.is_nan() {
        0x7ff8_0000_0000_0000
    } else {
        value.to_bits()
    }
}

/// Java's `BigInteger.toByteArray`: the fewest bytes, most significant first.
fn big_integer(value: i128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let sign = if value < 0 { 0xff } else { 0 };
    let mut start = 0;
    while start < 15 && bytes[start] == sign && (bytes[start + 1] & 0x80) == (sign & 0x80) {
        start += 1;
    }
    bytes[start..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewest_bytes() {
        assert_eq!(big_integer(0), [0]);
        assert_eq!(big_integer(127), [127]);
        assert_eq!(big_integer(128), [0, 128]);
        assert_eq!(big_integer(-128), [128]);
        assert_eq!(big_integer(-129), [255, 127]);
    }
}
