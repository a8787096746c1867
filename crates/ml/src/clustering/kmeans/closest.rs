//! The closest of a few centres to each row: inner products of blocks of rows with panels of eight centres.

use crate::data::{Block, Features, RowView};
use crate::linalg::kernels;

/// Centres in a panel: what two vector registers hold.
const PANEL: usize = 8;

/// Rows that walk through a panel together.
const ROWS: usize = 4;

/// How far rows are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Distance {
    /// The square of the Euclidean distance.
    Euclidean,
    /// One less the cosine of the angle.
    Cosine,
}

impl Distance {
    /// By Spark's name.
    pub fn of(name: &str) -> Self {
        if name == "cosine" { Distance::Cosine } else { Distance::Euclidean }
    }

    pub fn name(self) -> &'static str {
        match self {
            Distance::Euclidean => "euclidean",
            Distance::Cosine => "cosine",
        }
    }

    /// Of two vectors.
    pub fn between(self, x: &[f64], y: &[f64]) -> f64 {
        match self {
            Distance::Euclidean => kernels::squared_distance(x, y),
            Distance::Cosine => 1.0 - kernels::dot(x, y) / kernels::norm(x) / kernels::norm(y),
        }
    }
}

/// Centres as the search wants them.
#[derive(Debug)]
pub struct Centers {
    pub distance: Distance,
    pub n_centers: usize,
    pub n_features: usize,
    /// Row by row.
    pub values: Vec<f64>,
    /// Panels of eight centres, feature by feature; missing ones are zero.
    panels: Vec<f64>,
    squares: Vec<f64>,
}

impl Centers {
    /// `values` holds a centre per row.
    pub fn new(values: Vec<f64>, n_features: usize, distance: Distance) -> Self {
        let n_centers = if n_features == 0 { 0 } else { values.len() / n_features };
        let mut panels = vec![0.0; n_centers.div_ceil(PANEL) * PANEL * n_features];
        for center in 0..n_centers {
            let panel = center / PANEL * PANEL * n_features;
            for feature in 0..n_features {
                panels[panel + feature * PANEL + center % PANEL] =
                    values[center * n_features + feature];
            }
        }
        let squares =
            values.chunks_exact(n_features.max(1)).map(|row| kernels::dot(row, row)).collect();
        Self { distance, n_centers, n_features, values, panels, squares }
    }

    pub fn center(&self, index: usize) -> &[f64] {
        &self.values[index * self.n_features..(index + 1) * self.n_features]
    }

    /// Calls `take` with the position of every row of a block, its closest centre (the first of equally close ones)
    /// and the distance to it. `products` is room that calls share.
    pub fn for_each_closest(
        &self,
        block: &Block,
        products: &mut Vec<f64>,
        mut take: impl FnMut(usize, usize, f64),
    ) {
        if self.n_centers == 0 {
            return;
        }
        let n_padded = self.n_centers.div_ceil(PANEL) * PANEL;
        let d = self.n_features;
        // So many rows that their products stay in the first-level cache.
        let n_together = (2048 / n_padded).clamp(ROWS, 256) / ROWS * ROWS;
        products.clear();
        products.resize(n_together * n_padded, 0.0);
        let mut from = 0;
        while from < block.n_rows() {
            let n_rows = n_together.min(block.n_rows() - from);
            match &block.features {
                Features::Dense(values) => {
                    self.dense_products(&values[from * d..(from + n_rows) * d], n_padded, products);
                }
                Features::Sparse { .. } => {
                    for row in 0..n_rows {
                        let out = &mut products[row * n_padded..(row + 1) * n_padded];
                        self.sparse_products(block.row(from + row), out);
                    }
                }
            }
            for row in 0..n_rows {
                let own = &products[row * n_padded..row * n_padded + self.n_centers];
                let (index, distance) = self.choose(block.row(from + row), own);
                take(from + row, index, distance);
            }
            from += n_rows;
        }
    }

    fn dense_products(&self, rows: &[f64], n_padded: usize, out: &mut [f64]) {
        let d = self.n_features;
        let n_rows = rows.len() / d;
        let mut row = 0;
        while row < n_rows {
            let n_taken = ROWS.min(n_rows - row);
            // A short last group repeats its last row.
            let taken: [&[f64]; ROWS] = std::array::from_fn(|at| {
                let at = row + at.min(n_taken - 1);
                &rows[at * d..(at + 1) * d]
            });
            for (number, panel) in self.panels.chunks_exact(PANEL * d).enumerate() {
                let mut sums = [[0.0_f64; PANEL]; ROWS];
                for (feature, centers) in panel.chunks_exact(PANEL).enumerate() {
                    for (sums, row) in sums.iter_mut().zip(taken) {
                        let value = row[feature];
                        for lane in 0..PANEL {
                            sums[lane] = value.mul_add(centers[lane], sums[lane]);
                        }
                    }
                }
                for (at, sums) in sums.iter().enumerate().take(n_taken) {
                    let to = (row + at) * n_padded + number * PANEL;
                    out[to..to + PANEL].copy_from_slice(sums);
                }
            }
            row += n_taken;
        }
    }

