//! LIBSVM files: a line is a label and the entries of a vector that are not zero, `1 3:0.5 17:2`, counted from one.

use super::lines::Lines;
use crate::listing::FoundFile;
use crate::request::Options;
use crate::table::row_source::{Batches, RowFormat, Split, open_local};
use arrow::array::{ArrayRef, Float64Builder, Int8Builder, Int32Builder, ListArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use firesteel_common::types::UserDefinedType;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// Key of the metadata of the column of vectors: how many entries they have.
const N_FEATURES: &str = "numFeatures";

/// `label` and `features`, whose metadata has the number of features: the option `numFeatures`, else what the files
/// have.
///
/// # Errors
/// Of the file system, and lines that are none of this format.
pub fn infer_files(files: &[FoundFile], options: &Options) -> Result<StructType> {
    let given = options.number::<usize>(N_FEATURES)?.filter(|n| *n > 0);
    let n_features = match given {
        Some(n) => n,
        None => {
            let mut largest = 0;
            let mut row = Row::default();
            for file in files {
                let mut lines = Lines::new(open_local(&file.path)?, None)?;
                while let Some(line) = lines.next_line()? {
                    if row.parse(line)? {
                        let last = row.indices.last().map_or(0, |index| *index as usize + 1);
                        largest = largest.max(last);
                    }
                }
            }
            largest
        }
    };
    let mut features = StructField::new("features", vector_type(), true);
    features.metadata.insert(N_FEATURES.to_owned(), n_features.into());
    let attributes = serde_json::json!({ "num_attrs": n_features });
    features.metadata.insert("ml_attr".to_owned(), attributes);
    Ok(StructType::new(vec![StructField::new("label", SparkType::Double, true), features]))
}

/// The type of a column of vectors.
fn vector_type() -> SparkType {
    let list = |element| SparkType::Array { element: Box::new(element), contains_null: false };
    SparkType::Udt(Box::new(UserDefinedType {
        jvm_class: Some("org.apache.spark.ml.linalg.VectorUDT".to_owned()),
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

/// # Errors
/// The columns are no double and no vector.
pub(crate) fn check_columns(schema: &StructType) -> Result<(&StructField, &StructField)> {
    match schema.fields.as_slice() {
        [label, features]
            if label.data_type == SparkType::Double && features.data_type == vector_type() =>
        {
            Ok((label, features))
        }
        _ => {
            let shown = SparkType::Struct(schema.clone()).simple_string();
            let message = format!("Illegal schema for libsvm data, schema={shown}");
            Err(SparkError::new(ErrorKind::Execution, "", message))
        }
    }
}

/// The format for files with these columns.
///
/// # Errors
/// For other schemas than a double and a vector, and unknown vector types.
pub fn format(schema: &StructType, options: &Options) -> Result<Arc<dyn RowFormat>> {
    let (label, features) = check_columns(schema)?;
    let given = options.number::<usize>(N_FEATURES)?;
    let known = features.metadata.get(N_FEATURES).and_then(serde_json::Value::as_u64);
    let is_dense = match options.get("vectorType").unwrap_or("sparse") {
        "sparse" => false,
        "dense" => true,
        other => {
            return Err(illegal(format!(
                "Invalid value `{other}` for parameter `vectorType`. Expected types are `sparse` and `dense`."
            )));
        }
    };
    Ok(Arc::new(LibsvmFormat {
        label: label.name.clone(),
        features: Arc::new(Field::new(&features.name, features.data_type.to_arrow(), true)),
        n_features: given.or(known.map(|n| n as usize)).unwrap_or(0),
        is_dense,
    }))
}

#[derive(Debug)]
struct LibsvmFormat {
    label: String,
    features: FieldRef,
    n_features: usize,
    is_dense: bool,
}

impl RowFormat for LibsvmFormat {
    fn name(&self) -> &'static str {
        "libsvm"
    }

    fn splittable(&self) -> bool {
        true
    }

    fn read(&self, split: Split, columns: &[usize], batch_rows: usize) -> Result<Batches> {
        Ok(Box::new(LibsvmBatches {
            lines: Lines::new(split, None)?,
            columns: columns.to_vec(),
            label: Arc::new(Field::new(&self.label, DataType::Float64, true)),
            features: Arc::clone(&self.features),
            n_features: self.n_features,
            is_dense: self.is_dense,
            batch_rows,
            done: false,
        }))
    }
}

/// A line, taken apart.
#[derive(Debug, Default)]
struct Row {
    label: f64,
    /// Counted from zero, ascending.
    indices: Vec<i32>,
    values: Vec<f64>,
}

impl Row {
    /// Whether the line has a row: empty lines and comments have none.
    fn parse(&mut self, line: &[u8]) -> Result<bool> {
        self.indices.clear();
        self.values.clear();
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(false);
        }
        let mut items = line.split(' ').filter(|item| !item.is_empty());
        self.label = number(items.next().unwrap_or_default())?;
        let mut previous = -1;
        for item in items {
            let (index, value) = item.split_once(':').ok_or_else(|| not_a_number(item))?;
            let index = index.parse::<i32>().map_err(|_| not_a_number(index))? - 1;
            if index <= previous {
                return Err(illegal(format!(
                    "requirement failed: indices should be one-based and in ascending order; found current={index}, \
                     previous={previous}; line=\"{line}\""
                )));
            }
            previous = index;
            self.indices.push(index);
            self.values.push(number(value)?);
        }
        Ok(true)
    }
}

fn illegal(message: String) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}

fn number(text: &str) -> Result<f64> {
    text.parse().map_err(|_| not_a_number(text))
}

fn not_a_number(text: &str) -> SparkError {
    illegal(format!("For input string: \"{text}\""))
}

struct LibsvmBatches {
    lines: Lines,
    columns: Vec<usize>,
    label: FieldRef,
    features: FieldRef,
    n_features: usize,
    is_dense: bool,
    batch_rows: usize,
    done: bool,
}

impl LibsvmBatches {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut labels = Float64Builder::new();
        let mut vectors = Vectors::default();
        let mut row = Row::default();
        let mut n_rows = 0;
        while !self.done && n_rows < self.batch_rows {
            match self.lines.next_line()? {
                None => self.done = true,
                Some(line) => {
                    if !row.parse(line)? {
                        continue;
                    }
                    if let Some(last) = row.indices.last()
                        && *last as usize >= self.n_features
                    {
                        return Err(illegal(format!(
                            "requirement failed: Index {last} out of bounds for vector of size {}",
                            self.n_features
                        )));
                    }
                    n_rows += 1;
                    labels.append_value(row.label);
                    vectors.push(&row, self.n_features, self.is_dense);
                }
            }
        }
        if n_rows == 0 {
            return Ok(None);
        }
        let labels: ArrayRef = Arc::new(labels.finish());
        let vectors = vectors.finish(&self.features)?;
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for column in &self.columns {
            let (field, array) = match column {
                0 => (&self.label, &labels),
                _ => (&self.features, &vectors),
            };
            fields.push(Arc::clone(field));
            arrays.push(Arc::clone(array));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
        let schema = Arc::new(Schema::new(fields));
        Ok(Some(RecordBatch::try_new_with_options(schema, arrays, &options)?))
    }
}

impl Iterator for LibsvmBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch();
        self.done |= batch.is_err();
        batch.transpose()
    }
}

