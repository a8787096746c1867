//! The cheapest order: dynamic programming over connected sets of relations (Moerkotte, Neumann: "Analysis of Two
//! Existing and One New Dynamic Programming Algorithm", 2006, DPsub), bushy trees included. Beyond
//! [`RELATIONS_MAX`] the pair with the fewest rows is joined again and again.

use super::estimate::{Domain, Estimate, domain_of, matches};
use super::graph::{Graph, Relations, Tree};
use super::selectivity::selectivity;
use std::collections::HashMap;

/// 3^12 pairs of sets are looked at in about a millisecond.
const RELATIONS_MAX: usize = 12;
/// Rows in a hash table cost more than rows that look into it.
const BUILD_ROW: f64 = 3.0;
/// A build side of more rows is exchanged, and so is the other side.
const SHARED_ROWS_MAX: f64 = 2e6;

pub(super) struct Search<'a> {
    graph: &'a Graph,
    relations: Vec<Estimate>,
    /// The relations of the keys of each class.
    classes: Vec<Relations>,
    /// What is known of each key.
    domains: Vec<Vec<Domain>>,
    rows: HashMap<Relations, f64>,
}

impl<'a> Search<'a> {
    pub fn new(graph: &'a Graph, relations: Vec<Estimate>) -> Self {
        let classes = graph
            .classes
            .iter()
            .map(|class| class.iter().fold(0, |all: Relations, key| all | 1 << key.relation));
        let columns: Vec<Domain> =
            relations.iter().flat_map(|relation| relation.columns.iter().copied()).collect();
        let domains = graph.classes.iter().map(|class| {
            let known = class.iter().map(|key| {
                let rows = relations[key.relation].rows;
                domain_of(&key.expr, &Estimate { rows, columns: columns.clone() })
            });
            known.collect()
        });
        let (classes, domains) = (classes.collect(), domains.collect());
        let rows = relations.iter().enumerate().map(|(at, it)| (1 << at, it.rows)).collect();
        Self { graph, classes, domains, rows, relations }
    }

    /// The cheapest tree; none if the relations are not connected.
    pub fn best(&mut self) -> Option<Tree> {
        match self.relations.len() {
            n_relations if n_relations <= RELATIONS_MAX => self.by_sets(n_relations),
            n_relations => self.by_pairs(n_relations),
        }
    }

    /// What a tree costs, in rows that are looked up in a hash table.
    pub fn cost(&mut self, tree: &Tree) -> f64 {
        match tree {
            Tree::Relation(_) => 0.0,
            Tree::Join(left, right) => {
                let below = self.cost(left) + self.cost(right);
                let (left, right) = (left.relations(), right.relations());
                let result = self.rows_of(left, right);
                below + join_cost(self.rows_in(left), self.rows_in(right), result)
            }
        }
    }

    fn by_sets(&mut self, n_relations: usize) -> Option<Tree> {
        let all: usize = (1 << n_relations) - 1;
        // Cost of the best tree of each set, and the smaller one of its two parts.
        let mut best: Vec<Option<(f64, Relations)>> = vec![None; all + 1];
        for relation in 0..n_relations {
            best[1 << relation] = Some((0.0, 0));
        }
        for set in 1..=all {
            if set.count_ones() < 2 {
                continue;
            }
            let mut part = (set - 1) & set;
            while part > 0 {
                let rest = set & !part;
                if part < rest {
                    if let (Some((left_cost, _)), Some((right_cost, _))) = (best[part], best[rest])
                        && self.are_connected(part as Relations, rest as Relations)
                    {
                        let (left, right) = (part as Relations, rest as Relations);
                        let result = self.rows_of(left, right);
                        let (left_rows, right_rows) = (self.rows_in(left), self.rows_in(right));
                        let cost =
                            left_cost + right_cost + join_cost(left_rows, right_rows, result);
                        if best[set].is_none_or(|(least, _)| cost < least) {
                            let smaller = if left_rows <= right_rows { left } else { right };
                            best[set] = Some((cost, smaller));
                        }
                    }
                }
                part = (part - 1) & set;
            }
        }
        best[all]?;
        Some(tree_of(all as Relations, &best))
    }

