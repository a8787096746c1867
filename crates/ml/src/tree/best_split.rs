//! The best split of a node: statistics of its rows by bin, and the split after which impurity falls most.

use super::bins::Code;
use super::layout::Layout;
use super::split::{Categories, Split};

/// Rows whose labels and weights are at hand while their bins are looked up.
const TILE: usize = 512;

/// Rows of a tree's node.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeRows<'a> {
    pub rows: &'a [u32],
    pub labels: &'a [f64],
    pub weights: Option<&'a [f64]>,
    pub counts: Option<&'a [u8]>,
}

/// Statistics of a set of rows, with its impurity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Described {
    pub stats: Vec<f64>,
    /// Not weighted.
    pub n_rows: f64,
    pub impurity: f64,
}

impl Described {
    pub(super) fn new(layout: &Layout, stats: Vec<f64>, n_rows: f64) -> Self {
        let impurity = layout.growth.impurity.of(&stats);
        Self { stats, n_rows, impurity }
    }
}

/// A split with what it brings.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Lowest of all doubles: the split is not allowed.
    pub gain: f64,
    pub split: Split,
    pub sides: Option<(Described, Described)>,
}

/// Statistics by feature and bin, one after the other.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    cells: Vec<f64>,
    starts: Vec<usize>,
}

/// Cells of a bin: statistics, then the number of rows; four at least, so that they are added at once.
fn stride(layout: &Layout) -> usize {
    (layout.n_stats() + 1).max(4)
}

impl Histogram {
    /// Fills the histogram with the rows of a node.
    pub(super) fn fill<C: Code>(
        &mut self,
        layout: &Layout,
        columns: &[Vec<C>],
        features: &[u32],
        node: NodeRows<'_>,
    ) {
        let stride = stride(layout);
        self.starts.clear();
        let mut n_cells = 0;
        for feature in features {
            self.starts.push(n_cells);
            n_cells += layout.n_codes(*feature as usize) * stride;
        }
        self.cells.clear();
        self.cells.resize(n_cells, 0.0);
        if stride == 4 {
            self.fill_four(layout, columns, features, node)
        } else {
            self.fill_many(layout, columns, features, node)
        }
    }

    fn fill_four<C: Code>(
        &mut self,
        layout: &Layout,
        columns: &[Vec<C>],
        features: &[u32],
        node: NodeRows<'_>,
    ) {
        let mut tile: Vec<[f64; 4]> = Vec::with_capacity(TILE);
        let n_classes = layout.n_classes;
        let (cells, _) = self.cells.as_chunks_mut::<4>();
        for rows in node.rows.chunks(TILE) {
            tile.clear();
            tile.extend(rows.iter().map(|row| {
                let (label, weight, count) = node.row(*row);
                match n_classes {
                    0 => [weight, weight * label, weight * label * label, count],
                    _ => {
                        let mut cell = [0.0; 4];
                        cell[n_classes] = count;
                        cell[label as usize] += weight;
                        cell
                    }
                }
            }));
            for (feature, start) in features.iter().zip(&self.starts) {
                let column = &columns[*feature as usize][..];
                let cells = &mut cells[*start / 4..];
                for (row, add) in rows.iter().zip(&tile) {
                    let cell = &mut cells[column[*row as usize].bin()];
                    for lane in 0..4 {
                        cell[lane] += add[lane];
                    }
                }
            }
        }
    }

    fn fill_many<C: Code>(
        &mut self,
        layout: &Layout,
        columns: &[Vec<C>],
        features: &[u32],
        node: NodeRows<'_>,
    ) {
        let stride = stride(layout);
        let n_stats = layout.n_stats();
        let mut tile: Vec<(usize, f64, f64)> = Vec::with_capacity(TILE);
        for rows in node.rows.chunks(TILE) {
            tile.clear();
            tile.extend(rows.iter().map(|row| {
                let (label, weight, count) = node.row(*row);
                (label as usize, weight, count)
            }));
            for (feature, start) in features.iter().zip(&self.starts) {
                let column = &columns[*feature as usize][..];
                let cells = &mut self.cells[*start..];
                for (row, (class, weight, count)) in rows.iter().zip(&tile) {
                    let at = column[*row as usize].bin() * stride;
                    cells[at + class] += weight;
                    cells[at + n_stats] += count;
                }
            }
        }
    }

    /// What describes all rows, of a histogram of one feature with one bin.
    pub(super) fn describe(&self, layout: &Layout) -> Described {
        let n_stats = layout.n_stats();
        Described::new(layout, self.cells[..n_stats].to_vec(), self.cells[n_stats])
    }

