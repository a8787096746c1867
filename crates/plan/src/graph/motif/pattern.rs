//! The grammar of motifs.
//!
//! ```text
//! pattern := [term (";" term)*] [";"]
//! term    := ["!"] edge | vertex
//! vertex  := "(" name? ")"
//! edge    := vertex "-[" name? "]->" vertex            directed
//!          | vertex "-[" name? "]-" vertex             either way
//!          | vertex "<-[" name? "]-" vertex            the other way
//!          | vertex "<-[" name? "]->" vertex           two edges, named e1 and e2
//!          | vertex "-[" name? "*" N "]->" vertex      a chain of N edges, also with "<-"
//! name    := [a-zA-Z0-9_]+
//! ```

use super::error::{bad, invalid};
use firesteel_common::Result;
use std::collections::HashSet;

/// Vertices between the ends of a chain whose ends have no names; they are not shown.
pub(super) const HIDDEN: &str = "__tmpv";

/// Edges of one chain: each is a join.
const CHAIN_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub name: Option<String>,
    pub src: Option<String>,
    pub dst: Option<String>,
    pub is_directed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    Vertex(String),
    Edge(Edge),
    /// There is no such edge.
    Not(Edge),
}

impl Term {
    pub fn edge(&self) -> Option<&Edge> {
        match self {
            Term::Vertex(_) => None,
            Term::Edge(edge) | Term::Not(edge) => Some(edge),
        }
    }

    /// Whether the term names this vertex.
    pub fn has_vertex(&self, name: &str) -> bool {
        match self {
            Term::Vertex(own) => own == name,
            Term::Edge(edge) | Term::Not(edge) => {
                [&edge.src, &edge.dst].into_iter().flatten().any(|own| own == name)
            }
        }
    }
}

/// The terms of a pattern, with chains and edges in both directions written out.
///
/// # Errors
/// `InvalidParseException`.
pub(super) fn parse(pattern: &str) -> Result<Vec<Term>> {
    let mut cursor = Cursor { pattern, rest: pattern };
    let mut terms = Vec::new();
    cursor.skip_space();
    while !cursor.rest.is_empty() {
        cursor.term(&mut terms)?;
        cursor.skip_space();
        if !cursor.rest.is_empty() {
            cursor.expect(";")?;
            cursor.skip_space();
        }
    }
    check(&terms)?;
    Ok(terms)
}

struct Cursor<'p> {
    pattern: &'p str,
    rest: &'p str,
}

impl Cursor<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, text: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, text: &str) -> Result<()> {
        if self.takes(text) {
            return Ok(());
        }
        let found = match self.rest.chars().next() {
            Some(found) => format!("'{found}' found"),
            None => "end of source found".to_owned(),
        };
        Err(bad(self.pattern, &format!("'{text}' expected but {found}")))
    }

    fn name(&mut self) -> Option<String> {
        self.skip_space();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn vertex(&mut self) -> Result<Option<String>> {
        self.expect("(")?;
        let name = self.name();
        self.expect(")")?;
        Ok(name)
    }

    fn term(&mut self, terms: &mut Vec<Term>) -> Result<()> {
        let start = self.rest;
        let is_negated = self.takes("!");
        let first = self.vertex()?;
        let comes_back = self.takes("<");
        if !comes_back && !self.takes("-") {
            if is_negated {
                self.expect("-")?;
            }
            let name = first.ok_or_else(|| {
                invalid(
                    "Motif finding does not allow a lone anonymous vertex \"()\" in a motif.  Users can check for \
                     the existence of vertices in the graph using the vertices DataFrame.",
                )
            })?;
            terms.push(Term::Vertex(name));
            return Ok(());
        }
        if comes_back {
            self.expect("-")?;
        }
        self.expect("[")?;
        let name = self.name();
        let n_hops = match self.takes("*") {
            true => Some(self.hops()?),
            false => None,
        };
        self.expect("]")?;
        self.expect("-")?;
        let goes_on = self.takes(">");
        let last = self.vertex()?;
        let text = &start[..start.len() - self.rest.len()];
        if comes_back && goes_on && is_negated {
            return Err(invalid(format!(
                "Motif finding does not support negated bidirectional edge: '{text}'."
            )));
        }
        if n_hops.is_some() && !comes_back && !goes_on {
            return Err(bad(self.pattern, "a path without direction must be the whole motif"));
        }
        let numbered = |number: u8| match (&name, n_hops) {
            (Some(name), None) => Some(format!("{name}{number}")),
            _ => name.clone(),
        };
        let (there, back) = match (comes_back, goes_on) {
            (true, true) => {
                (Some((first.clone(), numbered(1), last.clone())), Some((last, numbered(2), first)))
            }
            (true, false) => (Some((last, name, first)), None),
            (false, _) => (Some((first, name, last)), None),
        };
        let is_directed = comes_back || goes_on;
        for (src, name, dst) in there.into_iter().chain(back) {
            let edges = match n_hops {
                Some(0) => {
                    return Err(invalid(format!("Hop must be greater than 0: '{text}'.")));
                }
                Some(n_hops) => chain(src, name, dst, n_hops),
                None => vec![Edge { name, src, dst, is_directed }],
            };
            let term = if is_negated { Term::Not } else { Term::Edge };
            terms.extend(edges.into_iter().map(term));
        }
        Ok(())
    }

    fn hops(&mut self) -> Result<usize> {
        self.skip_space();
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit());
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if rest.starts_with("..") || digits.is_empty() {
            let text = "a path of unbounded or of several lengths must be the whole motif";
            return Err(bad(self.pattern, text));
        }
        self.rest = rest;
        match digits.parse() {
            Ok(n_hops) if n_hops <= CHAIN_MAX => Ok(n_hops),
            _ => Err(bad(self.pattern, &format!("a path has at most {CHAIN_MAX} edges"))),
        }
    }
}

