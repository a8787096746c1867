//! Whole columns of vectors and matrices: Spark's UDTs as Arrow structs.

use super::{Matrix, MatrixStorage, Vector, VectorView};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int8Array, Int32Array, ListArray,
    NullBufferBuilder, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, FieldRef, Float64Type, Int8Type, Int32Type};
use firesteel_common::types::UserDefinedType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

const VECTOR_CLASS: &str = "org.apache.spark.ml.linalg.VectorUDT";
const MATRIX_CLASS: &str = "org.apache.spark.ml.linalg.MatrixUDT";

fn list_of(element: SparkType) -> SparkType {
    SparkType::Array { element: Box::new(element), contains_null: false }
}

fn udt(class: &str, python: &str, fields: Vec<StructField>) -> SparkType {
    SparkType::Udt(Box::new(UserDefinedType {
        jvm_class: Some(class.to_owned()),
        python_class: Some(python.to_owned()),
        serialized_python_class: None,
        sql_type: SparkType::Struct(StructType::new(fields)),
    }))
}

/// The type of a column of vectors.
pub fn vector_type() -> SparkType {
    udt(
        VECTOR_CLASS,
        "pyspark.ml.linalg.VectorUDT",
        vec![
            StructField::new("type", SparkType::Byte, false),
            StructField::new("size", SparkType::Integer, true),
            StructField::new("indices", list_of(SparkType::Integer), true),
            StructField::new("values", list_of(SparkType::Double), true),
        ],
    )
}

/// The type of a column of matrices.
pub fn matrix_type() -> SparkType {
    udt(
        MATRIX_CLASS,
        "pyspark.ml.linalg.MatrixUDT",
        vec![
            StructField::new("type", SparkType::Byte, false),
            StructField::new("numRows", SparkType::Integer, false),
            StructField::new("numCols", SparkType::Integer, false),
            StructField::new("colPtrs", list_of(SparkType::Integer), true),
            StructField::new("rowIndices", list_of(SparkType::Integer), true),
            StructField::new("values", list_of(SparkType::Double), true),
            StructField::new("isTransposed", SparkType::Boolean, false),
        ],
    )
}

/// The same type as `pyspark.mllib` has it; the models of some older algorithms are saved and shown in it.
pub(crate) fn of_mllib(mut kind: SparkType) -> SparkType {
    if let SparkType::Udt(udt) = &mut kind {
        for name in [&mut udt.jvm_class, &mut udt.python_class].into_iter().flatten() {
            *name = name.replace(".ml.", ".mllib.");
        }
    }
    kind
}

pub fn is_vector(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Udt(udt) if udt.jvm_class.as_deref() == Some(VECTOR_CLASS))
}

pub fn is_matrix(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Udt(udt) if udt.jvm_class.as_deref() == Some(MATRIX_CLASS))
}

fn broken() -> SparkError {
    SparkError::internal("a column of vectors has not the type of one")
}

fn int_list(column: &ArrayRef) -> Result<(&ListArray, &[i32])> {
    let list = column.as_list_opt::<i32>().ok_or_else(broken)?;
    let values = list.values().as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
    Ok((list, values.values()))
}

fn double_list(column: &ArrayRef) -> Result<(&ListArray, &[f64])> {
    let list = column.as_list_opt::<i32>().ok_or_else(broken)?;
    let values = list.values().as_primitive_opt::<Float64Type>().ok_or_else(broken)?;
    Ok((list, values.values()))
}

fn range(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    offsets[row] as usize..offsets[row + 1] as usize
}

/// A column of vectors, read in place.
#[derive(Debug)]
pub struct VectorColumn<'a> {
    nulls: Option<&'a NullBuffer>,
    n_rows: usize,
    types: &'a [i8],
    sizes: &'a [i32],
    indices: (&'a ListArray, &'a [i32]),
    values: (&'a ListArray, &'a [f64]),
}

impl<'a> VectorColumn<'a> {
    /// # Errors
    /// An internal error: the column is none of vectors.
    pub fn new(column: &'a ArrayRef) -> Result<Self> {
        let own = column.as_struct_opt().ok_or_else(broken)?;
        if own.num_columns() != 4 {
            return Err(broken());
        }
        Ok(Self {
            nulls: own.nulls(),
            n_rows: own.len(),
            types: own.column(0).as_primitive_opt::<Int8Type>().ok_or_else(broken)?.values(),
            sizes: own.column(1).as_primitive_opt::<Int32Type>().ok_or_else(broken)?.values(),
            indices: int_list(own.column(2))?,
            values: double_list(own.column(3))?,
        })
    }

