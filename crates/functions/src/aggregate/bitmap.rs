//! `bitmap_construct_agg`, `bitmap_or_agg`, `bitmap_and_agg`: bitmaps of 32,768 bits, as
//! `bitmap_bucket_number` and `bitmap_bit_position` number them.

use super::builders::{result_field, static_name};
use super::fold::take_first;
use super::states::{AggregateFunction, AggregateKind, States};
use crate::call::AggregateCall;
use crate::wire::Name;
use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

const N_BYTES: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum How {
    /// Sets the bits at positions.
    Construct,
    Or,
    And,
}

impl How {
    /// The bitmap of no rows.
    fn empty(self) -> Box<[u8]> {
        let byte = if self == How::And { u8::MAX } else { 0 };
        vec![byte; N_BYTES].into()
    }

    /// Bytes beyond a bitmap's length are left out, as Spark does; bytes that `other` lacks are zero.
    fn merge(self, bitmap: &mut [u8], other: &[u8]) {
        for (position, byte) in bitmap.iter_mut().enumerate() {
            let other = other.get(position).copied().unwrap_or(0);
            *byte = if self == How::And { *byte & other } else { *byte | other };
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bitmap {
    name: Name,
    how: How,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
}

pub(super) static BITMAP: AggregateKind<Bitmap> = AggregateKind::new("bitmap");

impl Hash for Bitmap {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.how.hash(state);
    }
}

pub(crate) fn bitmap(call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let name = static_name(call.call.name);
    let (how, input) = match name {
        "bitmap_construct_agg" => (How::Construct, SparkType::Long),
        "bitmap_or_agg" => (How::Or, SparkType::Binary),
        _ => (How::And, SparkType::Binary),
    };
    let args = call.call.implicit(&[input])?;
    let result = result_field(name, &SparkType::Binary, false);
    Ok(Bitmap { name: Name(name), how, result }.call(args, call.distinct, call.filter))
}

#[derive(Debug)]
pub(crate) struct BitmapStates {
    how: How,
    groups: Vec<Box<[u8]>>,
}

impl AggregateFunction for Bitmap {
    type States = BitmapStates;

    fn name(&self) -> &'static str {
        self.name.0
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, _input: &[FieldRef]) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn states(&self, _input: &[FieldRef]) -> Result<BitmapStates> {
        Ok(BitmapStates { how: self.how, groups: Vec::new() })
    }
}

impl BitmapStates {
    fn resize(&mut self, n_groups: usize) {
        let how = self.how;
        self.groups.resize_with(n_groups, || how.empty());
    }

    fn binary(&mut self, n_groups: usize) -> ArrayRef {
        self.resize(n_groups);
        let mut builder = BinaryBuilder::new();
        self.groups.iter().for_each(|bitmap| builder.append_value(bitmap));
        Arc::new(builder.finish())
    }
}

impl States for BitmapStates {
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        if self.how != How::Construct {
            return self.merge(values, groups, n_groups);
        }
        self.resize(n_groups);
        let positions = values[0].as_primitive::<Int64Type>();
        for (row, group) in groups.iter().enumerate() {
            if positions.is_null(row) {
                continue;
            }
            let position = positions.value(row);
            let index = usize::try_from(position).ok().filter(|index| *index < 8 * N_BYTES);
            let index = index.ok_or_else(|| out_of_range(position))?;
            self.groups[*group][index / 8] |= 1 << (index % 8);
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.resize(n_groups);
        let bitmaps = states[0].as_binary::<i32>();
        for (row, group) in groups.iter().enumerate() {
            if bitmaps.is_valid(row) {
                self.how.merge(&mut self.groups[*group], bitmaps.value(row));
            }
        }
        Ok(())
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        Self { how: self.how, groups: take_first(&mut self.groups, n) }
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        Ok(self.binary(n_groups))
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.binary(n_groups)])
    }

    fn size(&self) -> usize {
        self.groups.len() * N_BYTES
    }
}

fn out_of_range(position: i64) -> SparkError {
    let (n_bits, n_bytes) = (8 * N_BYTES, N_BYTES);
    SparkError::new(
        ErrorKind::Runtime,
        "INVALID_BITMAP_POSITION",
        format!(
            "The 0-indexed bitmap position {position} is out of bounds. The bitmap has {n_bits} \
             bits ({n_bytes} bytes)."
        ),
    )
    .with("bitPosition", position.to_string())
    .with("bitmapNumBits", n_bits.to_string())
    .with("bitmapNumBytes", n_bytes.to_string())
}
