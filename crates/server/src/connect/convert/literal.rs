//! Literals.

use super::{data_type, faults, required};
use firesteel_common::error::ErrorKind;
use firesteel_common::types::DECIMAL_PRECISION_MAX;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_plan::spec::Literal;
use firesteel_proto::spark::connect as proto;
use proto::expression::literal as message;
use proto::expression::literal::LiteralType;

/// # Errors
/// When a part is missing or a number does not fit its type.
pub fn literal(literal: &proto::expression::Literal) -> Result<Literal> {
    let value = required(literal.literal_type.as_ref(), faults::literal)?;
    let declared = literal.data_type.as_ref().map(data_type).transpose()?;
    Ok(match value {
        LiteralType::Null(null) => Literal::Null(match declared {
            Some(declared) => declared,
            None => data_type(null)?,
        }),
        LiteralType::Binary(bytes) => Literal::Binary(bytes.to_vec()),
        LiteralType::Boolean(value) => Literal::Boolean(*value),
        LiteralType::Byte(value) => Literal::Byte(narrow(*value)?),
        LiteralType::Short(value) => Literal::Short(narrow(*value)?),
        LiteralType::Integer(value) => Literal::Integer(*value),
        LiteralType::Long(value) => Literal::Long(*value),
        LiteralType::Float(value) => Literal::Float(*value),
        LiteralType::Double(value) => Literal::Double(*value),
        LiteralType::Decimal(value) => decimal(value)?,
        LiteralType::String(value) => Literal::String(value.clone()),
        LiteralType::Date(days) => Literal::Date(*days),
        LiteralType::Timestamp(micros) => Literal::Timestamp(*micros),
        LiteralType::TimestampNtz(micros) => Literal::TimestampNtz(*micros),
        LiteralType::CalendarInterval(interval) => Literal::CalendarInterval {
            months: interval.months,
            days: interval.days,
            micros: interval.microseconds,
        },
        LiteralType::YearMonthInterval(months) => match declared {
            Some(SparkType::YearMonthInterval { start, end }) => {
                Literal::YearMonthInterval { months: *months, start, end }
            }
            _ => Literal::YearMonthInterval { months: *months, start: 0, end: 1 },
        },
        LiteralType::DayTimeInterval(micros) => match declared {
            Some(SparkType::DayTimeInterval { start, end }) => {
                Literal::DayTimeInterval { micros: *micros, start, end }
            }
            _ => Literal::DayTimeInterval { micros: *micros, start: 0, end: 3 },
        },
        LiteralType::Time(time) => {
            Literal::Time { nanos: time.nano, precision: narrow(time.precision.unwrap_or(6))? }
        }
        LiteralType::Array(value) => array(value, declared)?,
        LiteralType::Map(value) => map(value, declared)?,
        LiteralType::Struct(value) => structure(value, declared)?,
        LiteralType::SpecializedArray(value) => specialized_array(value)?,
    })
}

fn narrow<T: TryFrom<i32>>(value: i32) -> Result<T> {
    T::try_from(value)
        .map_err(|_| SparkError::invalid_plan(format!("{value} does not fit its type.")))
}

/// Spark takes the larger of what the digits need and what is declared.
fn decimal(message: &message::Decimal) -> Result<Literal> {
    let broken = || {
        let text = format!("{} is not a decimal.", message.value);
        SparkError::new(ErrorKind::NumberFormat, "", text)
    };
    let (mantissa, exponent) = match message.value.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| broken())?),
        None => (message.value.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let scale = i32::try_from(fraction.len()).ok().and_then(|len| len.checked_sub(exponent));
    let mut scale = scale.ok_or_else(broken)?;
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches(['+', '-']);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(broken());
    }
    let significant = digits.trim_start_matches('0').len();
    if significant > usize::from(DECIMAL_PRECISION_MAX) {
        return Err(too_precise(significant));
    }
    let mut value: i128 = all.parse().map_err(|_| broken())?;
    if value == 0 {
        scale = scale.max(0);
    }
    // Spark keeps no negative scale: 1E+3 is 1000.
    while scale < 0 {
        value = value.checked_mul(10).ok_or_else(broken)?;
        scale += 1;
    }
    let digits = i32::try_from(value.unsigned_abs().to_string().len()).map_err(|_| broken())?;
    let wanted_scale = scale.max(message.scale.unwrap_or(0));
    for _ in scale..wanted_scale {
        value = value.checked_mul(10).ok_or_else(broken)?;
    }
    let precision = digits.max(message.precision.unwrap_or(0)).max(wanted_scale);
    if precision > i32::from(DECIMAL_PRECISION_MAX) {
        return Err(too_precise(precision));
    }
    Ok(Literal::Decimal { value, precision: narrow(precision)?, scale: narrow(wanted_scale)? })
}