    fn sparse_products(&self, row: RowView<'_>, out: &mut [f64]) {
        for (number, panel) in self.panels.chunks_exact(PANEL * self.n_features).enumerate() {
            let mut sums = [0.0_f64; PANEL];
            row.for_each_nonzero(|feature, value| {
                let centers = &panel[feature * PANEL..(feature + 1) * PANEL];
                for lane in 0..PANEL {
                    sums[lane] = value.mul_add(centers[lane], sums[lane]);
                }
            });
            out[number * PANEL..(number + 1) * PANEL].copy_from_slice(&sums);
        }
    }

    fn choose(&self, row: RowView<'_>, products: &[f64]) -> (usize, f64) {
        let square = row_square(row);
        if self.distance == Distance::Cosine {
            let norm = square.sqrt();
            let mut best = (0, f64::INFINITY);
            for (index, product) in products.iter().enumerate() {
                let distance = 1.0 - product / norm / self.squares[index].sqrt();
                if distance < best.1 {
                    best = (index, distance);
                }
            }
            return best;
        }
        let mut best = (0, f64::INFINITY);
        let mut largest = 0.0_f64;
        for (index, (product, center)) in products.iter().zip(&self.squares).enumerate() {
            let shifted = (-2.0_f64).mul_add(*product, *center);
            largest = largest.max(*center);
            if shifted < best.1 {
                best = (index, shifted);
            }
        }
        let distance = square + best.1;
        // What the difference of large squares cannot tell is computed plainly.
        let unsure = 1e-13 * (square + largest) * self.n_features.max(16) as f64;
        if distance > 1e4 * unsure {
            let near = best.1 + unsure;
            let is_clear =
                products.iter().zip(&self.squares).enumerate().all(|(index, (product, center))| {
                    index == best.0 || center - 2.0 * product > near
                });
            if is_clear {
                return (best.0, distance);
            }
        }
        let near = best.1 + unsure;
        let mut exact = (best.0, f64::INFINITY);
        for (index, (product, center)) in products.iter().zip(&self.squares).enumerate() {
            if center - 2.0 * product <= near {
                let distance = squared_distance(row, self.center(index));
                if distance < exact.1 {
                    exact = (index, distance);
                }
            }
        }
        exact
    }
}

/// Squared length of a row.
pub fn row_square(row: RowView<'_>) -> f64 {
    match row {
        RowView::Dense(values) | RowView::Sparse(_, values) => kernels::dot(values, values),
    }
}

/// Squared Euclidean distance of a row to a vector.
pub fn squared_distance(row: RowView<'_>, center: &[f64]) -> f64 {
    match row {
        RowView::Dense(values) => kernels::squared_distance(values, center),
        RowView::Sparse(indices, values) => {
            let mut rest = 0.0;
            let mut sum = 0.0;
            let mut next = 0;
            for (feature, center) in center.iter().enumerate() {
                if next < indices.len() && indices[next] as usize == feature {
                    let difference = values[next] - center;
                    sum += difference * difference;
                    next += 1;
                } else {
                    rest += center * center;
                }
            }
            sum + rest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::BlockBuilder;
    use crate::linalg::VectorView;

    #[test]
    fn finds_the_first_of_equals() {
        let mut builder = BlockBuilder::new(2, 0);
        for row in [[0.0, 0.0], [10.0, 1.0], [5.0, 0.0], [1e8, 1e8]] {
            builder.push(VectorView::Dense(&row), None, None, []);
        }
        builder.push(VectorView::Sparse { size: 2, indices: &[0], values: &[9.0] }, None, None, []);
        let centers = Centers::new(vec![0.0, 0.0, 10.0, 0.0, 0.0, 0.0], 2, Distance::Euclidean);
        let mut found = Vec::new();
        for block in builder.finish() {
            centers.for_each_closest(&block, &mut Vec::new(), |_, index, distance| {
                found.push((index, distance));
            });
        }
        assert_eq!(found[..3], [(0, 0.0), (1, 1.0), (0, 25.0)]);
        assert_eq!(found[3].0, 1);
        assert_eq!(found[4], (1, 1.0));
    }
}