    /// The best split by the feature at this position of those that were filled. `parent` describes all rows; if it
    /// is not known yet, it becomes the sum of the sides of the first split, as in Spark, whose last digits differ.
    pub(super) fn best(
        &mut self,
        layout: &Layout,
        features: &[u32],
        position: usize,
        subsets: &[Vec<Categories>],
        thresholds: &[Vec<f64>],
        parent: &mut Option<Described>,
    ) -> Candidate {
        let feature = features[position] as usize;
        let stride = stride(layout);
        let from = self.starts[position];
        let cells = &mut self.cells[from..from + layout.n_codes(feature) * stride];
        let n_stats = layout.n_stats();
        let n_splits = layout.n_splits(feature);
        let mut search = Search { layout, parent, best: None };
        if layout.is_continuous(feature) {
            for bin in 1..=n_splits {
                accumulate(cells, (bin - 1) * stride, bin * stride, n_stats);
            }
            let total = cells[n_splits * stride..][..=n_stats].to_vec();
            for split in 0..n_splits {
                search.look(split, &cells[split * stride..][..=n_stats], &total);
            }
            let (split, gain, sides) = search.take();
            let threshold = thresholds[feature][split];
            return Candidate { gain, split: Split::Continuous { feature, threshold }, sides };
        }
        let n_categories = layout.n_codes(feature);
        if layout.is_unordered[feature] {
            let mut total = vec![0.0; n_stats + 1];
            for category in 0..n_categories {
                add(&mut total, &cells[category * stride..]);
            }
            for (split, left) in subsets[feature].iter().enumerate() {
                let mut side = vec![0.0; n_stats + 1];
                for category in (0..n_categories).filter(|category| left.contains(*category)) {
                    add(&mut side, &cells[category * stride..]);
                }
                search.look(split, &side, &total);
            }
            let (split, gain, sides) = search.take();
            let left = subsets[feature][split].clone();
            return Candidate { gain, split: Split::Categorical { feature, left }, sides };
        }
        let impurity = layout.growth.impurity;
        let centroid = |category: usize| {
            let stats = &cells[category * stride..][..n_stats];
            if impurity.weight(stats) == 0.0 {
                f64::MAX
            } else if layout.n_classes > 2 {
                impurity.of(stats)
            } else if layout.n_classes > 0 {
                stats.get(1).copied().unwrap_or(0.0)
            } else {
                impurity.predict(stats)
            }
        };
        let mut order: Vec<(f64, usize)> =
            (0..n_categories).map(|category| (centroid(category), category)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in order.windows(2) {
            accumulate(cells, pair[0].1 * stride, pair[1].1 * stride, n_stats);
        }
        let last = order.last().map_or(0, |(_, category)| *category);
        let total = cells[last * stride..][..=n_stats].to_vec();
        for split in 0..n_splits {
            search.look(split, &cells[order[split].1 * stride..][..=n_stats], &total);
        }
        let (split, gain, sides) = search.take();
        let chosen: Vec<u32> =
            order[..=split].iter().map(|(_, category)| *category as u32).collect();
        let arity = layout.n_bins[feature];
        Candidate {
            gain,
            split: Split::Categorical { feature, left: Categories::new(&chosen, arity) },
            sides,
        }
    }
}

impl NodeRows<'_> {
    /// Label, weight and count of a row.
    #[inline]
    fn row(&self, row: u32) -> (f64, f64, f64) {
        let row = row as usize;
        let count = self.counts.map_or(1.0, |counts| f64::from(counts[row]));
        let weight = self.weights.map_or(count, |weights| count * weights[row]);
        (self.labels[row], weight, count)
    }
}

fn accumulate(cells: &mut [f64], from: usize, to: usize, n_stats: usize) {
    for cell in 0..=n_stats {
        cells[to + cell] += cells[from + cell];
    }
}

fn add(sum: &mut [f64], cells: &[f64]) {
    sum.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += cell);
}

/// Keeps the best of the splits of a feature.
struct Search<'a> {
    layout: &'a Layout,
    parent: &'a mut Option<Described>,
    best: Option<(usize, f64, Option<(Described, Described)>)>,
}

impl Search<'_> {
    /// Looks at the split whose left side has the statistics `left` of all, `total`; the number of rows is the last.
    fn look(&mut self, split: usize, left: &[f64], total: &[f64]) {
        let layout = self.layout;
        let impurity = layout.growth.impurity;
        let n_stats = left.len() - 1;
        let right: Vec<f64> = total.iter().zip(left).map(|(total, left)| total - left).collect();
        let parent = self.parent.get_or_insert_with(|| {
            let sum: Vec<f64> = left.iter().zip(&right).map(|(left, right)| left + right).collect();
            Described::new(layout, sum[..n_stats].to_vec(), sum[n_stats])
        });
        let (left, left_rows) = (&left[..n_stats], left[n_stats]);
        let (right, right_rows) = (&right[..n_stats], right[n_stats]);
        let (left_weight, right_weight) = (impurity.weight(left), impurity.weight(right));
        let least = layout.min_weight_per_node();
        let is_allowed = left_rows.min(right_rows) >= layout.growth.min_instances_per_node
            && left_weight >= least
            && right_weight >= least;
        let mut gain = f64::MIN;
        let mut impurities = (0.0, 0.0);
        if is_allowed {
            impurities = (impurity.of(left), impurity.of(right));
            let weight = left_weight + right_weight;
            let own = parent.impurity
                - left_weight / weight * impurities.0
                - right_weight / weight * impurities.1;
            if !(own < layout.growth.min_info_gain) {
                gain = own;
            }
        }
        if self.best.as_ref().is_none_or(|(_, best, _)| gain > *best) {
            let sides = (gain > f64::MIN).then(|| {
                let side = |stats: &[f64], n_rows, impurity| Described {
                    stats: stats.to_vec(),
                    n_rows,
                    impurity,
                };
                (side(left, left_rows, impurities.0), side(right, right_rows, impurities.1))
            });
            self.best = Some((split, gain, sides));
        }
    }

    fn take(self) -> (usize, f64, Option<(Described, Described)>) {
        self.best.unwrap_or((0, f64::MIN, None))
    }
}