    fn by_pairs(&mut self, n_relations: usize) -> Option<Tree> {
        let mut trees: Vec<Tree> = (0..n_relations).map(Tree::Relation).collect();
        while trees.len() > 1 {
            let mut least: Option<(f64, usize, usize)> = None;
            for one in 0..trees.len() {
                for other in one + 1..trees.len() {
                    let (left, right) = (trees[one].relations(), trees[other].relations());
                    if self.are_connected(left, right) {
                        let cost = join_cost(
                            self.rows_in(left),
                            self.rows_in(right),
                            self.rows_of(left, right),
                        );
                        if least.is_none_or(|(so_far, _, _)| cost < so_far) {
                            least = Some((cost, one, other));
                        }
                    }
                }
            }
            let (_, one, other) = least?;
            // The later one first, because that moves none before it.
            let (other, one) = (trees.swap_remove(other), trees.swap_remove(one));
            let is_smaller = self.rows_in(one.relations()) <= self.rows_in(other.relations());
            let (left, right) = if is_smaller { (one, other) } else { (other, one) };
            trees.push(Tree::Join(Box::new(left), Box::new(right)));
        }
        trees.pop()
    }

    fn are_connected(&self, left: Relations, right: Relations) -> bool {
        self.classes.iter().any(|class| class & left != 0 && class & right != 0)
    }

    /// Estimated rows of a set that was asked for before.
    fn rows_in(&self, set: Relations) -> f64 {
        self.rows.get(&set).copied().unwrap_or(1.0)
    }

    /// Estimated rows of two sets joined. The first way to come to a set decides.
    fn rows_of(&mut self, left: Relations, right: Relations) -> f64 {
        if let Some(rows) = self.rows.get(&(left | right)) {
            return *rows;
        }
        let mut rows = self.rows_in(left) * self.rows_in(right) / self.pairs(left, right);
        for filter in &self.graph.filters {
            let needs = filter.relations;
            if needs & !(left | right) == 0 && needs & !left != 0 && needs & !right != 0 {
                let domain = |column: usize| {
                    let relation = self.graph.relation_of(column);
                    let place = column.checked_sub(self.graph.columns[relation].start)?;
                    self.relations[relation].columns.get(place).copied()
                };
                rows *= selectivity(&filter.expr, &domain);
            }
        }
        let rows = rows.max(1.0);
        self.rows.insert(left | right, rows);
        rows
    }

    /// Of how many pairs of rows one is equal in all keys.
    fn pairs(&self, left: Relations, right: Relations) -> f64 {
        // By pair of relations: keys of several columns have no more values together than their table has rows.
        let mut by_pair: HashMap<(usize, usize), Vec<(Domain, Domain)>> = HashMap::new();
        for (class, relations) in self.classes.iter().enumerate() {
            if relations & left == 0 || relations & right == 0 {
                continue;
            }
            let (Some(one), Some(other)) = (self.key(class, left), self.key(class, right)) else {
                continue;
            };
            by_pair.entry((one.0, other.0)).or_default().push((one.1, other.1));
        }
        let mut pairs = 1.0;
        for ((left, right), keys) in by_pair {
            let apart: f64 = keys.iter().map(|(one, other)| matches(one, other)).product();
            let left_values: f64 = keys.iter().map(|(one, _)| one.size).product();
            let right_values: f64 = keys.iter().map(|(_, other)| other.size).product();
            let rows = |relation: usize| self.relations[relation].rows;
            let is_composite =
                keys.len() > 1 && (left_values > rows(left) || right_values > rows(right));
            pairs *= match is_composite {
                true => left_values.min(rows(left)).min(right_values.min(rows(right))).max(1.0),
                false => apart,
            };
        }
        pairs
    }

    /// The key of a class in a set that tells most: its relation and its domain.
    fn key(&self, class: usize, set: Relations) -> Option<(usize, Domain)> {
        let keys = self.graph.classes[class].iter().zip(&self.domains[class]);
        let within = keys.filter(|(key, _)| set & (1 << key.relation) != 0);
        let best = within.min_by(|(_, one), (_, other)| {
            other.is_unique.cmp(&one.is_unique).then(one.size.total_cmp(&other.size))
        });
        best.map(|(key, domain)| (key.relation, *domain))
    }
}

fn join_cost(left_rows: f64, right_rows: f64, result_rows: f64) -> f64 {
    let (build, probe) = (left_rows.min(right_rows), left_rows.max(right_rows));
    let exchange = if build > SHARED_ROWS_MAX { 2.0 * (build + probe) } else { 0.0 };
    BUILD_ROW * build + probe + result_rows + exchange
}

fn tree_of(set: Relations, best: &[Option<(f64, Relations)>]) -> Tree {
    match best.get(set as usize).copied().flatten() {
        Some((_, smaller)) if smaller != 0 => {
            Tree::Join(Box::new(tree_of(smaller, best)), Box::new(tree_of(set & !smaller, best)))
        }
        _ => Tree::Relation(set.trailing_zeros() as usize),
    }
}
