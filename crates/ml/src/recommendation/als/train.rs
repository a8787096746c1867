//! Alternating least squares (Zhou et al., "Large-scale parallel collaborative filtering", 2008; Hu et al.,
//! "Collaborative filtering for implicit feedback datasets", 2008): factors of one side are fixed while those of the
//! other are solved for, one small system each.

use super::ratings::{Ids, Rows, group, index};
use super::solve::{Room, Solver, cholesky, non_negative};
use crate::data::for_each_mut;
use crate::error;
use crate::job::Job;
use crate::linalg::kernels;
use firesteel_common::Result;
use firesteel_common::random::XorShiftRandom;

/// Ratings whose factors are gathered before they are added up.
const GATHERED: usize = 64;

/// Shares of work for each thread: one interrupt is heard after so much of a pass.
const SHARES: usize = 32;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub rank: usize,
    pub n_iterations: usize,
    pub regularization: f64,
    /// Confidence per unit of rating; none: ratings are explicit.
    pub implicit_alpha: Option<f64>,
    pub solver: Solver,
    pub n_user_blocks: usize,
    pub n_item_blocks: usize,
    pub seed: i64,
}

/// Ids and their factors, row by row.
#[derive(Debug)]
pub(super) struct Factors {
    pub ids: Vec<i32>,
    pub values: Vec<f32>,
}

/// User and item of every rating, and the rating.
#[derive(Debug, Default)]
pub(super) struct Ratings {
    pub users: Vec<i32>,
    pub items: Vec<i32>,
    pub ratings: Vec<f32>,
}

/// Factors of users and of items.
///
/// # Errors
/// A system is singular; the fit is interrupted.
pub(super) fn train(
    ratings: Ratings,
    settings: &Settings,
    job: &dyn Job,
) -> Result<(Factors, Factors)> {
    let (user_ids, users) = index(&ratings.users, settings.n_user_blocks);
    let (item_ids, items) = index(&ratings.items, settings.n_item_blocks);
    job.check()?;
    let values = ratings.ratings;
    let by_user = group(&users, &items, &values, user_ids.ids.len());
    let by_item = group(&items, &users, &values, item_ids.ids.len());
    drop((users, items, values, ratings.users, ratings.items));
    let mut random = XorShiftRandom::new(settings.seed);
    let mut user_factors = initial(&user_ids, settings.rank, random.next_long());
    let mut item_factors = initial(&item_ids, settings.rank, random.next_long());
    for iteration in 0..settings.n_iterations {
        job.progress(2 * iteration, 2 * settings.n_iterations);
        half(&user_factors, &by_item, &mut item_factors, settings, job)?;
        job.progress(2 * iteration + 1, 2 * settings.n_iterations);
        half(&item_factors, &by_user, &mut user_factors, settings, job)?;
    }
    Ok((
        Factors { ids: user_ids.ids, values: user_factors },
        Factors { ids: item_ids.ids, values: item_factors },
    ))
}

/// Spark's first factors: random directions, block by block.
fn initial(ids: &Ids, rank: usize, seed: i64) -> Vec<f32> {
    let mut factors = Vec::with_capacity(ids.ids.len() * rank);
    for (block, (_, n_ids)) in ids.blocks.iter().enumerate() {
        let mut random = XorShiftRandom::new(mixed(seed ^ block as i64));
        for _ in 0..*n_ids {
            let from = factors.len();
            factors.extend((0..rank).map(|_| random.next_gaussian() as f32));
            let own = &mut factors[from..];
            let square: f64 = own.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
            let scale = 1.0 / square.sqrt() as f32;
            own.iter_mut().for_each(|value| *value *= scale);
        }
    }
    factors
}

/// `scala.util.hashing.byteswap64`.
fn mixed(value: i64) -> i64 {
    const FACTOR: i64 = 0x9e37_75cd_9e37_75cd_u64 as i64;
    value.wrapping_mul(FACTOR).swap_bytes().wrapping_mul(FACTOR)
}

/// Solves for the factors `to` of one side.
fn half(
    from: &[f32],
    rows: &Rows,
    to: &mut [f32],
    settings: &Settings,
    job: &dyn Job,
) -> Result<()> {
    let rank = settings.rank;
    let gram = settings.implicit_alpha.map(|_| gram(from, rank));
    let mut shares = shares(rows, to, rank, job.n_threads() * SHARES);
    for_each_mut(&mut shares, job, |_, (first, to)| {
        let mut equation = Equation::new(rank);
        for (at, factor) in to.chunks_exact_mut(rank).enumerate() {
            equation.solve(*first + at, from, rows, gram.as_deref(), settings, factor)?;
        }
        Ok(())
    })
}