/// Builds a column of vectors.
#[derive(Debug, Default)]
struct Vectors {
    kinds: Int8Builder,
    sizes: Int32Builder,
    indices: Int32Builder,
    n_indices: Vec<usize>,
    values: Float64Builder,
    n_values: Vec<usize>,
    is_sparse: Vec<bool>,
}

impl Vectors {
    fn push(&mut self, row: &Row, size: usize, is_dense: bool) {
        self.kinds.append_value(i8::from(is_dense));
        self.is_sparse.push(!is_dense);
        if is_dense {
            let mut all = vec![0.0; size];
            for (index, value) in row.indices.iter().zip(&row.values) {
                all[*index as usize] = *value;
            }
            self.sizes.append_null();
            self.n_indices.push(0);
            self.values.append_slice(&all);
            self.n_values.push(size);
        } else {
            self.sizes.append_value(size as i32);
            self.indices.append_slice(&row.indices);
            self.n_indices.push(row.indices.len());
            self.values.append_slice(&row.values);
            self.n_values.push(row.values.len());
        }
    }

    fn finish(mut self, field: &Field) -> Result<ArrayRef> {
        let DataType::Struct(fields) = field.data_type() else {
            return Err(SparkError::internal("vectors are no structs"));
        };
        let list = |at: usize, lengths: Vec<usize>, values: ArrayRef, nulls: Option<NullBuffer>| {
            let DataType::List(element) = fields[at].data_type() else {
                return Err(SparkError::internal("vectors have no lists"));
            };
            let offsets = OffsetBuffer::from_lengths(lengths);
            let list: ArrayRef =
                Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, nulls)?);
            Ok(list)
        };
        let indices: ArrayRef = Arc::new(self.indices.finish());
        let values: ArrayRef = Arc::new(self.values.finish());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.kinds.finish()),
            Arc::new(self.sizes.finish()),
            list(2, self.n_indices, indices, Some(NullBuffer::from(self.is_sparse)))?,
            list(3, self.n_values, values, None)?,
        ];
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn lines() {
        let mut row = Row::default();
        assert!(!row.parse(b"  ").unwrap() && !row.parse(b"# 1 1:2").unwrap());
        assert!(row.parse(b"-1 2:0.5  10:3 ").unwrap());
        assert_eq!(
            (row.label, &row.indices[..], &row.values[..]),
            (-1.0, &[1, 9][..], &[0.5, 3.0][..])
        );
        assert!(row.parse(b"1 2:1 2:1").is_err());
        assert!(row.parse(b"1 0:1").is_err());
    }
}