    pub fn len(&self) -> usize {
        self.n_rows
    }

    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// The vector of a row; none for null.
    pub fn get(&self, row: usize) -> Option<VectorView<'a>> {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            return None;
        }
        let values = &self.values.1[range(self.values.0, row)];
        Some(match self.types[row] {
            0 => VectorView::Sparse {
                size: self.sizes[row].max(0) as usize,
                indices: &self.indices.1[range(self.indices.0, row)],
                values,
            },
            _ => VectorView::Dense(values),
        })
    }

    /// All rows as one row-major matrix and its width, if all are dense, not null and equally long: without a copy.
    pub fn as_dense(&self) -> Option<(&'a [f64], usize)> {
        if self.nulls.is_some_and(|nulls| nulls.null_count() > 0) || self.n_rows == 0 {
            return None;
        }
        if self.types.iter().any(|kind| *kind != 1) {
            return None;
        }
        let offsets = self.values.0.value_offsets();
        let width = offsets[1] - offsets[0];
        if offsets.windows(2).any(|pair| pair[1] - pair[0] != width) {
            return None;
        }
        let all = &self.values.1[offsets[0] as usize..offsets[self.n_rows] as usize];
        Some((all, width as usize))
    }
}

/// Makes a column of vectors.
#[derive(Debug, Default)]
pub struct VectorColumnBuilder {
    types: Vec<i8>,
    sizes: Vec<i32>,
    /// Whether `sizes` and `indices` are set: of sparse vectors only.
    is_sparse: Vec<bool>,
    index_ends: Vec<i32>,
    indices: Vec<i32>,
    value_ends: Vec<i32>,
    values: Vec<f64>,
    is_set: Vec<bool>,
}

impl VectorColumnBuilder {
    pub fn with_capacity(n_rows: usize, n_values: usize) -> Self {
        Self {
            types: Vec::with_capacity(n_rows),
            sizes: Vec::with_capacity(n_rows),
            is_sparse: Vec::with_capacity(n_rows),
            index_ends: Vec::with_capacity(n_rows),
            value_ends: Vec::with_capacity(n_rows),
            values: Vec::with_capacity(n_values),
            indices: Vec::new(),
            is_set: Vec::with_capacity(n_rows),
        }
    }

    fn end_row(&mut self, kind: i8, size: i32, is_set: bool) {
        self.types.push(kind);
        self.sizes.push(size);
        self.is_sparse.push(is_set && kind == 0);
        self.index_ends.push(self.indices.len() as i32);
        self.value_ends.push(self.values.len() as i32);
        self.is_set.push(is_set);
    }

    pub fn push_dense(&mut self, values: &[f64]) {
        self.values.extend_from_slice(values);
        self.end_row(1, 0, true);
    }

    /// Appends a dense vector whose entries `fill` pushes.
    pub fn push_dense_with(&mut self, fill: impl FnOnce(&mut Vec<f64>)) {
        fill(&mut self.values);
        self.end_row(1, 0, true);
    }

    /// Indices ascend.
    pub fn push_sparse(&mut self, size: usize, indices: &[i32], values: &[f64]) {
        self.indices.extend_from_slice(indices);
        self.values.extend_from_slice(values);
        self.end_row(0, size as i32, true);
    }

    pub fn push(&mut self, vector: VectorView<'_>) {
        match vector {
            VectorView::Dense(values) => self.push_dense(values),
            VectorView::Sparse { size, indices, values } => self.push_sparse(size, indices, values),
        }
    }

    /// Appends whichever form takes less space.
    pub fn push_compressed(&mut self, vector: VectorView<'_>) {
        self.push(vector.compressed().view());
    }

    pub fn push_null(&mut self) {
        self.end_row(1, 0, false);
    }

    /// # Errors
    /// More values than an Arrow column can have.
    pub fn finish(self) -> Result<ArrayRef> {
        let DataType::Struct(fields) = vector_type().to_arrow() else { return Err(broken()) };
        let nulls = |is_set: &[bool]| -> Option<NullBuffer> {
            if is_set.iter().all(|set| *set) {
                return None;
            }
            let mut nulls = NullBufferBuilder::new(is_set.len());
            is_set.iter().for_each(|set| nulls.append(*set));
            nulls.finish()
        };
        if self.values.len() > i32::MAX as usize {
            return Err(SparkError::internal("a batch of vectors holds too many values"));
        }
        let sparse = nulls(&self.is_sparse);
        let set = nulls(&self.is_set);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int8Array::from(self.types)),
            Arc::new(Int32Array::new(self.sizes.into(), sparse.clone())),
            list(&fields[2], self.index_ends, Arc::new(Int32Array::from(self.indices)), sparse)?,
            list(
                &fields[3],
                self.value_ends,
                Arc::new(Float64Array::from(self.values)),
                set.clone(),
            )?,
        ];
        Ok(Arc::new(StructArray::try_new(fields, columns, set)?))
    }
}

fn list(
    field: &FieldRef,
    ends: Vec<i32>,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let DataType::List(element) = field.data_type() else { return Err(broken()) };
    let mut offsets = Vec::with_capacity(ends.len() + 1);
    offsets.push(0);
    offsets.extend(ends);
    let offsets = OffsetBuffer::new(offsets.into());
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, nulls)?))
}

