//! Models of trees as text: `toString`, `toDebugString`.

use super::model::Kind;
use super::predict::Predictor;
use crate::linalg::double_text;
use crate::param::Params;
use std::fmt::Write;

/// One line: what the model is.
pub(super) fn title(predictor: &Predictor, params: &Params) -> String {
    let class = params.class().rsplit('.').next().unwrap_or_default();
    let is = match predictor.kind {
        // Spark has blanks here alone.
        Kind::BoostedClassifier => "uid = ",
        _ => "uid=",
    };
    let mut text = format!("{class}: {is}{}", params.uid());
    // Writing to a string does not fail.
    let _ = match predictor.kind.is_ensemble() {
        true => write!(text, ", numTrees={}", predictor.trees.len()),
        false => {
            let depth = predictor.trees.first().map_or(0, super::node::Tree::depth);
            write!(text, ", depth={depth}, numNodes={}", predictor.n_nodes())
        }
    };
    if predictor.kind.is_classifier() {
        let _ = write!(text, ", numClasses={}", predictor.n_classes);
    }
    let _ = write!(text, ", numFeatures={}", predictor.n_features);
    text
}

/// All rules.
pub(super) fn rules(predictor: &Predictor, params: &Params) -> String {
    let mut text = title(predictor, params);
    text.push('\n');
    for (number, (tree, weight)) in predictor.trees.iter().zip(&predictor.weights).enumerate() {
        if predictor.kind.is_ensemble() {
            let _ = writeln!(text, "  Tree {number} (weight {}):", double_text(*weight));
            tree.write_text(4, &mut text);
        } else {
            tree.write_text(2, &mut text);
        }
    }
    text
}