/// More digits than a decimal can have.
pub(super) fn too_precise(precision: impl std::fmt::Display) -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
        format!("Decimal precision {precision} exceeds max precision {DECIMAL_PRECISION_MAX}."),
    )
    .with("precision", precision.to_string())
    .with("maxPrecision", DECIMAL_PRECISION_MAX.to_string())
}

// The types inside of collections are deprecated in favour of `data_type`, and still sent.
#[allow(deprecated)]
fn array(message: &message::Array, declared: Option<SparkType>) -> Result<Literal> {
    let elements = message.elements.iter().map(literal).collect::<Result<Vec<_>>>()?;
    let element = match (declared, &message.element_type) {
        (Some(SparkType::Array { element, .. }), _) => *element,
        (_, Some(element)) => data_type(element)?,
        _ => match elements.first() {
            Some(first) => first.spark_type(),
            None => {
                let text = "Data type information is missing in the array literal.";
                return Err(faults::invalid("ARRAY_LITERAL_MISSING_DATA_TYPE", text));
            }
        },
    };
    Ok(Literal::Array { element, elements })
}

#[allow(deprecated)]
fn map(message: &message::Map, declared: Option<SparkType>) -> Result<Literal> {
    let keys = message.keys.iter().map(literal).collect::<Result<Vec<_>>>()?;
    let values = message.values.iter().map(literal).collect::<Result<Vec<_>>>()?;
    let (key, value) = match (declared, &message.key_type, &message.value_type) {
        (Some(SparkType::Map { key, value, .. }), _, _) => (*key, *value),
        (_, Some(key), Some(value)) => (data_type(key)?, data_type(value)?),
        _ => match (keys.first(), values.first()) {
            (Some(key), Some(value)) => (key.spark_type(), value.spark_type()),
            _ => {
                let text = "Data type information is missing in the map literal.";
                return Err(faults::invalid("MAP_LITERAL_MISSING_DATA_TYPE", text));
            }
        },
    };
    if keys.len() != values.len() {
        return Err(SparkError::invalid_plan("A map literal needs as many values as keys."));
    }
    let mut entries: Vec<(Literal, Literal)> = Vec::with_capacity(keys.len());
    for (key, value) in keys.into_iter().zip(values) {
        // Of equal keys the last counts, where the first stands.
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => entries.push((key, value)),
        }
    }
    Ok(Literal::Map { key, value, entries })
}

#[allow(deprecated)]
fn structure(message: &message::Struct, declared: Option<SparkType>) -> Result<Literal> {
    let elements = message.elements.iter().map(literal).collect::<Result<Vec<_>>>()?;
    let data_type = match (declared, &message.struct_type) {
        (Some(declared), _) => declared,
        (_, Some(declared)) => data_type(declared)?,
        _ => {
            let text = "Data type information is missing in the struct literal.";
            return Err(faults::invalid("STRUCT_LITERAL_MISSING_DATA_TYPE", text));
        }
    };
    Ok(Literal::Struct { data_type, elements })
}

fn specialized_array(message: &message::SpecializedArray) -> Result<Literal> {
    use message::specialized_array::ValueType;
    let values = required(message.value_type.as_ref(), faults::part("the values of an array"))?;
    fn build<T: Clone>(element: SparkType, values: &[T], make: fn(T) -> Literal) -> Literal {
        Literal::Array { element, elements: values.iter().cloned().map(make).collect() }
    }
    Ok(match values {
        ValueType::Bools(array) => build(SparkType::Boolean, &array.values, Literal::Boolean),
        ValueType::Ints(array) => build(SparkType::Integer, &array.values, Literal::Integer),
        ValueType::Longs(array) => build(SparkType::Long, &array.values, Literal::Long),
        ValueType::Floats(array) => build(SparkType::Float, &array.values, Literal::Float),
        ValueType::Doubles(array) => build(SparkType::Double, &array.values, Literal::Double),
        ValueType::Strings(array) => build(SparkType::string(), &array.values, Literal::String),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_as_spark_reads_them() {
        let read = |value: &str, precision, scale| {
            let message = message::Decimal { value: value.to_owned(), precision, scale };
            match decimal(&message) {
                Ok(Literal::Decimal { value, precision, scale }) => (value, precision, scale),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(read("1.5", Some(10), Some(0)), (15, 10, 1));
        assert_eq!(read("1E+3", None, None), (1_000, 4, 0));
        assert_eq!(read("-0.05", None, None), (-5, 2, 2));
    }
}
