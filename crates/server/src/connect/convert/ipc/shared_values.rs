//! Rows of dictionaries and views share values: what they take once each row has its own.

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;

/// Bytes that the shared values below `array` come to when they are written out, row by row.
///
/// A dictionary of one megabyte and a million one-byte indices are two megabytes of a stream and a terabyte
/// of strings.
pub fn written_out_bytes(array: &dyn Array) -> u64 {
    match array.data_type() {
        DataType::Dictionary(..) => dictionary(array),
        DataType::Utf8View | DataType::BinaryView => lengths(array).iter().sum(),
        DataType::List(_) => written_out_bytes(array.as_list::<i32>().values()),
        DataType::LargeList(_) => written_out_bytes(array.as_list::<i64>().values()),
        DataType::FixedSizeList(..) => written_out_bytes(array.as_fixed_size_list().values()),
        DataType::Map(..) => written_out_bytes(array.as_map().entries()),
        DataType::Struct(_) => {
            array.as_struct().columns().iter().map(|column| written_out_bytes(column)).sum()
        }
        _ => 0,
    }
}

fn dictionary(array: &dyn Array) -> u64 {
    let Some(dictionary) = array.as_any_dictionary_opt() else { return 0 };
    let lengths = lengths(dictionary.values());
    if lengths.is_empty() {
        return 0;
    }
    let length = |key: usize| lengths.get(key).copied().unwrap_or_default();
    dictionary.normalized_keys().into_iter().map(length).fold(0, u64::saturating_add)
}

/// Bytes of each value; nothing for the types whose values are small.
fn lengths(values: &dyn Array) -> Vec<u64> {
    match values.data_type() {
        DataType::Utf8 => of(values.as_string::<i32>().offsets().lengths()),
        DataType::LargeUtf8 => of(values.as_string::<i64>().offsets().lengths()),
        DataType::Binary => of(values.as_binary::<i32>().offsets().lengths()),
        DataType::LargeBinary => of(values.as_binary::<i64>().offsets().lengths()),
        DataType::Utf8View => of(values.as_string_view().lengths().map(|length| length as usize)),
        DataType::BinaryView => of(values.as_binary_view().lengths().map(|length| length as usize)),
        DataType::FixedSizeBinary(width) => {
            vec![u64::try_from(*width).unwrap_or_default(); values.len()]
        }
        _ => Vec::new(),
    }
}

fn of(lengths: impl Iterator<Item = usize>) -> Vec<u64> {
    lengths.map(|length| length as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        ArrayRef, DictionaryArray, Int8Array, StringArray, StringViewArray, StructArray,
    };
    use std::sync::Arc;

    #[test]
    fn shared_values_count_per_row() {
        let values = Arc::new(StringArray::from(vec!["a", "long text"]));
        let keys = Int8Array::from(vec![Some(1), None, Some(1), Some(0)]);
        let texts = DictionaryArray::new(keys, values);
        assert!((19..=28).contains(&written_out_bytes(&texts)));
        let empty = DictionaryArray::new(
            Int8Array::from(vec![None]),
            Arc::new(StringArray::from(Vec::<&str>::new())),
        );
        assert_eq!(written_out_bytes(&empty), 0);
        let views: ArrayRef = Arc::new(StringViewArray::from(vec!["ab", "cde"]));
        assert_eq!(written_out_bytes(&views), 5);
        let nested = StructArray::try_from(vec![("v", views)]).unwrap();
        assert_eq!(written_out_bytes(&nested), 5);
    }
}
