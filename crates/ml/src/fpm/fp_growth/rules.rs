//! Association rules: what follows from what (Agrawal and Srikant, 1994), with one item to follow.

use super::mine::Itemset;
use std::collections::HashMap;

/// `antecedent` makes `consequent` likely.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub antecedent: Vec<u32>,
    pub consequent: u32,
    pub confidence: f64,
    /// Confidence over the consequent's own share; none if that is not known.
    pub lift: Option<f64>,
    pub support: f64,
}

pub(super) fn rules(itemsets: &[Itemset], n_transactions: i64, confidence_min: f64) -> Vec<Rule> {
    let counts: HashMap<&[u32], i64> =
        itemsets.iter().map(|(items, count)| (items.as_slice(), *count)).collect();
    let mut rules = Vec::new();
    for (items, count) in itemsets.iter().filter(|(items, _)| items.len() > 1) {
        for (at, consequent) in items.iter().enumerate() {
            let mut antecedent = items.clone();
            antecedent.remove(at);
            let Some(before) = counts.get(antecedent.as_slice()) else { continue };
            let confidence = *count as f64 / *before as f64;
            if confidence < confidence_min {
                continue;
            }
            let own = counts.get([*consequent].as_slice()).filter(|_| n_transactions > 0);
            let lift = own.map(|own| confidence / (*own as f64 / n_transactions as f64));
            let support = *count as f64 / n_transactions as f64;
            rules.push(Rule { antecedent, consequent: *consequent, confidence, lift, support });
        }
    }
    rules
}
