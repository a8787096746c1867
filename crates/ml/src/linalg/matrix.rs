//! One matrix: `org.apache.spark.ml.linalg.Matrix`.

use serde::{Deserialize, Serialize};

/// A matrix of doubles, column by column unless `transposed` (then row by row).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    pub n_rows: usize,
    pub n_cols: usize,
    pub transposed: bool,
    pub storage: MatrixStorage,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum MatrixStorage {
    /// All `n_rows * n_cols` entries.
    Dense(Vec<f64>),
    /// Compressed columns (rows, if transposed): entries of column j are those from `starts[j]` to `starts[j + 1]`.
    Sparse { starts: Vec<i32>, indices: Vec<i32>, values: Vec<f64> },
}

impl Matrix {
    /// A dense matrix of entries column by column.
    pub fn dense(n_rows: usize, n_cols: usize, values: Vec<f64>) -> Self {
        Self { n_rows, n_cols, transposed: false, storage: MatrixStorage::Dense(values) }
    }

    /// A dense matrix of entries row by row; Spark calls it transposed.
    pub fn row_major(n_rows: usize, n_cols: usize, values: Vec<f64>) -> Self {
        Self { n_rows, n_cols, transposed: true, storage: MatrixStorage::Dense(values) }
    }

    fn dense_position(&self, row: usize, col: usize) -> usize {
        if self.transposed { row * self.n_cols + col } else { col * self.n_rows + row }
    }

    /// Calls `f` with row, column and value of every stored entry.
    pub fn for_each_stored(&self, mut f: impl FnMut(usize, usize, f64)) {
        match &self.storage {
            MatrixStorage::Dense(values) => {
                for col in 0..self.n_cols {
                    for row in 0..self.n_rows {
                        f(row, col, values[self.dense_position(row, col)]);
                    }
                }
            }
            MatrixStorage::Sparse { starts, indices, values } => {
                for (major, ends) in starts.windows(2).enumerate() {
                    for position in ends[0] as usize..ends[1] as usize {
                        let minor = indices[position] as usize;
                        let (row, col) =
                            if self.transposed { (major, minor) } else { (minor, major) };
                        f(row, col, values[position]);
                    }
                }
            }
        }
    }

    /// All entries row by row.
    pub fn to_row_major(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.n_rows * self.n_cols];
        self.for_each_stored(|row, col, value| out[row * self.n_cols + col] = value);
        out
    }

    /// All entries column by column.
    pub fn to_column_major(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.n_rows * self.n_cols];
        self.for_each_stored(|row, col, value| out[col * self.n_rows + row] = value);
        out
    }

    /// One row.
    pub fn row(&self, row: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.n_cols];
        self.for_each_stored(|at, col, value| {
            if at == row {
                out[col] = value;
            }
        });
        out
    }

    /// Whichever form and order takes least space, as Spark's `compressed`.
    pub fn compressed(&self) -> Matrix {
        let mut n_nonzero = 0_usize;
        self.for_each_stored(|_, _, value| n_nonzero += usize::from(value != 0.0));
        // Bytes as Spark counts them: arrays, their heads, and the references to them.
        let dense = 8 * self.n_rows * self.n_cols + 16 + 8;
        let sparse = |n_major: usize| 12 * n_nonzero + 4 * (n_major + 1) + 3 * 16 + 8;
        let (by_column, by_row) = (sparse(self.n_cols), sparse(self.n_rows));
        if dense <= by_column.min(by_row) {
            return match self.storage {
                MatrixStorage::Dense(_) => self.clone(),
                MatrixStorage::Sparse { .. } => {
                    Matrix::dense(self.n_rows, self.n_cols, self.to_column_major())
                }
            };
        }
        self.to_sparse(by_row < by_column)
    }

    /// Compressed rows or columns, without zeros.
    pub fn to_sparse(&self, by_row: bool) -> Matrix {
        let n_major = if by_row { self.n_rows } else { self.n_cols };
        let mut entries = vec![Vec::new(); n_major];
        self.for_each_stored(|row, col, value| {
            if value != 0.0 {
                let (major, minor) = if by_row { (row, col) } else { (col, row) };
                entries[major].push((minor as i32, value));
            }
        });
        let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
        for mut own in entries {
            own.sort_by_key(|(minor, _)| *minor);
            indices.extend(own.iter().map(|(minor, _)| *minor));
            values.extend(own.iter().map(|(_, value)| *value));
            starts.push(indices.len() as i32);
        }
        let storage = MatrixStorage::Sparse { starts, indices, values };
        Matrix { n_rows: self.n_rows, n_cols: self.n_cols, transposed: by_row, storage }
    }

    /// As saved parameters have it.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.storage {
            MatrixStorage::Dense(values) => serde_json::json!({
                "class": "matrix", "type": 1, "numRows": self.n_rows, "numCols": self.n_cols,
                "values": values, "isTransposed": self.transposed,
            }),
            MatrixStorage::Sparse { starts, indices, values } => serde_json::json!({
                "class": "matrix", "type": 0, "numRows": self.n_rows, "numCols": self.n_cols,
                "colPtrs": starts, "rowIndices": indices, "values": values,
                "isTransposed": self.transposed,
            }),
        }
    }

    /// What [`Matrix::to_json`] gave; none for anything else.
    pub fn from_json(value: &serde_json::Value) -> Option<Matrix> {
        let doubles: Option<Vec<f64>> =
            value.get("values")?.as_array()?.iter().map(serde_json::Value::as_f64).collect();
        let ints = |key: &str| -> Option<Vec<i32>> {
            let list = value.get(key)?.as_array()?.iter();
            list.map(|item| i32::try_from(item.as_i64()?).ok()).collect()
        };
        let size = |key: &str| usize::try_from(value.get(key)?.as_i64()?).ok();
        let storage = match value.get("type")?.as_i64()? {
            1 => MatrixStorage::Dense(doubles?),
            _ => MatrixStorage::Sparse {
                starts: ints("colPtrs")?,
                indices: ints("rowIndices")?,
                values: doubles?,
            },
        };
        let transposed = value.get("isTransposed").and_then(serde_json::Value::as_bool);
        Some(Matrix {
            n_rows: size("numRows")?,
            n_cols: size("numCols")?,
            transposed: transposed.unwrap_or(false),
            storage,
        })
    }
}
