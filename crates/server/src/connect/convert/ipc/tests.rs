use super::*;
use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, FixedSizeListArray, Int32Array,
    Int64Array, ListArray, MapBuilder, NullArray, StringArray, StringBuilder, StringViewArray,
    StructArray,
};
use arrow::datatypes::{DataType, Field, Int8Type, Int32Type};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use std::io::Cursor;
use std::sync::Arc;

/// Rows of the batches that are written.
const N_ROWS: usize = 40;

/// A column of each layout, each with nulls.
fn columns() -> Vec<(&'static str, ArrayRef)> {
    let numbers = || (0..N_ROWS as i32).map(|n| (n % 3 > 0).then_some(n));
    let texts = || numbers().map(|n| n.map(|n| format!("a text that is no short one {n}")));
    let strings = StringArray::from_iter(texts());
    let structs = StructArray::try_new(
        vec![Field::new("x", DataType::Utf8, true)].into(),
        vec![Arc::new(strings.clone())],
        Some((0..N_ROWS).map(|n| n % 5 > 0).collect()),
    );
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for n in 0..N_ROWS {
        map.keys().append_value(n.to_string());
        map.values().append_option((n % 3 > 0).then_some("value"));
        map.append(n % 4 > 0).unwrap();
    }
    let lists = || numbers().map(|n| n.map(|n| vec![Some(n), None]));
    vec![
        ("null", Arc::new(NullArray::new(N_ROWS))),
        ("boolean", Arc::new(BooleanArray::from_iter(numbers().map(|n| n.map(|n| n > 7))))),
        ("long", Arc::new(Int64Array::from_iter(numbers().map(|n| n.map(i64::from))))),
        ("decimal", Arc::new(Decimal128Array::from_iter(numbers().map(|n| n.map(i128::from))))),
        ("string", Arc::new(strings)),
        ("view", Arc::new(StringViewArray::from_iter(texts()))),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists()))),
        (
            "fixed list",
            Arc::new(FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(lists(), 2)),
        ),
        ("struct", Arc::new(structs.unwrap())),
        ("map", Arc::new(map.finish())),
        (
            "dictionary",
            Arc::new(
                ["x", "y", "x", "z"]
                    .repeat(N_ROWS / 4)
                    .into_iter()
                    .collect::<DictionaryArray<Int8Type>>(),
            ),
        ),
    ]
}

fn stream(columns: Vec<(&str, ArrayRef)>, compression: Option<CompressionType>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    let batch = batch.unwrap();
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

const COMPRESSIONS: [Option<CompressionType>; 3] =
    [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)];

#[test]
fn good_streams() {
    for compression in COMPRESSIONS {
        let (_, batches) = read(Cursor::new(stream(columns(), compression))).unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2 * N_ROWS);
    }
}

/// Each byte in turn is damaged, and the stream cut off there: whatever comes of it, it is no panic.
#[test]
fn damaged_streams() {
    for compression in COMPRESSIONS {
        for column in columns() {
            let good = stream(vec![column], compression);
            for position in 0..good.len() {
                let _ = read(Cursor::new(&good[..position]));
                for value in [0, 1, 2, 5, 0x7f, 0x80, 0xff] {
                    let mut bad = good.clone();
                    bad[position] = value;
                    let _ = read(Cursor::new(&bad));
                }
            }
        }
    }
}

/// Words that are counts, offsets or lengths somewhere, made huge, negative and one off.
#[test]
fn damaged_words() {
    let good = stream(columns(), None);
    for position in (0..good.len() - 8).step_by(4) {
        let old = i64::from_le_bytes(good[position..position + 8].try_into().unwrap());
        for value in [
            old.wrapping_add(1),
            old.wrapping_sub(1),
            old.wrapping_neg(),
            1 << 40,
            i64::MIN,
            i64::MAX,
        ] {
            let mut bad = good.clone();
            bad[position..position + 8].copy_from_slice(&value.to_le_bytes());
            let _ = read(Cursor::new(&bad));
        }
    }
}

#[test]
fn claims_without_bytes() {
    // A metadata length beyond the end, a negative one, and no length at all.
    for bytes in [
        vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80],
        vec![0xff, 0xff],
    ] {
        assert!(read(Cursor::new(bytes)).is_err());
    }
}

/// Where a stream names the types of its columns, each other number is a type unknown or without its details.
#[test]
fn types_without_details() {
    let good = stream(vec![("n", Arc::new(Int32Array::from(vec![1, 2])))], None);
    let mut n_refused = 0;
    for position in 0..good.len() {
        for value in 0..=30 {
            let mut bad = good.clone();
            bad[position] = value;
            n_refused += usize::from(read(Cursor::new(&bad)).is_err());
        }
    }
    assert!(n_refused > 0);
}
