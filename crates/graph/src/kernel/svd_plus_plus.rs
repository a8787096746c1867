//! SVD++, as GraphX trains it.
//!
//! Koren, "Factorization meets the neighborhood" (2008), section 5: users are sources, items destinations, ratings weights.
//! All gradients of a round are added up before they are applied.

use firesteel_common::Result;

use super::mix::Stream;
use super::watch::Watch;
use crate::csr::Graph;

/// GraphX's `SVDPlusPlus.Conf`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvdPlusPlusParams {
    /// Length of the factors.
    pub rank: usize,
    pub n_iterations: usize,
    /// Predictions are cut off at these.
    pub min_value: f64,
    pub max_value: f64,
    /// Step of the biases.
    pub gamma1: f64,
    /// Step of the factors.
    pub gamma2: f64,
    /// Regularisation of the biases.
    pub gamma6: f64,
    /// Regularisation of the factors.
    pub gamma7: f64,
    /// Of the first factors, which are uniform in [0, 1).
    pub seed: u64,
}

/// What GraphFrames calls `column1` to `column4`. Vertices without an edge have zeros, and are not in GraphFrames' table.
#[derive(Debug, Clone)]
pub struct SvdPlusPlus {
    /// Factors of all vertices, `rank` values each.
    pub factors: Vec<f64>,
    /// Of users: factors with what their items say; of items: implicit factors. `rank` values each.
    pub implicit: Vec<f64>,
    pub biases: Vec<f64>,
    /// Of items: the sum of squared errors on their edges; of users: 1 / √ratings.
    pub norms: Vec<f64>,
    /// Mean rating.
    pub mean: f64,
}

/// Trains; `weights` has one rating an edge, in the pieces of `graph.edges()`.
///
/// Time O(n_iterations · m · rank) on one thread, memory 40 bytes a vertex and factor.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn svd_plus_plus(
    graph: &Graph,
    weights: &[Vec<f64>],
    params: SvdPlusPlusParams,
    watch: &dyn Watch,
) -> Result<SvdPlusPlus> {
    let (n, rank) = (graph.len(), params.rank);
    let ratings = || {
        let edges = graph.edges().iter().flatten();
        edges
            .zip(weights.iter().flatten())
            .map(|([user, item], rating)| (*user as usize, *item as usize, *rating))
    };
    let mean = weights.iter().flatten().sum::<f64>() / graph.n_edges().max(1) as f64;
    let mut counts = vec![0u32; n];
    let mut sums = vec![0.0; n];
    for (user, item, rating) in ratings() {
        for end in [user, item] {
            counts[end] += 1;
            sums[end] += rating;
        }
    }
    let has_edges = |vertex: usize| counts[vertex] > 0;
    let mut model = SvdPlusPlus {
        factors: Vec::with_capacity(n * rank),
        implicit: Vec::with_capacity(n * rank),
        biases: (0..n)
            .map(|v| if has_edges(v) { sums[v] / f64::from(counts[v]) - mean } else { 0.0 })
            .collect(),
        norms: (0..n)
            .map(|v| if has_edges(v) { 1.0 / f64::from(counts[v]).sqrt() } else { 0.0 })
            .collect(),
        mean,
    };
    for vertex in 0..n {
        let mut stream = Stream::new(params.seed, vertex as u64);
        let mut draw = || if has_edges(vertex) { stream.uniform() } else { 0.0 };
        model.factors.extend((0..rank).map(|_| draw()));
        model.implicit.extend((0..rank).map(|_| draw()));
    }
    let span = |vertex: usize| vertex * rank..(vertex + 1) * rank;
    let mut of_items = vec![0.0; n * rank];
    let mut to_factors = vec![0.0; n * rank];
    let mut to_implicit = vec![0.0; n * rank];
    let mut to_biases = vec![0.0; n];
    let mut is_user = vec![false; n];
    ratings().for_each(|(user, _, _)| is_user[user] = true);
    for iteration in 0..params.n_iterations {
        watch.check()?;
        of_items.fill(0.0);
        for (user, item, _) in ratings() {
            add(&mut of_items[span(user)], 1.0, &model.implicit[span(item)]);
        }
        for user in (0..n).filter(|user| is_user[*user]) {
            for at in span(user) {
                model.implicit[at] = model.factors[at] + model.norms[user] * of_items[at];
            }
        }
        watch.check()?;
        to_factors.fill(0.0);
        to_implicit.fill(0.0);
        to_biases.fill(0.0);
        for (user, item, rating) in ratings() {
            let error = rating - model.predict(user, item, params);
            let (p, q) = (&model.factors[span(user)], &model.factors[span(item)]);
            let (of_user, of_item) = (&model.implicit[span(user)], &model.implicit[span(item)]);
            let step = params.gamma2;
            for k in 0..rank {
                to_factors[user * rank + k] += (error * q[k] - params.gamma7 * p[k]) * step;
                to_factors[item * rank + k] += (error * of_user[k] - params.gamma7 * q[k]) * step;
                let change = (error * model.norms[user] * q[k] - params.gamma7 * of_item[k]) * step;
                to_implicit[user * rank + k] += change;
                to_implicit[item * rank + k] += change;
            }
            to_biases[user] += (error - params.gamma6 * model.biases[user]) * params.gamma1;
            to_biases[item] += (error - params.gamma6 * model.biases[item]) * params.gamma1;
        }
        add(&mut model.factors, 1.0, &to_factors);
        add(&mut model.implicit, 1.0, &to_implicit);
        add(&mut model.biases, 1.0, &to_biases);
        watch.progress(iteration + 1, params.n_iterations);
    }
    let mut errors = vec![0.0; n];
    let mut is_item = vec![false; n];
    for (user, item, rating) in ratings() {
        errors[item] += (rating - model.predict(user, item, params)).powi(2);
        is_item[item] = true;
    }
    for item in (0..n).filter(|item| is_item[*item]) {
        model.norms[item] = errors[item];
    }
    Ok(model)
}