/// Cuts factors into pieces with about equally many ratings; each with the number of its first factor.
fn shares<'a>(
    rows: &Rows,
    mut to: &'a mut [f32],
    rank: usize,
    n_shares: usize,
) -> Vec<(usize, &'a mut [f32])> {
    let n = rows.starts.len() - 1;
    let work_max = (rows.ratings.len() + n).div_ceil(n_shares).max(1);
    let mut shares = Vec::with_capacity(n_shares + 1);
    let (mut first, mut work) = (0, 0);
    for at in 0..n {
        work += rows.starts[at + 1] - rows.starts[at] + 1;
        if work >= work_max || at + 1 == n {
            let (own, rest) = to.split_at_mut((at + 1 - first) * rank);
            shares.push((first, own));
            to = rest;
            (first, work) = (at + 1, 0);
        }
    }
    shares
}

/// `Σ y yᵀ` over all factors, upper triangle.
fn gram(factors: &[f32], rank: usize) -> Vec<f64> {
    let mut gram = vec![0.0; rank * rank];
    let mut rows = Vec::with_capacity(GATHERED * rank);
    for chunk in factors.chunks(GATHERED * rank) {
        rows.clear();
        rows.extend(chunk.iter().map(|value| f64::from(*value)));
        kernels::syrk_rows(&rows, None, rank, &mut gram);
    }
    gram
}

/// Room for one factor's system.
struct Equation {
    a: Vec<f64>,
    b: Vec<f64>,
    rows: Vec<f64>,
    weights: Vec<f64>,
    targets: Vec<f64>,
    non_negative: Room,
}

impl Equation {
    fn new(rank: usize) -> Self {
        Self {
            a: vec![0.0; rank * rank],
            b: vec![0.0; rank],
            rows: Vec::with_capacity(GATHERED * rank),
            weights: Vec::with_capacity(GATHERED),
            targets: Vec::with_capacity(GATHERED),
            non_negative: Room::new(rank),
        }
    }

    fn solve(
        &mut self,
        owner: usize,
        from: &[f32],
        rows: &Rows,
        gram: Option<&[f64]>,
        settings: &Settings,
        factor: &mut [f32],
    ) -> Result<()> {
        let rank = settings.rank;
        match gram {
            Some(gram) => self.a.copy_from_slice(gram),
            None => self.a.fill(0.0),
        }
        self.b.fill(0.0);
        let (mut at, end) = (rows.starts[owner], rows.starts[owner + 1]);
        let mut n_explicit = 0_usize;
        while at < end {
            let n = GATHERED.min(end - at);
            self.rows.clear();
            self.weights.clear();
            self.targets.clear();
            for entry in at..at + n {
                let other = rows.others[entry] as usize * rank;
                self.rows.extend(from[other..other + rank].iter().map(|value| f64::from(*value)));
                let rating = f64::from(rows.ratings[entry]);
                match settings.implicit_alpha {
                    Some(alpha) => {
                        let confidence = alpha * rating.abs();
                        n_explicit += usize::from(rating > 0.0);
                        self.weights.push(confidence);
                        self.targets.push(if rating > 0.0 { 1.0 + confidence } else { 0.0 });
                    }
                    None => {
                        n_explicit += 1;
                        self.targets.push(rating);
                    }
                }
            }
            let weights = settings.implicit_alpha.map(|_| self.weights.as_slice());
            kernels::syrk_rows(&self.rows, weights, rank, &mut self.a);
            kernels::gemv_transposed(1.0, &self.rows, &self.targets, &mut self.b);
            at += n;
        }
        let lambda = n_explicit as f64 * settings.regularization;
        (0..rank).for_each(|at| self.a[at * rank + at] += lambda);
        let x = match settings.solver {
            Solver::Cholesky => {
                if !cholesky(&mut self.a, &mut self.b) {
                    return Err(singular());
                }
                &self.b
            }
            Solver::NonNegative => {
                kernels::mirror_upper(&mut self.a, rank);
                non_negative(&self.a, &self.b, &mut self.non_negative);
                &self.non_negative.x
            }
        };
        for (to, value) in factor.iter_mut().zip(x) {
            *to = *value as f32;
        }
        Ok(())
    }
}

fn singular() -> firesteel_common::SparkError {
    error::failed(
        "lapack.dppsv returned 1 because A is not positive definite. Is A derived from a singular matrix (e.g. \
         collinear column values)?",
    )
}
