//! The schema message of a stream, checked for all that makes `arrow::ipc::convert` panic.
//!
//! Types that no Spark type comes from (unions, run ends, list views) are refused here, so that what is
//! read has buffers in the plain layouts only.

use super::invalid;
use arrow::datatypes::{DataType, Schema};
use arrow::ipc::{self, DateUnit, Endianness, IntervalUnit, Precision, TimeUnit, Type, convert};
use std::io;

/// The schema that `message` holds, in metadata of `message_bytes`.
///
/// # Errors
/// `InvalidData`, with the reason.
pub(super) fn read(message: ipc::Schema<'_>, message_bytes: usize) -> io::Result<Schema> {
    if message.endianness() != Endianness::Little {
        return Err(invalid("it is big-endian"));
    }
    let fields = message.fields().ok_or_else(|| invalid("its schema has no fields"))?;
    let mut text_bytes = texts(message.custom_metadata().into_iter().flatten());
    for field in fields {
        check(&field, &mut text_bytes)?;
    }
    // Tables may share a text, which becomes a copy for each of them.
    if text_bytes > message_bytes {
        return Err(invalid("its schema repeats names"));
    }
    Ok(convert::fb_to_schema(message))
}

fn texts<'a>(pairs: impl Iterator<Item = ipc::KeyValue<'a>>) -> usize {
    let texts = pairs.flat_map(|pair| [pair.key(), pair.value()]);
    texts.flatten().map(str::len).sum()
}

/// Levels need no bound of ours: the verifier of messages has one.
fn check(field: &ipc::Field<'_>, text_bytes: &mut usize) -> io::Result<()> {
    *text_bytes += field.name().map_or(0, str::len);
    *text_bytes += texts(field.custom_metadata().into_iter().flatten());
    let mut n_children = 0;
    for child in field.children().into_iter().flatten() {
        check(&child, text_bytes)?;
        n_children += 1;
    }
    let sound = match field.dictionary() {
        None => is_sound(field, n_children),
        // As dictionaries, nested values would multiply what few bytes say.
        Some(dictionary) => {
            dictionary.indexType().is_some_and(is_int)
                && n_children == 0
                && is_sound(field, n_children)
        }
    };
    match sound {
        true => Ok(()),
        false => {
            let name = field.name().unwrap_or_default();
            Err(invalid(&format!("column {name} has no type that can be read")))
        }
    }
}

fn is_int(int: ipc::Int<'_>) -> bool {
    matches!(int.bitWidth(), 8 | 16 | 32 | 64)
}

fn is_unit(unit: TimeUnit) -> bool {
    (TimeUnit::SECOND..=TimeUnit::NANOSECOND).contains(&unit)
}

fn is_sound(field: &ipc::Field<'_>, n_children: usize) -> bool {
    match field.type_type() {
        Type::Null | Type::Bool => true,
        Type::Binary | Type::LargeBinary | Type::BinaryView => true,
        Type::Utf8 | Type::LargeUtf8 | Type::Utf8View => true,
        Type::Struct_ => true,
        Type::Int => field.type_as_int().is_some_and(is_int),
        Type::FixedSizeBinary => {
            field.type_as_fixed_size_binary().is_some_and(|binary| binary.byteWidth() >= 0)
        }
        Type::FloatingPoint => field.type_as_floating_point().is_some_and(|float| {
            (Precision::HALF..=Precision::DOUBLE).contains(&float.precision())
        }),
        Type::Decimal => field.type_as_decimal().is_some_and(|decimal| {
            let precision_max = match decimal.bitWidth() {
                32 => 9,
                64 => 18,
                128 => 38,
                256 => 76,
                _ => return false,
            };
            (1..=precision_max).contains(&decimal.precision())
                && (-precision_max..=precision_max).contains(&decimal.scale())
        }),
        Type::Date => field
            .type_as_date()
            .is_some_and(|date| [DateUnit::DAY, DateUnit::MILLISECOND].contains(&date.unit())),
        Type::Time => field.type_as_time().is_some_and(|time| match time.bitWidth() {
            32 => [TimeUnit::SECOND, TimeUnit::MILLISECOND].contains(&time.unit()),
            64 => [TimeUnit::MICROSECOND, TimeUnit::NANOSECOND].contains(&time.unit()),
            _ => false,
        }),
        Type::Timestamp => field.type_as_timestamp().is_some_and(|time| is_unit(time.unit())),
        Type::Duration => field.type_as_duration().is_some_and(|time| is_unit(time.unit())),
        Type::Interval => field.type_as_interval().is_some_and(|interval| {
            (IntervalUnit::YEAR_MONTH..=IntervalUnit::MONTH_DAY_NANO).contains(&interval.unit())
        }),
        Type::List | Type::LargeList => n_children == 1,
        Type::FixedSizeList => {
            n_children == 1
                && field.type_as_fixed_size_list().is_some_and(|list| list.listSize() >= 0)
        }
        Type::Map => {
            let entries = field.children().into_iter().flatten().next();
            n_children == 1
                && field.type_as_map().is_some()
                && entries.is_some_and(|entries| {
                    entries.type_type() == Type::Struct_
                        && entries.dictionary().is_none()
                        && entries.children().is_some_and(|columns| columns.len() == 2)
                })
        }
        _ => false,
    }
}

/// The type of the values in the dictionary with this id.
#[allow(deprecated)] // The stream names its dictionaries by id, and so does the reader.
pub(super) fn dictionary_values(schema: &Schema, id: i64) -> Option<&DataType> {
    match schema.fields_with_dict_id(id).first()?.data_type() {
        DataType::Dictionary(_, values) => Some(values),
        _ => None,
    }
}