impl Vector {
    /// A column of these vectors.
    ///
    /// # Errors
    /// As [`VectorColumnBuilder::finish`].
    pub fn column<'a>(vectors: impl IntoIterator<Item = &'a Vector>) -> Result<ArrayRef> {
        let mut builder = VectorColumnBuilder::default();
        vectors.into_iter().for_each(|vector| builder.push(vector.view()));
        builder.finish()
    }
}

/// A column of matrices, read in place.
#[derive(Debug)]
pub struct MatrixColumn<'a>(&'a StructArray);

impl<'a> MatrixColumn<'a> {
    /// # Errors
    /// An internal error: the column is none of matrices.
    pub fn new(column: &'a ArrayRef) -> Result<Self> {
        let own = column.as_struct_opt().ok_or_else(broken)?;
        if own.num_columns() == 7 { Ok(Self(own)) } else { Err(broken()) }
    }

    /// The matrix of a row; none for null.
    ///
    /// # Errors
    /// As [`MatrixColumn::new`].
    pub fn get(&self, row: usize) -> Result<Option<Matrix>> {
        let own = self.0;
        if own.is_null(row) {
            return Ok(None);
        }
        let int = |at: usize| -> Result<usize> {
            let column = own.column(at).as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
            Ok(column.value(row).max(0) as usize)
        };
        let ints = |at: usize| -> Result<Vec<i32>> {
            let (list, values) = int_list(own.column(at))?;
            Ok(values[range(list, row)].to_vec())
        };
        let (list, values) = double_list(own.column(5))?;
        let values = values[range(list, row)].to_vec();
        let kind = own.column(0).as_primitive_opt::<Int8Type>().ok_or_else(broken)?.value(row);
        let storage = match kind {
            0 => MatrixStorage::Sparse { starts: ints(3)?, indices: ints(4)?, values },
            _ => MatrixStorage::Dense(values),
        };
        let transposed = own.column(6).as_boolean_opt().ok_or_else(broken)?.value(row);
        Ok(Some(Matrix { n_rows: int(1)?, n_cols: int(2)?, transposed, storage }))
    }
}

/// Makes a column of matrices.
#[derive(Debug, Default)]
pub struct MatrixColumnBuilder(Vec<Matrix>);

impl MatrixColumnBuilder {
    pub fn push(&mut self, matrix: Matrix) {
        self.0.push(matrix);
    }

    /// # Errors
    /// More values than an Arrow column can have.
    pub fn finish(self) -> Result<ArrayRef> {
        let DataType::Struct(fields) = matrix_type().to_arrow() else { return Err(broken()) };
        let (mut starts, mut start_ends) = (Vec::new(), Vec::new());
        let (mut indices, mut index_ends) = (Vec::new(), Vec::new());
        let (mut values, mut value_ends) = (Vec::new(), Vec::new());
        let mut sparse = NullBufferBuilder::new(self.0.len());
        let (mut kinds, mut n_rows, mut n_cols) = (Vec::new(), Vec::new(), Vec::new());
        let mut transposed = Vec::new();
        for matrix in &self.0 {
            match &matrix.storage {
                MatrixStorage::Dense(own) => {
                    kinds.push(1_i8);
                    sparse.append_null();
                    values.extend_from_slice(own);
                }
                MatrixStorage::Sparse { starts: s, indices: i, values: v } => {
                    kinds.push(0);
                    sparse.append_non_null();
                    starts.extend_from_slice(s);
                    indices.extend_from_slice(i);
                    values.extend_from_slice(v);
                }
            }
            start_ends.push(starts.len() as i32);
            index_ends.push(indices.len() as i32);
            value_ends.push(values.len() as i32);
            n_rows.push(matrix.n_rows as i32);
            n_cols.push(matrix.n_cols as i32);
            transposed.push(matrix.transposed);
        }
        let sparse = sparse.finish();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int8Array::from(kinds)),
            Arc::new(Int32Array::from(n_rows)),
            Arc::new(Int32Array::from(n_cols)),
            list(&fields[3], start_ends, Arc::new(Int32Array::from(starts)), sparse.clone())?,
            list(&fields[4], index_ends, Arc::new(Int32Array::from(indices)), sparse)?,
            list(&fields[5], value_ends, Arc::new(Float64Array::from(values)), None)?,
            Arc::new(BooleanArray::from(transposed)),
        ];
        Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
    }
}

impl Matrix {
    /// A column of this one matrix.
    ///
    /// # Errors
    /// As [`MatrixColumnBuilder::finish`].
    pub fn column(&self) -> Result<ArrayRef> {
        let mut builder = MatrixColumnBuilder::default();
        builder.push(self.clone());
        builder.finish()
    }
}
