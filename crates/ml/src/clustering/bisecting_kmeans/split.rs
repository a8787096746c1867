//! Divides clusters in two, level by level, larger ones first (Steinbach, Karypis and Kumar, "A comparison of document
//! clustering techniques", 2000), with Spark's random numbers.

use crate::clustering::kmeans::closest::{Distance, row_square, squared_distance};
use crate::data::{Block, Instances, RowView, for_each_mut};
use crate::error;
use crate::linalg::kernels;
use crate::table_order::{long_hash, mixed_hash, table_order};
use crate::tree::set_order;
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;
use std::collections::BTreeMap;

/// The root's number; children of `n` are `2 n` and `2 n + 1`.
pub(super) const ROOT: u64 = 1;

/// Levels of a tree whose numbers fit into a long.
const LEVELS_MAX: u32 = 63;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub k: usize,
    pub n_iterations: usize,
    /// Rows, or their share if below one, that a cluster needs to be divided.
    pub size_min: f64,
    pub seed: i64,
    pub distance: Distance,
}

/// A cluster of the tree.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub n_rows: i64,
    pub center: Vec<f64>,
    pub cost: f64,
}

/// Sums over a cluster's rows.
#[derive(Debug, Clone)]
struct Sums {
    n_rows: i64,
    weight: f64,
    rows: Vec<f64>,
    squares: f64,
}

impl Sums {
    fn new(d: usize) -> Self {
        Self { n_rows: 0, weight: 0.0, rows: vec![0.0; d], squares: 0.0 }
    }

    fn add(&mut self, row: RowView<'_>, weight: f64, distance: Distance) -> Result<()> {
        let square = row_square(row);
        let factor = match distance {
            Distance::Euclidean => weight,
            Distance::Cosine if square == 0.0 => {
                return Err(error::failed(
                    "assertion failed: Cosine distance is not defined for zero-length vectors.",
                ));
            }
            Distance::Cosine => weight / square.sqrt(),
        };
        self.n_rows += 1;
        self.weight += weight;
        self.squares += square * weight;
        row.add_to(factor, &mut self.rows);
        Ok(())
    }

    fn merge(&mut self, other: &Sums) {
        self.n_rows += other.n_rows;
        self.weight += other.weight;
        self.squares += other.squares;
        kernels::axpy(1.0, &other.rows, &mut self.rows);
    }

    fn cluster(&self, distance: Distance) -> Cluster {
        let mut center = self.rows.clone();
        kernels::scale(1.0 / self.weight, &mut center);
        let cost = match distance {
            Distance::Euclidean => self.squares - self.weight * kernels::dot(&center, &center),
            Distance::Cosine => {
                let norm = kernels::norm(&center);
                kernels::scale(1.0 / norm, &mut center);
                self.weight - kernels::dot(&center, &self.rows) / kernels::norm(&center)
            }
        };
        Cluster { n_rows: self.n_rows, center, cost: cost.max(0.0) }
    }
}

/// Distance of a row to a centre.
pub(super) fn distance_to(row: RowView<'_>, center: &[f64], distance: Distance) -> f64 {
    match distance {
        Distance::Euclidean => squared_distance(row, center),
        Distance::Cosine => 1.0 - row.dot(center) / row_square(row).sqrt() / kernels::norm(center),
    }
}

/// Clusters by number, in an order that matters to the random numbers.
type Clusters = Vec<(u64, Cluster)>;

/// All clusters of the tree by number.
///
/// # Errors
/// A row of zeros has no direction; the fit is interrupted.
pub(super) fn run(data: &Instances, settings: &Settings) -> Result<BTreeMap<u64, Cluster>> {
    let mut assigned: Vec<Vec<u64>> =
        data.blocks.iter().map(|block| vec![ROOT; block.n_rows()]).collect();
    let mut active = summarize(data, &assigned, settings, |_| true)?;
    let n_rows: i64 = active.iter().map(|(_, cluster)| cluster.n_rows).sum();
    let size_min = match settings.size_min >= 1.0 {
        true => settings.size_min.ceil() as i64,
        false => (settings.size_min * n_rows as f64).ceil() as i64,
    };
    let mut random = JavaRandom::new(settings.seed);
    let mut all = BTreeMap::new();
    let mut n_needed = settings.k - 1;
    let mut level = 1;
    while !active.is_empty() && n_needed > 0 && level < LEVELS_MAX {
        let is_divisible = |cluster: &Cluster| {
            cluster.n_rows >= size_min && cluster.cost > f64::EPSILON * cluster.n_rows as f64
        };
        let mut divisible: Clusters =
            active.iter().filter(|(_, cluster)| is_divisible(cluster)).cloned().collect();
        if divisible.len() > n_needed {
            divisible.sort_by_key(|(_, cluster)| -cluster.n_rows);
            divisible.truncate(n_needed);
            divisible = in_map_order(divisible);
        }
        all.extend(active);
        active = Vec::new();
        if divisible.is_empty() {
            break;
        }
        let mut centers: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for (number, cluster) in &divisible {
            let [left, right] = halves(&cluster.center, settings.distance, &mut random);
            centers.insert(2 * number, left);
            centers.insert(2 * number + 1, right);
        }
        let mut next = assigned.clone();
        let mut made = Vec::new();
        for _ in 0..settings.n_iterations {
            next.clone_from(&assigned);
            assign(data, &mut next, &centers, settings.distance)?;
            made = summarize(data, &next, settings, |number| centers.contains_key(&number))?;
            centers = made.iter().map(|(number, own)| (*number, own.center.clone())).collect();
        }
        assign(data, &mut assigned, &centers, settings.distance)?;
        n_needed -= divisible.len();
        active = made;
        level += 1;
    }
    all.extend(active);
    Ok(all)
}

