//! What a forest's training is told of its data: bins of each feature, which of them are categories, and when to
//! stop (`DecisionTreeMetadata`).

use super::impurity::Impurity;
use crate::error;
use firesteel_common::Result;

/// When a node is not split any more, and how much is looked at for a split.
#[derive(Debug, Clone)]
pub struct Growth {
    pub impurity: Impurity,
    pub max_depth: usize,
    pub max_bins: usize,
    pub min_instances_per_node: f64,
    pub min_weight_fraction_per_node: f64,
    pub min_info_gain: f64,
    /// Bytes of statistics of the nodes that are split together.
    pub memory_max: u64,
    /// `featureSubsetStrategy`.
    pub features_per_node: String,
    pub n_trees: usize,
}

/// Shape of the data that trees are trained on.
#[derive(Debug, Clone)]
pub struct Layout {
    pub n_features: usize,
    pub n_rows: usize,
    pub weight_sum: f64,
    /// 0: regression.
    pub n_classes: usize,
    /// Number of categories of each feature; none: it is continuous.
    pub arity: Vec<Option<usize>>,
    /// Whether all subsets of a feature's categories are looked at.
    pub is_unordered: Vec<bool>,
    /// Bins as Spark counts them: of an unordered feature, one per split.
    pub n_bins: Vec<usize>,
    pub max_bins: usize,
    pub n_features_per_node: usize,
    pub growth: Growth,
}

impl Layout {
    /// # Errors
    /// Spark's: no features, more categories than bins, no such `featureSubsetStrategy`.
    pub fn new(
        growth: Growth,
        n_classes: usize,
        n_rows: usize,
        weight_sum: f64,
        arity: Vec<Option<usize>>,
    ) -> Result<Self> {
        let n_features = arity.len();
        if n_rows == 0 {
            return Err(error::illegal(
                "DecisionTree requires size of input RDD > 0, but was given by empty one.",
            ));
        }
        if n_features == 0 {
            return Err(error::requirement(
                "DecisionTree requires number of features > 0, but was given an empty features vector",
            ));
        }
        let bins_max = growth.max_bins.min(n_rows);
        let most =
            arity.iter().enumerate().filter_map(|(feature, arity)| Some(((*arity)?, feature)));
        if let Some((categories, feature)) =
            most.max_by_key(|(arity, feature)| (*arity, usize::MAX - feature))
            && categories > bins_max
        {
            return Err(error::requirement(format!(
                "DecisionTree requires maxBins (= {bins_max}) to be at least as large as the number of values in \
                 each categorical feature, but categorical feature {feature} has {categories} values. Consider \
                 removing this and other categorical features with a large number of values, or add more training \
                 examples."
            )));
        }
        let mut n_bins = vec![bins_max; n_features];
        let mut is_unordered = vec![false; n_features];
        let unordered_arity_max =
            ((((bins_max / 2 + 1) as f64).ln() / 2.0_f64.ln()) + 1.0).floor() as usize;
        for (feature, arity) in arity.iter().enumerate() {
            let Some(arity) = *arity else { continue };
            if arity > 1 && n_classes > 2 && arity <= unordered_arity_max {
                is_unordered[feature] = true;
                n_bins[feature] = (1 << (arity - 1)) - 1;
            } else if arity > 1 {
                n_bins[feature] = arity;
            }
        }
        let n_features_per_node = features_per_node(&growth, n_features, n_classes > 0)?;
        Ok(Self {
            n_features,
            n_rows,
            weight_sum,
            n_classes,
            arity,
            is_unordered,
            max_bins: n_bins.iter().copied().max().unwrap_or(0),
            n_bins,
            n_features_per_node,
            growth,
        })
    }

    pub fn is_continuous(&self, feature: usize) -> bool {
        self.arity[feature].is_none()
    }

    /// Splits that are looked at.
    pub fn n_splits(&self, feature: usize) -> usize {
        if self.is_unordered[feature] { self.n_bins[feature] } else { self.n_bins[feature] - 1 }
    }

    /// Values that a row can have in this feature once it is binned.
    pub fn n_codes(&self, feature: usize) -> usize {
        match self.arity[feature] {
            Some(arity) if arity > 1 => arity,
            _ => self.n_bins[feature],
        }
    }

    pub fn n_stats(&self) -> usize {
        self.growth.impurity.n_stats(self.n_classes)
    }

    /// Whether a node sees some of the features only.
    pub fn takes_subsets(&self) -> bool {
        self.n_features_per_node < self.n_features
    }

    pub fn min_weight_per_node(&self) -> f64 {
        self.growth.min_weight_fraction_per_node * self.weight_sum
    }

    /// Share of the rows from which thresholds are taken.
    pub fn sampled_share(&self) -> f64 {
        let required = (self.max_bins * self.max_bins).max(10_000);
        if required < self.n_rows { required as f64 / self.n_rows as f64 } else { 1.0 }
    }

    /// Bytes that Spark reckons for the statistics of a node over these features.
    pub fn node_bytes(&self, subset: Option<&[u32]>) -> u64 {
        let bins: usize = match subset {
            Some(subset) => subset.iter().map(|feature| self.n_bins[*feature as usize]).sum(),
            None => self.n_bins.iter().sum(),
        };
        let per_bin = if self.n_classes > 0 { self.n_classes } else { 3 };
        (per_bin * bins) as u64 * 8
    }
}

fn features_per_node(growth: &Growth, n_features: usize, is_classification: bool) -> Result<usize> {
    let n = n_features as f64;
    let strategy = match growth.features_per_node.as_str() {
        "auto" if growth.n_trees == 1 => "all",
        "auto" if is_classification => "sqrt",
        "auto" => "onethird",
        other => other,
    };
    Ok(match strategy {
        "all" => n_features,
        "sqrt" => n.sqrt().ceil() as usize,
        "log2" => ((n.ln() / 2.0_f64.ln()).ceil() as usize).max(1),
        "onethird" => (n / 3.0).ceil() as usize,
        other => {
            let whole = other.parse::<i32>().ok().filter(|count| *count > 0);
            let share = other.parse::<f64>().ok().filter(|share| *share > 0.0 && *share <= 1.0);
            match (whole, share) {
                (Some(count), _) => (count as usize).min(n_features),
                (None, Some(share)) => (share * n).ceil() as usize,
                (None, None) => {
                    return Err(error::illegal(
                        "Supported values: auto, all, onethird, sqrt, log2, (0.0-1.0], [1-n].",
                    ));
                }
            }
        }
    })
}