impl SvdPlusPlus {
    fn predict(&self, user: usize, item: usize, params: SvdPlusPlusParams) -> f64 {
        let rank = params.rank;
        let factors = &self.factors[item * rank..(item + 1) * rank];
        let implicit = &self.implicit[user * rank..(user + 1) * rank];
        let product: f64 = factors.iter().zip(implicit).map(|(a, b)| a * b).sum();
        let value = self.mean + self.biases[user] + self.biases[item] + product;
        value.max(params.min_value).min(params.max_value)
    }
}

fn add(sums: &mut [f64], factor: f64, values: &[f64]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;

    const PARAMS: SvdPlusPlusParams = SvdPlusPlusParams {
        rank: 10,
        n_iterations: 2,
        min_value: 0.0,
        max_value: 5.0,
        gamma1: 0.007,
        gamma2: 0.007,
        gamma6: 0.005,
        gamma7: 0.015,
        seed: 42,
    };

    #[test]
    fn a_checkerboard_of_ratings_is_learnt() {
        // Users 2, 4, 6, 8; items 1, 3, 5, 7.
        let pairs = || (0..4u32).flat_map(|u| (0..4u32).map(move |i| (u, i)));
        let edges: Vec<[u32; 2]> = pairs().map(|(u, i)| [2 * u + 2, 2 * i + 1]).collect();
        let ratings: Vec<f64> =
            pairs().map(|(u, i)| if (u + i) % 2 == 0 { 5.0 } else { 1.0 }).collect();
        let graph = Graph::new(10, vec![edges]).unwrap();
        let error = |n_iterations| {
            let params = SvdPlusPlusParams { n_iterations, ..PARAMS };
            let model = svd_plus_plus(&graph, &[ratings.clone()], params, &Unwatched(1)).unwrap();
            assert_eq!(model.mean, 3.0);
            assert_eq!(model.norms[2], 0.5);
            assert_eq!((model.norms[0], model.factors[0]), (0.0, 0.0));
            [1, 3, 5, 7].map(|item| model.norms[item]).iter().sum::<f64>() / 16.0
        };
        assert!(error(2) <= 8.0);
        assert!(error(2000) < 0.2, "{}", error(2000));
    }

    #[test]
    fn one_round_by_hand() {
        // One user 0, one item 1, rating 3, rank 1: mean 3, biases 0, norms 1.
        let graph = Graph::new(2, vec![vec![[0, 1]]]).unwrap();
        let start = svd_plus_plus(
            &graph,
            &[vec![3.0]],
            SvdPlusPlusParams { rank: 1, n_iterations: 0, ..PARAMS },
            &Unwatched(1),
        )
        .unwrap();
        let (p, q, y) = (start.factors[0], start.factors[1], start.implicit[1]);
        let model = svd_plus_plus(
            &graph,
            &[vec![3.0]],
            SvdPlusPlusParams { rank: 1, n_iterations: 1, max_value: 100.0, ..PARAMS },
            &Unwatched(1),
        )
        .unwrap();
        let implicit = p + y;
        let error = -q * implicit;
        assert!((model.factors[0] - (p + 0.007 * (error * q - 0.015 * p))).abs() < 1e-12);
        assert!((model.factors[1] - (q + 0.007 * (error * implicit - 0.015 * q))).abs() < 1e-12);
        assert!((model.implicit[1] - (y + 0.007 * (error * q - 0.015 * y))).abs() < 1e-12);
        assert!((model.biases[0] - 0.007 * error).abs() < 1e-12);
    }
}
