//! Some hundred rows of features with their labels and weights.

use crate::linalg::{VectorView, kernels};

/// Bytes of features that a block aims at: a core's second-level cache holds one and what is computed from it.
const BLOCK_BYTES: usize = 512 << 10;
/// Entries of a sparse block: an index and a value each.
const ENTRIES_MAX: usize = BLOCK_BYTES / 12;

/// Features of a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// Row by row, `n_features` each.
    Dense(Vec<f64>),
    /// Compressed rows: entries of row i are those from `starts[i]` to `starts[i + 1]`; indices ascend in a row.
    Sparse { starts: Vec<usize>, indices: Vec<u32>, values: Vec<f64> },
}

/// One row of a block.
#[derive(Debug, Clone, Copy)]
pub enum RowView<'a> {
    Dense(&'a [f64]),
    Sparse(&'a [u32], &'a [f64]),
}

/// Rows in memory.
#[derive(Debug, Clone)]
pub struct Block {
    pub n_features: usize,
    pub features: Features,
    /// One per row; empty if no label was asked for.
    pub labels: Vec<f64>,
    /// One per row; none: all weigh 1.
    pub weights: Option<Vec<f64>>,
    /// Further columns of doubles, in the order in which they were asked for.
    pub extra: Vec<Vec<f64>>,
    n_rows: usize,
}

impl Block {
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    pub fn row(&self, row: usize) -> RowView<'_> {
        match &self.features {
            Features::Dense(values) => {
                RowView::Dense(&values[row * self.n_features..(row + 1) * self.n_features])
            }
            Features::Sparse { starts, indices, values } => {
                let range = starts[row]..starts[row + 1];
                RowView::Sparse(&indices[range.clone()], &values[range])
            }
        }
    }

    /// `out[row] = row · x + shift`.
    pub fn margins(&self, x: &[f64], shift: f64, out: &mut Vec<f64>) {
        out.clear();
        match &self.features {
            Features::Dense(values) => {
                out.resize(self.n_rows, shift);
                kernels::gemv(1.0, values, x, 1.0, out);
            }
            Features::Sparse { .. } => {
                out.extend((0..self.n_rows).map(|row| self.row(row).dot(x) + shift));
            }
        }
    }

    /// Multiplies each feature by its factor.
    pub fn scale(&mut self, factors: &[f64]) {
        match &mut self.features {
            Features::Dense(values) => {
                for row in values.chunks_exact_mut(self.n_features.max(1)) {
                    row.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
                }
            }
            Features::Sparse { indices, values, .. } => {
                for (index, value) in indices.iter().zip(values) {
                    *value *= factors[*index as usize];
                }
            }
        }
    }

    /// `out += Σ factors[row] · row`.
    pub fn add_rows(&self, factors: &[f64], out: &mut [f64]) {
        match &self.features {
            Features::Dense(values) => kernels::gemv_transposed(1.0, values, factors, out),
            Features::Sparse { .. } => {
                for (row, factor) in factors.iter().enumerate() {
                    if *factor != 0.0 {
                        self.row(row).add_to(*factor, out);
                    }
                }
            }
        }
    }

    /// Bytes that the block takes.
    pub fn size_bytes(&self) -> usize {
        let features = match &self.features {
            Features::Dense(values) => 8 * values.len(),
            Features::Sparse { starts, indices, values } => {
                8 * starts.len() + 4 * indices.len() + 8 * values.len()
            }
        };
        let columns = 1 + usize::from(self.weights.is_some()) + self.extra.len();
        features + 8 * columns * self.n_rows
    }
}

impl RowView<'_> {
    pub fn dot(&self, x: &[f64]) -> f64 {
        match self {
            RowView::Dense(values) => kernels::dot(values, x),
            RowView::Sparse(indices, values) => {
                indices.iter().zip(*values).map(|(index, value)| value * x[*index as usize]).sum()
            }
        }
    }

    /// `out += factor · row`.
    pub fn add_to(&self, factor: f64, out: &mut [f64]) {
        match self {
            RowView::Dense(values) => kernels::axpy(factor, values, out),
            RowView::Sparse(indices, values) => {
                for (index, value) in indices.iter().zip(*values) {
                    out[*index as usize] += factor * value;
                }
            }
        }
    }

    pub fn get(&self, position: usize) -> f64 {
        match self {
            RowView::Dense(values) => values[position],
            RowView::Sparse(indices, values) => {
                indices.binary_search(&(position as u32)).map_or(0.0, |found| values[found])
            }
        }
    }

    /// Calls `f` with position and value of every entry that is not zero.
    pub fn for_each_nonzero(&self, mut f: impl FnMut(usize, f64)) {
        match self {
            RowView::Dense(values) => {
                for (position, value) in values.iter().enumerate() {
                    if *value != 0.0 {
                        f(position, *value);
                    }
                }
            }
            RowView::Sparse(indices, values) => {
                for (position, value) in indices.iter().zip(*values) {
                    if *value != 0.0 {
                        f(*position as usize, *value);
                    }
                }
            }
        }
    }
}

