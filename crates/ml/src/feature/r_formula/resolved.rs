//! A formula over the columns of a table: which columns, alone or multiplied, make the features.

use super::grammar::{Factor, Formula, Term};
use crate::linalg::is_vector;
use firesteel_common::{Frame, SparkType};
use std::collections::BTreeSet;

/// `y ~ a + a:b` as `label = y, terms = [[a], [a, b]]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResolvedFormula {
    pub label: String,
    pub terms: Vec<Vec<String>>,
    pub has_intercept: bool,
}

impl ResolvedFormula {
    pub(super) fn new(formula: &Formula, frame: &Frame) -> Self {
        let dot: Vec<String> = frame
            .columns
            .iter()
            .filter(|column| {
                let own = &column.field.data_type;
                own.is_numeric() || own.is_string() || *own == SparkType::Boolean || is_vector(own)
            })
            .map(|column| column.field.name.clone())
            .filter(|name| *name != formula.label)
            .collect();
        let mut terms: Vec<Vec<String>> = Vec::new();
        let mut seen: BTreeSet<BTreeSet<String>> = BTreeSet::new();
        let mut has_intercept = true;
        for term in &formula.terms {
            match term {
                Term::Dot => terms.extend(dot.iter().map(|name| vec![name.clone()])),
                Term::Interaction(factors) => {
                    // Equal interactions are taken once, in whatever order they are written.
                    for own in expand(factors, &dot) {
                        if seen.insert(own.iter().cloned().collect()) {
                            terms.push(own);
                        }
                    }
                }
                Term::Intercept(is_on) => has_intercept = *is_on,
                Term::Deletion(term) => match term.as_ref() {
                    Term::Dot => terms.retain(|own| own.len() != 1 || !dot.contains(&own[0])),
                    Term::Interaction(factors) => {
                        let set = |own: &Vec<String>| own.iter().cloned().collect::<BTreeSet<_>>();
                        let unwanted: Vec<_> = expand(factors, &dot).iter().map(set).collect();
                        terms.retain(|own| !unwanted.contains(&set(own)));
                    }
                    Term::Intercept(is_on) => has_intercept = !is_on,
                    Term::Deletion(_) => {}
                },
            }
        }
        let mut distinct: Vec<Vec<String>> = Vec::with_capacity(terms.len());
        for term in terms {
            if !distinct.contains(&term) {
                distinct.push(term);
            }
        }
        Self { label: formula.label.clone(), terms: distinct, has_intercept }
    }

    /// As Spark's `toString`.
    pub(super) fn text(&self) -> String {
        let term = |columns: &Vec<String>| match columns.as_slice() {
            [column] => column.clone(),
            columns => format!("{{{}}}", columns.join(",")),
        };
        let terms: Vec<_> = self.terms.iter().map(term).collect();
        format!(
            "ResolvedRFormula(label={}, terms=[{}], hasIntercept={})",
            self.label,
            terms.join(","),
            self.has_intercept
        )
    }
}

/// The interactions that factors mean, shorter ones first.
fn expand(factors: &[Factor], dot: &[String]) -> Vec<Vec<String>> {
    let Some((first, rest)) = factors.split_first() else { return vec![Vec::new()] };
    let rest = expand(rest, dot);
    let heads: Vec<&String> = match first {
        Factor::Dot => dot.iter().collect(),
        Factor::Column(name) => vec![name],
    };
    let mut seen: BTreeSet<BTreeSet<&String>> = BTreeSet::new();
    let mut all: Vec<Vec<String>> = Vec::new();
    for head in heads {
        for tail in &rest {
            let mut own = vec![head];
            own.extend(tail.iter().filter(|name| *name != head));
            if seen.insert(own.iter().copied().collect()) {
                all.push(own.into_iter().cloned().collect());
            }
        }
    }
    all.sort_by_key(Vec::len);
    all
}
