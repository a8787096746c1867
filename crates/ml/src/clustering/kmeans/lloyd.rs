//! Lloyd's algorithm: assign rows to the closest centres, move the centres to the means of their rows.

use super::closest::{Centers, Distance};
use super::seeding;
use crate::data::{Aggregate, Block, Instances};
use crate::error;
use crate::linalg::kernels;
use firesteel_common::Result;

/// What a clustering is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub k: usize,
    pub n_iterations_max: usize,
    /// A centre that moves less has converged.
    pub tolerance: f64,
    pub seed: i64,
    pub n_seeding_steps: usize,
    /// Instead of k-means||.
    pub random_seeding: bool,
    pub distance: Distance,
}

/// What it gives.
#[derive(Debug)]
pub(crate) struct Clustering {
    pub centers: Centers,
    /// Sum of weighted distances to the centres of the last iteration but one, as Spark has it.
    pub cost: f64,
    pub n_iterations: usize,
}

struct Sums {
    /// Of weighted rows, by centre.
    rows: Vec<f64>,
    weights: Vec<f64>,
    cost: f64,
    room: Vec<f64>,
}

/// # Errors
/// There are no rows; a row of zeros has no direction; the fit is interrupted.
pub(crate) fn run(data: &Instances, settings: &Settings) -> Result<Clustering> {
    let (d, distance) = (data.n_features, settings.distance);
    let first = match settings.random_seeding {
        true => seeding::random_rows(data, settings.k, settings.seed),
        false => {
            let n_steps = settings.n_seeding_steps;
            seeding::k_means_parallel(data, settings.k, settings.seed, n_steps, distance)?
        }
    };
    if first.is_empty() {
        return Err(error::empty_summary());
    }
    from_centers(data, first, d, settings)
}

/// As [`run`], from these centres.
///
/// # Errors
/// As [`run`].
pub(crate) fn from_centers(
    data: &Instances,
    first: Vec<f64>,
    d: usize,
    settings: &Settings,
) -> Result<Clustering> {
    let distance = settings.distance;
    let mut centers = Centers::new(first, d, distance);
    let (mut cost, mut n_iterations, mut converged) = (0.0, 0, false);
    while n_iterations < settings.n_iterations_max && !converged {
        data.job.progress(n_iterations, settings.n_iterations_max);
        let mut sums = sums(data, &centers)?;
        let mut values = centers.values.clone();
        converged = true;
        for index in 0..centers.n_centers {
            let weight = sums.weights[index];
            if weight <= 0.0 {
                continue;
            }
            let mean = &mut sums.rows[index * d..(index + 1) * d];
            kernels::scale(1.0 / weight, mean);
            if distance == Distance::Cosine {
                kernels::scale(1.0 / kernels::norm(mean), mean);
            }
            let moved = distance.between(centers.center(index), mean);
            let bound = match distance {
                Distance::Euclidean => settings.tolerance * settings.tolerance,
                Distance::Cosine => settings.tolerance,
            };
            converged &= moved <= bound;
            values[index * d..(index + 1) * d].copy_from_slice(mean);
        }
        cost = sums.cost;
        centers = Centers::new(values, d, distance);
        n_iterations += 1;
    }
    Ok(Clustering { centers, cost, n_iterations })
}

fn sums(data: &Instances, centers: &Centers) -> Result<Sums> {
    let d = centers.n_features;
    data.aggregate(
        || Sums {
            rows: vec![0.0; centers.values.len()],
            weights: vec![0.0; centers.n_centers],
            cost: 0.0,
            room: Vec::new(),
        },
        |sums, block| add(sums, block, centers, d),
        |sums, other| {
            kernels::axpy(1.0, &other.rows, &mut sums.rows);
            kernels::axpy(1.0, &other.weights, &mut sums.weights);
            sums.cost += other.cost;
        },
    )
}

fn add(sums: &mut Sums, block: &Block, centers: &Centers, d: usize) -> Result<()> {
    let mut room = std::mem::take(&mut sums.room);
    let mut no_direction = false;
    centers.for_each_closest(block, &mut room, |row, index, distance| {
        let weight = block.weight(row);
        let own = block.row(row);
        let factor = match centers.distance {
            Distance::Euclidean => weight,
            Distance::Cosine => {
                let norm = super::closest::row_square(own).sqrt();
                no_direction |= norm == 0.0;
                weight / norm
            }
        };
        own.add_to(factor, &mut sums.rows[index * d..(index + 1) * d]);
        sums.weights[index] += weight;
        sums.cost += weight * distance;
    });
    sums.room = room;
    if no_direction {
        return Err(error::failed(
            "assertion failed: Cosine distance is not defined for zero-length vectors.",
        ));
    }
    Ok(())
}
