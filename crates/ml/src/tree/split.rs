//! Which rows of a node go left.

use serde::{Deserialize, Serialize};

/// A split of a node (`org.apache.spark.ml.tree.Split`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Split {
    /// Values up to the threshold go left.
    Continuous {
        feature: usize,
        #[serde(with = "super::exact")]
        threshold: f64,
    },
    /// Rows of these categories go left.
    Categorical { feature: usize, left: Categories },
}

/// Some of the categories of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Categories {
    /// Ascending.
    ordered: Vec<u32>,
    /// One per category.
    has: Vec<bool>,
}

impl Categories {
    /// `chosen` of the categories below `arity`.
    pub fn new(chosen: &[u32], arity: usize) -> Self {
        let mut has = vec![false; arity];
        for category in chosen {
            if let Some(slot) = has.get_mut(*category as usize) {
                *slot = true;
            }
        }
        let ordered = (0..arity as u32).filter(|category| has[*category as usize]).collect();
        Self { ordered, has }
    }

    pub fn contains(&self, category: usize) -> bool {
        self.has.get(category).copied().unwrap_or(false)
    }

    pub fn arity(&self) -> usize {
        self.has.len()
    }

    pub fn ordered(&self) -> &[u32] {
        &self.ordered
    }
}

impl Split {
    pub fn feature(&self) -> usize {
        match self {
            Split::Continuous { feature, .. } | Split::Categorical { feature, .. } => *feature,
        }
    }

    /// Whether a row with this value of the feature goes left.
    #[inline]
    pub fn goes_left(&self, value: f64) -> bool {
        match self {
            Split::Continuous { threshold, .. } => value <= *threshold,
            Split::Categorical { left, .. } => value >= 0.0 && left.contains(value as usize),
        }
    }

    /// `feature 3 <= 0.5`, or its opposite.
    pub fn text(&self, is_left: bool) -> String {
        match self {
            Split::Continuous { feature, threshold } => {
                let sign = if is_left { "<=" } else { ">" };
                format!("feature {feature} {sign} {}", crate::linalg::double_text(*threshold))
            }
            Split::Categorical { feature, left } => {
                let word = if is_left { "in" } else { "not in" };
                let names: Vec<_> =
                    left.ordered.iter().map(|category| format!("{category}.0")).collect();
                format!("feature {feature} {word} {{{}}}", names.join(","))
            }
        }
    }
}