/// A path as edges: vertices between are `_<src><dst><i>`, edges `_<name><i>`.
fn chain(
    src: Option<String>,
    name: Option<String>,
    dst: Option<String>,
    n_hops: usize,
) -> Vec<Edge> {
    let between = |i: usize| match (&src, &dst) {
        (None, None) => format!("{HIDDEN}{i}"),
        (src, dst) => {
            let part = |end: &Option<String>| end.clone().unwrap_or_default();
            format!("_{}{}{i}", part(src), part(dst))
        }
    };
    let edge = |i: usize| Edge {
        name: name.as_ref().map(|name| format!("_{name}{}", i + 1)),
        src: if i == 0 { src.clone() } else { Some(between(i)) },
        dst: if i + 1 == n_hops { dst.clone() } else { Some(between(i + 1)) },
        is_directed: true,
    };
    (0..n_hops).map(edge).collect()
}

fn check(terms: &[Term]) -> Result<()> {
    let mut vertices = HashSet::new();
    let mut edges = HashSet::new();
    let both = |name: &str| {
        invalid(format!(
            "Motif reused name '{name}' for both a vertex and an edge, which is not allowed."
        ))
    };
    for term in terms {
        if let Some(edge) = term.edge() {
            let is_negated = matches!(term, Term::Not(_));
            let arrow = if edge.is_directed { "->" } else { "-" };
            if let (true, true, Some(name)) = (is_negated, edge.is_directed, &edge.name) {
                let end = |end: &Option<String>| end.clone().unwrap_or_default();
                return Err(invalid(format!(
                    "Motif finding does not support negated named edges, but the given pattern contained: \
                     !({})-[{name}]->({})",
                    end(&edge.src),
                    end(&edge.dst)
                )));
            }
            if edge.name.is_none() && edge.src.is_none() && edge.dst.is_none() {
                let (kind, mark) = if is_negated { ("negated ", "!") } else { ("", "") };
                return Err(invalid(format!(
                    "Motif finding does not support completely anonymous {kind}edges {mark}()-[]{arrow}().  Users \
                     can check for the existence of edges in the graph using the edges DataFrame."
                )));
            }
            if let Some(name) = &edge.name {
                if vertices.contains(name) {
                    return Err(both(name));
                }
                if !edges.insert(name.clone()) {
                    return Err(invalid(format!(
                        "Motif reused name '{name}' for multiple edges, which is not allowed."
                    )));
                }
            }
        }
        let own = match term {
            Term::Vertex(name) => vec![name],
            Term::Edge(edge) | Term::Not(edge) => {
                [&edge.src, &edge.dst].into_iter().flatten().collect()
            }
        };
        for name in own {
            if edges.contains(name) {
                return Err(both(name));
            }
            vertices.insert(name.clone());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(src: &str, name: &str, dst: &str) -> Edge {
        let some = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        Edge { name: some(name), src: some(src), dst: some(dst), is_directed: true }
    }

    #[test]
    fn terms() {
        let edges = |list: &[(&str, &str, &str)]| -> Vec<Term> {
            list.iter().map(|(src, name, dst)| Term::Edge(edge(src, name, dst))).collect()
        };
        let parsed = |pattern: &str| parse(pattern).unwrap();
        assert_eq!(parsed(""), []);
        assert_eq!(parsed("(a)"), [Term::Vertex("a".to_owned())]);
        assert_eq!(parsed(" (a) - [e] -> (b) ; "), edges(&[("a", "e", "b")]));
        assert_eq!(parsed("(a)<-[e]-(b)"), edges(&[("b", "e", "a")]));
        assert_eq!(parsed("(a)<-[e]->(b)"), edges(&[("a", "e1", "b"), ("b", "e2", "a")]));
        assert_eq!(
            parsed("(a)-[e*3]->(b)"),
            edges(&[("a", "_e1", "_ab1"), ("_ab1", "_e2", "_ab2"), ("_ab2", "_e3", "b")])
        );
        assert_eq!(parsed("(a)<-[*1]-(b)"), edges(&[("b", "", "a")]));
        assert_eq!(
            parsed("()-[e*2]->()"),
            edges(&[("", "_e1", "__tmpv1"), ("__tmpv1", "_e2", "")])
        );
        // Both directions would give their edges the same names.
        assert!(parse("(a)<-[e*2]->(b)").is_err());
        assert_eq!(parsed("!(a)-[]->()"), [Term::Not(edge("a", "", ""))]);
        assert!(!parsed("(a)-[]-(b)")[0].edge().unwrap().is_directed);
    }

    #[test]
    fn faults() {
        for pattern in [
            "()",
            "()-[]->()",
            "()-[]-()",
            "!()-[]->()",
            "!(a)",
            "!!(a)-[]->(b)",
            "!(a)-[e]->(b)",
            "!(a)<-[]->(b)",
            "(a)-[a]->(b)",
            "(a)-[e]->(b);(b)-[e]->(c)",
            "(a)-[e]->(b);(e)-[]->(c)",
            "(a)-[e*0]->(b)",
            "(a)-[e*]->(b)",
            "(a)-[e*1..]->(b)",
            "(a)-[e*101]->(b)",
            "(a)-[e*2]-(b);(b)-[]->(c)",
            "(a)-[e]->",
            "(a)-e->(b)",
            "(a b)",
            "(a);;(b)",
            "a",
            "(é)",
        ] {
            assert!(parse(pattern).is_err(), "{pattern}");
        }
    }
}