/// Moves rows of divided clusters to the closer child.
fn assign(
    data: &Instances,
    assigned: &mut [Vec<u64>],
    centers: &BTreeMap<u64, Vec<f64>>,
    distance: Distance,
) -> Result<()> {
    for_each_mut(assigned, data.job.as_ref(), |number, assigned| {
        let block: &Block = &data.blocks[number];
        for (row, own) in assigned.iter_mut().enumerate() {
            let children = (centers.get(&(2 * *own)), centers.get(&(2 * *own + 1)));
            let to = |center| distance_to(block.row(row), center, distance);
            *own = match children {
                (Some(left), Some(right)) => 2 * *own + u64::from(to(right) < to(left)),
                (Some(_), None) => 2 * *own,
                (None, Some(_)) => 2 * *own + 1,
                (None, None) => *own,
            };
        }
        Ok(())
    })
}

fn summarize(
    data: &Instances,
    assigned: &[Vec<u64>],
    settings: &Settings,
    counts: impl Fn(u64) -> bool + Sync,
) -> Result<Clusters> {
    let distance = settings.distance;
    let n_shares = data.job.n_threads().max(1);
    let size = data.blocks.len().div_ceil(n_shares).max(1);
    let mut shares: Vec<BTreeMap<u64, Sums>> = vec![BTreeMap::new(); n_shares];
    for_each_mut(&mut shares, data.job.as_ref(), |share, sums| {
        let blocks = data.blocks.iter().zip(assigned).skip(share * size).take(size);
        for (block, assigned) in blocks {
            for (row, number) in assigned.iter().enumerate().filter(|(_, number)| counts(**number))
            {
                let own = sums.entry(*number).or_insert_with(|| Sums::new(data.n_features));
                own.add(block.row(row), block.weight(row), distance)?;
            }
        }
        Ok(())
    })?;
    let mut total: BTreeMap<u64, Sums> = BTreeMap::new();
    for (number, sums) in shares.into_iter().flatten() {
        match total.get_mut(&number) {
            Some(own) => own.merge(&sums),
            None => {
                total.insert(number, sums);
            }
        }
    }
    let clusters = total.iter().map(|(number, sums)| (*number, sums.cluster(distance)));
    let mut clusters: Clusters = clusters.collect();
    let hashes: Vec<u32> =
        clusters.iter().map(|(number, _)| mixed_hash(long_hash(*number as i64))).collect();
    let items: Vec<usize> = (0..clusters.len()).collect();
    let order = table_order(&items, &hashes);
    clusters = order.iter().map(|at| clusters[*at].clone()).collect();
    Ok(in_map_order(clusters))
}

/// Order of an immutable map of Scala to which the clusters were added.
fn in_map_order(clusters: Clusters) -> Clusters {
    let order = set_order(clusters.iter().map(|(number, _)| *number as u32).collect());
    let mut by_number: BTreeMap<u32, (u64, Cluster)> =
        clusters.into_iter().map(|(number, own)| (number as u32, (number, own))).collect();
    order.iter().filter_map(|number| by_number.remove(number)).collect()
}

/// Two centres on either side of one.
fn halves(center: &[f64], distance: Distance, random: &mut JavaRandom) -> [Vec<f64>; 2] {
    let noise: Vec<f64> = center.iter().map(|_| random.next_double()).collect();
    let level = 1e-4 * kernels::norm(center);
    [-level, level].map(|level| {
        let mut half = center.to_vec();
        kernels::axpy(level, &noise, &mut half);
        if distance == Distance::Cosine {
            kernels::scale(1.0 / kernels::norm(&half), &mut half);
        }
        half
    })
}
