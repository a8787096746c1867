//! A motif as joins of vertices and edges, term by term from left to right.

use super::super::build::{
    all, column, drop_names, equal, except, inner, join, packed, project, union_by_name,
    with_columns,
};
use super::pattern::{Edge, HIDDEN, Term, parse};
use crate::spec::{Expr, JoinCondition, JoinType, Relation, RelationNode};
use firesteel_common::Result;

/// # Errors
/// `InvalidParseException`.
pub(super) fn find(vertices: &Relation, edges: &Relation, pattern: &str) -> Result<Relation> {
    let terms = parse(pattern)?;
    let mut search = Search { vertices, edges, n_anonymous: 0 };
    let mut found = None;
    let mut handled: Vec<Term> = Vec::new();
    for term in only_negated(&terms).into_iter().map(Term::Vertex).chain(terms.iter().cloned()) {
        found = search.extend(found, &handled, &term)?;
        handled.push(term);
    }
    let Some(found) = found else {
        // No term: a frame without columns and rows.
        let empty = crate::spec::LocalRelation { schema: None, batches: Vec::new() };
        return Ok(RelationNode::Local(empty).into());
    };
    let names = shown(&terms);
    Ok(match names.is_empty() {
        true => found,
        false => project(found, names.iter().map(|name| column(&[name])).collect()),
    })
}

/// Vertices that only negated terms name, sorted: any vertex may be one.
fn only_negated(terms: &[Term]) -> Vec<String> {
    let names = |is_wanted: fn(&Term) -> bool| {
        let edges = terms.iter().filter(move |term| is_wanted(term)).filter_map(Term::edge);
        edges.flat_map(|edge| [&edge.src, &edge.dst]).flatten().cloned()
    };
    let is_positive = |name: &String| {
        terms.iter().any(|term| !matches!(term, Term::Not(_)) && term.has_vertex(name))
    };
    let mut names: Vec<_> =
        names(|term| matches!(term, Term::Not(_))).filter(|name| !is_positive(name)).collect();
    names.sort();
    names.dedup();
    names
}

/// Columns of the result, by where their names first appear.
fn shown(terms: &[Term]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: Option<&String>| {
        if let Some(name) = name
            && !names.contains(name)
            && !name.starts_with(HIDDEN)
        {
            names.push(name.clone());
        }
    };
    for term in terms {
        match term {
            Term::Vertex(name) => add(Some(name)),
            Term::Edge(edge) | Term::Not(edge) => {
                add(edge.src.as_ref());
                if matches!(term, Term::Edge(_)) {
                    add(edge.name.as_ref());
                }
                add(edge.dst.as_ref());
                if !edge.is_directed && matches!(term, Term::Edge(_)) {
                    add(Some(&PATTERN.to_owned()));
                    add(Some(&DIRECTION.to_owned()));
                }
            }
        }
    }
    names
}

const PATTERN: &str = "_pattern";
const DIRECTION: &str = "_direction";

struct Search<'g> {
    vertices: &'g Relation,
    edges: &'g Relation,
    n_anonymous: usize,
}

impl Search<'_> {
    fn vertex(&self, name: &str) -> Relation {
        project(self.vertices.clone(), vec![packed(Vec::new(), name)])
    }

    /// What was found so far (nothing yet: none) with one more term.
    fn extend(
        &mut self,
        found: Option<Relation>,
        handled: &[Term],
        term: &Term,
    ) -> Result<Option<Relation>> {
        Ok(Some(match term {
            Term::Vertex(name) if is_seen(handled, name) => return Ok(found),
            Term::Vertex(name) => beside(found, self.vertex(name)),
            Term::Edge(edge) => self.edge(found, handled, edge),
            Term::Not(edge) => {
                // The vertices of a negated term were found before.
                let Some(before) = found else {
                    return Err(super::error::invalid("A motif cannot begin with a negated term."));
                };
                let with_edge = self.edge(Some(before.clone()), handled, edge);
                let extra = [PATTERN, DIRECTION].map(str::to_owned);
                let with_edge = match edge.is_directed {
                    true => with_edge,
                    false => {
                        let named = edge.name.iter().cloned();
                        drop_names(with_edge, named.chain(extra).collect())
                    }
                };
                except(before, with_edge)
            }
        }))
    }

    fn edge(&mut self, found: Option<Relation>, handled: &[Term], edge: &Edge) -> Relation {
        if edge.is_directed {
            return self.directed(found, handled, edge);
        }
        let text = |name: &Option<String>| name.clone().unwrap_or_default();
        let (src, name, dst) = (text(&edge.src), text(&edge.name), text(&edge.dst));
        let reversed = Edge { src: edge.dst.clone(), dst: edge.src.clone(), ..edge.clone() };
        let mut one = |edge: &Edge, pattern: String, direction: &str| {
            let found = self.directed(found.clone(), handled, edge);
            let found = with_columns(found, vec![(PATTERN, Expr::string(pattern))]);
            with_columns(found, vec![(DIRECTION, Expr::string(direction))])
        };
        let back = one(&reversed, format!("({src})<-[{name}]-({dst})"), "in");
        let there = one(edge, format!("({src})-[{name}]->({dst})"), "out");
        union_by_name(back, there)
    }

    fn directed(&mut self, found: Option<Relation>, handled: &[Term], edge: &Edge) -> Relation {
        let (name, rows) = match &edge.name {
            Some(name) => {
                (name.clone(), project(self.edges.clone(), vec![packed(Vec::new(), name)]))
            }
            None => {
                self.n_anonymous += 1;
                let name = format!("__tmp{}", self.n_anonymous);
                let ends = vec![column(&["src"]), column(&["dst"])];
                let rows = project(self.edges.clone(), vec![packed(ends, &name)]);
                (name, rows)
            }
        };
        let end =
            |end: &str, vertex: &str| equal(column(&[name.as_str(), end]), column(&[vertex, "id"]));
        let ends = [("src", edge.src.as_deref()), ("dst", edge.dst.as_deref())];
        let is_seen_end = |vertex: &str| is_seen(handled, vertex);
        // First to the vertices that are there, then the others.
        let seen: Vec<Expr> = ends
            .iter()
            .filter_map(|(side, vertex)| {
                vertex.filter(|one| is_seen_end(one)).map(|one| end(side, one))
            })
            .collect();
        let mut found = match (found, seen.is_empty()) {
            (Some(found), false) => inner(found, rows, all(seen)),
            (found, _) => beside(found, rows),
        };
        let mut added: Option<&str> = None;
        for (side, vertex) in ends {
            let Some(vertex) = vertex.filter(|one| !is_seen_end(one)) else { continue };
            if added == Some(vertex) {
                continue;
            }
            let is_loop = edge.src == edge.dst;
            let condition = match is_loop {
                true => all(vec![end("src", vertex), end("dst", vertex)]),
                false => end(side, vertex),
            };
            found = inner(found, self.vertex(vertex), condition);
            added = Some(vertex);
        }
        match edge.name {
            Some(_) => found,
            None => drop_names(found, vec![name]),
        }
    }
}

fn is_seen(handled: &[Term], name: &str) -> bool {
    handled.iter().any(|term| term.has_vertex(name))
}

fn beside(found: Option<Relation>, rows: Relation) -> Relation {
    match found {
        None => rows,
        Some(found) => join(found, rows, JoinType::Cross, JoinCondition::None),
    }
}
