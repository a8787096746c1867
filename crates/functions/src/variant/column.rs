//! Columns of variants: structs of the binary columns `value` and `metadata`.

use super::reader::View;
use super::writer::Writer;
use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Fields};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// The variants of a column.
#[derive(Debug)]
pub(crate) struct Variants<'a> {
    rows: &'a StructArray,
    value: &'a BinaryArray,
    metadata: &'a BinaryArray,
}

impl<'a> Variants<'a> {
    pub(crate) fn of(column: &'a ArrayRef) -> Result<Self> {
        let unexpected = || SparkError::internal("a column of variants of another type");
        let rows = column.as_struct_opt().ok_or_else(unexpected)?;
        let part = |position: usize| {
            let column = rows.columns().get(position).and_then(|part| part.as_binary_opt::<i32>());
            column.ok_or_else(unexpected)
        };
        Ok(Self { rows, value: part(0)?, metadata: part(1)? })
    }

    /// The variant at `row`, none where it is null.
    pub(crate) fn get(&self, row: usize) -> Option<View<'a>> {
        (!self.rows.is_null(row))
            .then(|| View::new(self.value.value(row), self.metadata.value(row)))
    }
}

/// Collects variants into a column.
#[derive(Debug, Default)]
pub(crate) struct VariantBuilder {
    value: BinaryBuilder,
    metadata: BinaryBuilder,
    valid: Vec<bool>,
}

impl VariantBuilder {
    pub(crate) fn null(&mut self) {
        self.value.append_value([]);
        self.metadata.append_value([]);
        self.valid.push(false);
    }

    /// # Errors
    /// `VARIANT_SIZE_LIMIT`; an error of resources where a batch has more than 2 GiB.
    pub(crate) fn written(&mut self, writer: Writer) -> Result<()> {
        let (value, metadata) = writer.finish()?;
        crate::columns::check_offset(self.value.values_slice().len(), value.len())?;
        crate::columns::check_offset(self.metadata.values_slice().len(), metadata.len())?;
        self.value.append_value(value);
        self.metadata.append_value(metadata);
        self.valid.push(true);
        Ok(())
    }

    /// A value that may be part of another variant, with the names that it uses alone.
    ///
    /// # Errors
    /// `MALFORMED_VARIANT`, and those of [`VariantBuilder::written`].
    pub(crate) fn copied(&mut self, view: View<'_>) -> Result<()> {
        let mut writer = Writer::default();
        super::copy::copy(view, &mut writer)?;
        self.written(writer)
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        let DataType::Struct(fields) = SparkType::Variant.to_arrow() else {
            return Err(SparkError::internal("variants are structs"));
        };
        let columns: Vec<ArrayRef> =
            vec![Arc::new(self.value.finish()), Arc::new(self.metadata.finish())];
        let fields: Fields = fields;
        Ok(Arc::new(StructArray::try_new(fields, columns, Some(NullBuffer::from(self.valid)))?))
    }
}
