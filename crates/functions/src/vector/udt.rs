//! MLlib's vectors as columns: a tag on a struct of form, size, indices and values.

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::datatypes::{Float64Type, Int8Type, Int32Type};
use firesteel_common::types::UserDefinedType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::ops::Range;

/// Spark's class of the type.
pub(crate) const VECTOR_CLASS: &str = "org.apache.spark.ml.linalg.VectorUDT";

/// The type of a column of vectors.
pub(crate) fn vector_type() -> SparkType {
    let list = |element| SparkType::Array { element: Box::new(element), contains_null: false };
    SparkType::Udt(Box::new(UserDefinedType {
        jvm_class: Some(VECTOR_CLASS.to_owned()),
        python_class: Some("pyspark.ml.linalg.VectorUDT".to_owned()),
        serialized_python_class: None,
        sql_type: SparkType::Struct(StructType::new(vec![
            StructField::new("type", SparkType::Byte, false),
            StructField::new("size", SparkType::Integer, true),
            StructField::new("indices", list(SparkType::Integer), true),
            StructField::new("values", list(SparkType::Double), true),
        ])),
    }))
}

pub(crate) fn is_vector(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Udt(udt) if udt.jvm_class.as_deref() == Some(VECTOR_CLASS))
}

/// A vector of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Vector<'a> {
    Dense(&'a [f64]),
    Sparse { size: usize, indices: &'a [i32], values: &'a [f64] },
}

impl Vector<'_> {
    pub(crate) fn size(&self) -> usize {
        match self {
            Vector::Dense(values) => values.len(),
            Vector::Sparse { size, .. } => *size,
        }
    }

    /// Calls `f` with position and value of every entry that is not zero.
    pub(crate) fn for_each_nonzero(&self, mut f: impl FnMut(usize, f64)) {
        match self {
            Vector::Dense(values) => {
                values.iter().enumerate().filter(|(_, v)| **v != 0.0).for_each(|(i, v)| f(i, *v));
            }
            Vector::Sparse { indices, values, .. } => {
                let entries = indices.iter().zip(*values).filter(|(_, v)| **v != 0.0);
                entries.for_each(|(i, v)| f(*i as usize, *v));
            }
        }
    }
}

/// A column of vectors, read in place.
#[derive(Debug)]
pub(crate) struct Vectors<'a> {
    column: &'a ArrayRef,
    types: &'a [i8],
    sizes: &'a [i32],
    index_lists: &'a ListArray,
    indices: &'a [i32],
    value_lists: &'a ListArray,
    values: &'a [f64],
}

impl<'a> Vectors<'a> {
    /// # Errors
    /// An internal error: the column has no vectors.
    pub(crate) fn of(column: &'a ArrayRef) -> Result<Self> {
        let broken = || SparkError::internal("a column of vectors has not the type of one");
        let parts = column.as_struct_opt().filter(|parts| parts.num_columns() == 4);
        let parts = parts.ok_or_else(broken)?;
        let index_lists = parts.column(2).as_list_opt::<i32>().ok_or_else(broken)?;
        let value_lists = parts.column(3).as_list_opt::<i32>().ok_or_else(broken)?;
        let sizes = parts.column(1).as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
        let indices = index_lists.values().as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
        let values = value_lists.values().as_primitive_opt::<Float64Type>().ok_or_else(broken)?;
        Ok(Self {
            column,
            types: parts.column(0).as_primitive_opt::<Int8Type>().ok_or_else(broken)?.values(),
            sizes: sizes.values(),
            index_lists,
            indices: indices.values(),
            value_lists,
            values: values.values(),
        })
    }

    /// The vector of a row; none for null.
    pub(crate) fn get(&self, row: usize) -> Option<Vector<'a>> {
        if self.column.is_null(row) {
            return None;
        }
        let range = |list: &ListArray| -> Range<usize> {
            let offsets = list.value_offsets();
            offsets[row] as usize..offsets[row + 1] as usize
        };
        let values = &self.values[range(self.value_lists)];
        Some(match self.types[row] {
            0 => Vector::Sparse {
                size: usize::try_from(self.sizes[row]).unwrap_or(0),
                indices: &self.indices[range(self.index_lists)],
                values,
            },
            _ => Vector::Dense(values),
        })
    }
}