/// Collects rows into blocks.
#[derive(Debug)]
pub struct BlockBuilder {
    n_features: usize,
    n_extra: usize,
    blocks: Vec<Block>,
    current: Option<Block>,
    dense_rows_max: usize,
}

impl BlockBuilder {
    /// `n_extra` further columns beside label and weight.
    pub fn new(n_features: usize, n_extra: usize) -> Self {
        let dense_rows_max = (BLOCK_BYTES / 8 / n_features.max(1)).clamp(8, 8192);
        Self { n_features, n_extra, blocks: Vec::new(), current: None, dense_rows_max }
    }

    /// The block that takes a row of `n_entries` more.
    fn open(&mut self, is_dense: bool, n_entries: usize) -> &mut Block {
        let is_full = self.current.as_ref().is_some_and(|block| match &block.features {
            Features::Dense(_) => block.n_rows >= self.dense_rows_max,
            Features::Sparse { values, .. } => {
                values.len() + n_entries > ENTRIES_MAX || block.n_rows >= 8192
            }
        });
        if is_full {
            self.blocks.extend(self.current.take());
        }
        // A block of sparse rows takes some dense ones in; the other way round would waste memory.
        if let Some(Features::Dense(_)) = self.current.as_ref().map(|block| &block.features)
            && !is_dense
        {
            self.blocks.extend(self.current.take());
        }
        let (n_features, n_extra, n_rows) = (self.n_features, self.n_extra, self.dense_rows_max);
        self.current.get_or_insert_with(|| Block {
            n_features,
            features: match is_dense {
                true => Features::Dense(Vec::with_capacity(n_features * n_rows)),
                false => {
                    // All at once: growing by doubling would hold up to twice as much.
                    let n_entries = n_entries.max(ENTRIES_MAX);
                    let (indices, values) =
                        (Vec::with_capacity(n_entries), Vec::with_capacity(n_entries));
                    Features::Sparse { starts: vec![0], indices, values }
                }
            },
            labels: Vec::new(),
            weights: None,
            extra: vec![Vec::new(); n_extra],
            n_rows: 0,
        })
    }

    /// Appends one row; `features` has the builder's width.
    pub fn push(
        &mut self,
        features: VectorView<'_>,
        label: Option<f64>,
        weight: Option<f64>,
        extra: impl IntoIterator<Item = f64>,
    ) {
        // Sparse rows that are nearly full are cheaper dense.
        let is_dense = match features {
            VectorView::Dense(_) => true,
            VectorView::Sparse { size, values, .. } => 3 * values.len() >= 2 * size,
        };
        let n_entries = match features {
            VectorView::Dense(values) => values.len(),
            VectorView::Sparse { values, .. } => values.len(),
        };
        let block = self.open(is_dense, n_entries);
        match &mut block.features {
            Features::Dense(all) => match features {
                VectorView::Dense(values) => all.extend_from_slice(values),
                VectorView::Sparse { .. } => {
                    let from = all.len();
                    all.resize(from + features.size(), 0.0);
                    features.copy_to(&mut all[from..]);
                }
            },
            Features::Sparse { starts, indices, values } => {
                features.for_each_nonzero(|index, value| {
                    indices.push(index as u32);
                    values.push(value);
                });
                starts.push(values.len());
            }
        }
        block.labels.extend(label);
        if let Some(weight) = weight {
            block.weights.get_or_insert_default().push(weight);
        }
        for (column, value) in block.extra.iter_mut().zip(extra) {
            column.push(value);
        }
        block.n_rows += 1;
    }

    /// The next row opens a new block.
    pub fn cut(&mut self) {
        self.blocks.extend(self.current.take());
    }

    pub fn finish(mut self) -> Vec<Block> {
        self.blocks.extend(self.current.take());
        for block in &mut self.blocks {
            match &mut block.features {
                Features::Dense(values) => values.shrink_to_fit(),
                Features::Sparse { indices, values, .. } => {
                    indices.shrink_to_fit();
                    values.shrink_to_fit();
                }
            }
        }
        self.blocks
    }
}
