//! What hashing puts into plans.

use super::hasher::Hasher;
use crate::error;
use crate::function::FunctionKind;
use crate::linalg::{Vector, VectorColumn, VectorColumnBuilder, VectorView, vector_type};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Hashes of vectors, as vectors of one entry each.
pub(crate) static HASH: FunctionKind<Hasher> =
    FunctionKind::new("lsh.hash", hash).in_spark("LSHModel");

/// Hashes of columns of hashes, with their table, as whole numbers: rows that meet in a join.
pub(crate) static BUCKETS: FunctionKind<u8> = FunctionKind::new("lsh.buckets", buckets);

/// Whether one of the hashes is that of a key.
pub(crate) static MEETS: FunctionKind<Vec<f64>> = FunctionKind::new("lsh.meets", meets);

/// Distance to a key.
pub(crate) static TO_KEY: FunctionKind<ToKey> = FunctionKind::new("lsh.to_key", to_key);

/// Distance of two structs' vectors.
pub(crate) static BETWEEN: FunctionKind<Between> = FunctionKind::new("lsh.between", between);

/// Columns as a struct.
pub(crate) static ROW: FunctionKind<Vec<StructField>> = FunctionKind::new("lsh.row", row);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ToKey {
    pub(super) hasher: Hasher,
    pub(super) key: Vector,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Between {
    pub(super) hasher: Hasher,
    /// Positions of the vectors in their structs.
    pub(super) fields: [usize; 2],
}

/// Type of a column of hashes.
pub(super) fn hashes_type() -> SparkType {
    SparkType::Array { element: Box::new(vector_type()), contains_null: true }
}

/// Type of what [`BUCKETS`] gives.
pub(super) fn buckets_type(name: &str) -> SparkType {
    let bucket = StructField::new(name, SparkType::Long, true);
    let row = SparkType::Struct(StructType::new(vec![bucket]));
    SparkType::Array { element: Box::new(row), contains_null: true }
}

fn broken() -> SparkError {
    SparkError::internal("a column of hashes is a list of vectors")
}

fn null() -> SparkError {
    error::raised("Vectors MUST NOT be Null")
}

fn list_of(kind: &SparkType, lengths: Vec<usize>, values: ArrayRef) -> Result<ArrayRef> {
    let DataType::List(element) = kind.to_arrow() else { return Err(broken()) };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(element, offsets, values, None)?))
}

fn hash(hasher: &Hasher, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let column = VectorColumn::new(&args[0])?;
    let n_tables = hasher.hashes.n_tables();
    let mut builder = VectorColumnBuilder::with_capacity(n_rows * n_tables, n_rows * n_tables);
    let mut found = Vec::with_capacity(n_tables);
    for row in 0..n_rows {
        found.clear();
        hasher.hash(column.get(row).ok_or_else(null)?, &mut found)?;
        found.iter().for_each(|hash| builder.push_dense(&[*hash]));
    }
    list_of(&hashes_type(), vec![n_tables; n_rows], builder.finish()?)
}

/// Calls `take` with the row, the table and the hash of every entry.
fn for_each_hash(
    column: &ArrayRef,
    mut take: impl FnMut(usize, usize, VectorView<'_>),
) -> Result<Vec<usize>> {
    let lists = column.as_list_opt::<i32>().ok_or_else(broken)?;
    let vectors = VectorColumn::new(lists.values())?;
    let mut lengths = Vec::with_capacity(lists.len());
    for (row, ends) in lists.value_offsets().windows(2).enumerate() {
        let (from, to) = (ends[0] as usize, ends[1] as usize);
        let n = if lists.is_valid(row) { to - from } else { 0 };
        lengths.push(n);
        for table in 0..n {
            take(row, table, vectors.get(from + table).ok_or_else(null)?);
        }
    }
    Ok(lengths)
}

fn buckets(_: &u8, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let mut found = Vec::new();
    let lengths = for_each_hash(&args[0], |_, table, hash| {
        found.push(bucket(table, hash));
    })?;
    let kind = buckets_type("bucket");
    let DataType::List(element) = kind.to_arrow() else { return Err(broken()) };
    let DataType::Struct(fields) = element.data_type() else { return Err(broken()) };
    let column: ArrayRef = Arc::new(Int64Array::from(found));
    list_of(&kind, lengths, Arc::new(StructArray::try_new(fields.clone(), vec![column], None)?))
}

/// Table and hash in one number: exact for hashes of up to 44 bits, which is all that permutations give.
fn bucket(table: usize, hash: VectorView<'_>) -> i64 {
    const BITS: u32 = 44;
    let mut mixed = 0_u64;
    for (at, value) in hash.to_dense().iter().enumerate() {
        let whole = *value as i64;
        let is_small = whole as f64 == *value && whole.abs() < 1 << (BITS - 1);
        let bits = if is_small { (whole as u64) & ((1 << BITS) - 1) } else { value.to_bits() };
        mixed = if at == 0 { bits } else { mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bits };
    }
    (mixed ^ ((table as u64) << BITS)) as i64
}

fn meets(key: &Vec<f64>, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let mut found = vec![false; n_rows];
    for_each_hash(&args[0], |row, table, hash| {
        let is_same = hash.size() == 1 && key.get(table) == Some(&hash.get(0));
        found[row] |= is_same;
    })?;
    Ok(Arc::new(BooleanArray::from(found)))
}

fn to_key(params: &ToKey, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let column = VectorColumn::new(&args[0])?;
    let distance = |row| {
        let vector = column.get(row).ok_or_else(null)?;
        params.hasher.distance(vector, params.key.view())
    };
    Ok(Arc::new(Float64Array::from((0..n_rows).map(distance).collect::<Result<Vec<_>>>()?)))
}

fn between(params: &Between, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let vectors = |side: usize| -> Result<&ArrayRef> {
        Ok(args[side].as_struct_opt().ok_or_else(broken)?.column(params.fields[side]))
    };
    let (left, right) = (VectorColumn::new(vectors(0)?)?, VectorColumn::new(vectors(1)?)?);
    let distance = |row| {
        let left = left.get(row).ok_or_else(null)?;
        params.hasher.distance(left, right.get(row).ok_or_else(null)?)
    };
    Ok(Arc::new(Float64Array::from((0..n_rows).map(distance).collect::<Result<Vec<_>>>()?)))
}

fn row(fields: &Vec<StructField>, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let kind = SparkType::Struct(StructType::new(fields.clone())).to_arrow();
    let DataType::Struct(fields) = kind else { return Err(broken()) };
    let columns = args
        .iter()
        .zip(&fields)
        .map(|(column, field)| match column.data_type() == field.data_type() {
            true => Ok(Arc::clone(column)),
            false => arrow::compute::cast(column, field.data_type()),
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    // Without columns the length would be lost.
    if columns.is_empty() {
        return Ok(Arc::new(StructArray::new_empty_fields(n_rows, None)));
    }
    Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
}
