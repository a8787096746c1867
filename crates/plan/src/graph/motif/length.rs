//! Paths of several lengths, which are the whole pattern: `(u)-[e*1..3]->(v)`, and without a direction.

use super::super::build::{integer, union_by_name, with_columns};
use super::error::invalid;
use super::terms;
use crate::spec::{Expr, Relation, RelationNode, SortOrder};
use firesteel_common::Result;

/// Lengths of one pattern: each is a query.
const LENGTHS_MAX: usize = 100;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path<'p> {
    src: &'p str,
    name: &'p str,
    dst: &'p str,
    min: usize,
    max: usize,
    is_directed: bool,
}

/// The path that the whole pattern is; none if it is something else.
///
/// # Errors
/// `InvalidParseException`: a bound is missing.
pub(super) fn parse(pattern: &str) -> Result<Option<Path<'_>>> {
    let Some((src, rest)) = bracketed(pattern.trim(), "(", ")-[") else {
        return Ok(None);
    };
    let Some((inside, rest)) = rest.split_once("]-") else {
        return Ok(None);
    };
    let (is_directed, rest) = match rest.strip_prefix('>') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (Some((dst, "")), Some((name, bounds))) =
        (bracketed(rest, "(", ")"), inside.split_once('*'))
    else {
        return Ok(None);
    };
    let is_word = |text: &str| text.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let (min, max) = match bounds.split_once("..") {
        Some(bounds) => bounds,
        None if is_directed => return Ok(None),
        None => (bounds, bounds),
    };
    let is_number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if ![src, name, dst].into_iter().all(is_word) || !is_number(min) || !is_number(max) {
        return Ok(None);
    }
    if min.is_empty() || max.is_empty() {
        return Err(invalid(format!(
            "Unbounded length patten {pattern} is not supported! Please a pattern of defined length."
        )));
    }
    let (Ok(min), Ok(max)) = (min.parse::<usize>(), max.parse::<usize>()) else {
        return Err(too_long(pattern));
    };
    if max > LENGTHS_MAX {
        return Err(too_long(pattern));
    }
    if min > max {
        return Err(invalid(format!(
            "The path {pattern} has no length: {min} is more than {max}."
        )));
    }
    Ok(Some(Path { src, name, dst, min, max, is_directed }))
}

fn too_long(pattern: &str) -> firesteel_common::SparkError {
    invalid(format!("The path {pattern} may have {LENGTHS_MAX} edges at most."))
}

fn bracketed<'p>(text: &'p str, open: &str, close: &str) -> Option<(&'p str, &'p str)> {
    text.strip_prefix(open)?.split_once(close)
}

impl Path<'_> {
    /// The longest first, whose columns come first; those that a path does not have are null.
    pub fn find(&self, vertices: &Relation, edges: &Relation) -> Result<Relation> {
        let (src, name, dst) = (self.src, self.name, self.dst);
        let directions: &[&str] = if self.is_directed { &["out"] } else { &["out", "in"] };
        let mut found: Option<Relation> = None;
        for direction in directions {
            for hops in (self.min..=self.max).rev() {
                let pattern = match *direction {
                    "out" => format!("({src})-[{name}*{hops}]->({dst})"),
                    _ => format!("({src})<-[{name}*{hops}]-({dst})"),
                };
                let one = terms::find(vertices, edges, &pattern)?;
                let hops = i32::try_from(hops).unwrap_or(i32::MAX);
                let one = with_columns(one, vec![("_hop", integer(hops))]);
                let one = with_columns(one, vec![("_pattern", Expr::string(pattern))]);
                let one = with_columns(one, vec![("_direction", Expr::string(*direction))]);
                found = Some(match found {
                    None => one,
                    Some(before) => union_by_name(before, one),
                });
            }
        }
        let input = found.ok_or_else(|| invalid("The path has no length."))?;
        let order = ["_hop", "_direction"].map(|name| SortOrder {
            child: Box::new(Expr::attribute([name])),
            ascending: true,
            nulls_first: None,
        });
        Ok(RelationNode::Sort { input, order: order.to_vec(), global: true }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let path = |min, max, is_directed| {
            Some(Path { src: "u", name: "e", dst: "v", min, max, is_directed })
        };
        assert_eq!(parse("(u)-[e*1..3]->(v)").unwrap(), path(1, 3, true));
        assert_eq!(parse("(u)-[e*2..2]-(v)").unwrap(), path(2, 2, false));
        assert_eq!(parse("(u)-[e*4]-(v)").unwrap(), path(4, 4, false));
        assert_eq!(parse("(u)-[e*4]->(v)").unwrap(), None);
        assert_eq!(parse("(u)-[e]-(v)").unwrap(), None);
        assert_eq!(parse("(u)-[e*1..2]->(v);(v)-[]->(w)").unwrap(), None);
        for fault in [
            "(u)-[e*..3]->(v)",
            "(u)-[e*1..]-(v)",
            "(u)-[*..]->(v)",
            "(u)-[e*]-(v)",
            "(u)-[*3..1]->(v)",
        ] {
            assert!(parse(fault).is_err(), "{fault}");
        }
    }
}
