//! How much each feature did to make nodes purer (`TreeEnsembleModel.featureImportances`).

use super::impurity::Impurity;
use super::model::Kind;
use super::predict::Predictor;
use crate::linalg::Vector;

/// Shares that sum to 1, of the features that have any.
pub(super) fn of(predictor: &Predictor) -> Vector {
    // Weights of statistics: those of classes sum up, of regression the first is the weight.
    let (impurity, by_tree) = match predictor.kind {
        Kind::Classifier | Kind::ForestClassifier => (Impurity::Gini, true),
        Kind::Regressor | Kind::ForestRegressor => (Impurity::Variance, true),
        // Later trees of a boosted model matter less, and so do their features.
        Kind::BoostedClassifier | Kind::BoostedRegressor => (Impurity::Variance, false),
    };
    let mut total = vec![0.0; predictor.n_features];
    let mut is_used = vec![false; predictor.n_features];
    for tree in &predictor.trees {
        let mut own = vec![0.0; predictor.n_features];
        tree.add_importances(impurity, &mut own);
        let sum: f64 = own.iter().sum();
        if by_tree && sum == 0.0 {
            continue;
        }
        let norm = if by_tree { sum } else { 1.0 };
        total.iter_mut().zip(&own).for_each(|(total, own)| *total += own / norm);
        let splits = tree.nodes.iter().filter_map(|node| node.inner.as_ref());
        splits.for_each(|inner| is_used[inner.split.feature()] = true);
    }
    let sum: f64 = total.iter().sum();
    let used = (0..predictor.n_features).filter(|feature| is_used[*feature]);
    let (indices, values) = used
        .map(|feature| {
            (feature as i32, if sum == 0.0 { total[feature] } else { total[feature] / sum })
        })
        .unzip();
    Vector::Sparse { size: predictor.n_features, indices, values }
}
