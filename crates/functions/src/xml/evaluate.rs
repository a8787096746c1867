//! Evaluates XPath 1.0 expressions over a document.

use super::document::{Document, Kind};
use super::path::{Axis, Expr, Operator, Step, Test};
use crate::cast::java_double::double_text;

/// What an expression gives. Nodes are in document order, each once.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Nodes(Vec<usize>),
    Boolean(bool),
    Number(f64),
    Text(String),
}

/// Where an expression is evaluated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub document: &'a Document,
    pub node: usize,
    /// Counted from 1.
    pub position: usize,
    pub size: usize,
}

impl Value {
    pub(super) fn to_boolean(&self) -> bool {
        match self {
            Value::Nodes(nodes) => !nodes.is_empty(),
            Value::Boolean(value) => *value,
            Value::Number(value) => *value != 0.0 && !value.is_nan(),
            Value::Text(text) => !text.is_empty(),
        }
    }

    pub(super) fn to_text(&self, document: &Document) -> String {
        match self {
            Value::Nodes(nodes) => {
                nodes.first().map_or_else(String::new, |node| document.text(*node))
            }
            Value::Boolean(value) => value.to_string(),
            Value::Number(value) => number_text(*value),
            Value::Text(text) => text.clone(),
        }
    }

    pub(super) fn to_number(&self, document: &Document) -> f64 {
        match self {
            Value::Number(value) => *value,
            Value::Boolean(value) => f64::from(u8::from(*value)),
            _ => parse_number(&self.to_text(document)),
        }
    }
}

/// Digits with at most one point; all else is not a number.
fn parse_number(text: &str) -> f64 {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

fn number_text(value: f64) -> String {
    if value.is_finite() && value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{}", value as i64);
    }
    double_text(value)
}

/// The value; none where the expression calls a function that there is not, or with the wrong arguments.
pub(super) fn evaluate(expr: &Expr, context: Context<'_>) -> Option<Value> {
    let document = context.document;
    Some(match expr {
        Expr::Number(value) => Value::Number(*value),
        Expr::Text(text) => Value::Text(text.clone()),
        Expr::Negative(inner) => Value::Number(-evaluate(inner, context)?.to_number(document)),
        Expr::Call(name, args) => call(name, args, context)?,
        Expr::Binary(Operator::Or, left, right) => Value::Boolean(
            evaluate(left, context)?.to_boolean() || evaluate(right, context)?.to_boolean(),
        ),
        Expr::Binary(Operator::And, left, right) => Value::Boolean(
            evaluate(left, context)?.to_boolean() && evaluate(right, context)?.to_boolean(),
        ),
        Expr::Binary(operator, left, right) => {
            binary(*operator, evaluate(left, context)?, evaluate(right, context)?, document)?
        }
        Expr::Path { from, filters, absolute, steps } => {
            let mut nodes = match from {
                Some(from) => match evaluate(from, context)? {
                    Value::Nodes(nodes) => nodes,
                    other => return (filters.is_empty() && steps.is_empty()).then_some(other),
                },
                None => vec![if *absolute { 0 } else { context.node }],
            };
            for filter in filters {
                nodes = filtered(nodes, filter, document)?;
            }
            for step in steps {
                nodes = walk(&nodes, step, document)?;
            }
            Value::Nodes(nodes)
        }
    })
}

fn binary(operator: Operator, left: Value, right: Value, document: &Document) -> Option<Value> {
    use Operator::{
        And, Divide, Equal, Greater, GreaterEqual, Less, LessEqual, Minus, Modulo, NotEqual, Or,
        Plus, Times, Union,
    };
    Some(match operator {
        Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual => {
            Value::Boolean(compare(operator, &left, &right, document))
        }
        Union => {
            let (Value::Nodes(mut nodes), Value::Nodes(more)) = (left, right) else { return None };
            nodes.extend(more);
            nodes.sort_unstable();
            nodes.dedup();
            Value::Nodes(nodes)
        }
        Plus | Minus | Times | Divide | Modulo | Or | And => {
            let (left, right) = (left.to_number(document), right.to_number(document));
            Value::Number(match operator {
                Plus => left + right,
                Minus => left - right,
                Times => left * right,
                Divide => left / right,
                _ => left % right,
            })
        }
    })
}

/// A comparison with nodes holds if it does for one of them.
fn compare(operator: Operator, left: &Value, right: &Value, document: &Document) -> bool {
    match (left, right) {
        (Value::Nodes(_), Value::Boolean(_)) | (Value::Boolean(_), Value::Nodes(_)) => {
            let flag = |value: &Value| Value::Boolean(value.to_boolean());
            compare_plain(operator, &flag(left), &flag(right), document)
        }
        (Value::Nodes(nodes), _) => nodes
            .iter()
            .any(|node| compare(operator, &Value::Text(document.text(*node)), right, document)),
        (_, Value::Nodes(nodes)) => nodes.iter().any(|node| {
            compare_plain(operator, left, &Value::Text(document.text(*node)), document)
        }),
        _ => compare_plain(operator, left, right, document),
    }
}

fn compare_plain(operator: Operator, left: &Value, right: &Value, document: &Document) -> bool {
    if matches!(operator, Operator::Equal | Operator::NotEqual) {
        let equal = match (left, right) {
            (Value::Boolean(_), _) | (_, Value::Boolean(_)) => {
                left.to_boolean() == right.to_boolean()
            }
            (Value::Number(_), _) | (_, Value::Number(_)) => {
                left.to_number(document) == right.to_number(document)
            }
            _ => left.to_text(document) == right.to_text(document),
        };
        return equal == (operator == Operator::Equal);
    }
    let (left, right) = (left.to_number(document), right.to_number(document));
    match operator {
        Operator::Less => left < right,
        Operator::LessEqual => left <= right,
        Operator::Greater => left > right,
        _ => left >= right,
    }
}

/// What a step leads to from each of the nodes.
fn walk(nodes: &[usize], step: &Step, document: &Document) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    for node in nodes {
        let mut here: Vec<_> = along(step.axis, *node, document)
            .into_iter()
            .filter(|place| passes(&step.test, step.axis, *place, document))
            .collect();
        for predicate in &step.predicates {
            here = filtered(here, predicate, document)?;
        }
        found.extend(here);
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn filtered(nodes: Vec<usize>, predicate: &Expr, document: &Document) -> Option<Vec<usize>> {
    let size = nodes.len();
    let mut kept = Vec::new();
    for (place, node) in nodes.into_iter().enumerate() {
        let context = Context { document, node, position: place + 1, size };
        let keep = match evaluate(predicate, context)? {
            Value::Number(number) => number == (place + 1) as f64,
            other => other.to_boolean(),
        };
        if keep {
            kept.push(node);
        }
    }
    Some(kept)
}

/// The nodes of an axis, the nearest first.
fn along(axis: Axis, node: usize, document: &Document) -> Vec<usize> {
    let nodes = &document.nodes;
    let is_attribute = |place: &usize| matches!(nodes[*place].kind, Kind::Attribute(..));
    let ancestors = || {
        let up =
            std::iter::successors(Some(node), |place| (*place != 0).then(|| nodes[*place].parent));
        up.skip(1).collect::<Vec<_>>()
    };
    let parent = nodes[node].parent;
    match axis {
        Axis::Itself => vec![node],
        Axis::Child => document.children(node).collect(),
        Axis::Attribute => document.attributes(node).collect(),
        Axis::Descendant => {
            (node + 1..nodes[node].end).filter(|place| !is_attribute(place)).collect()
        }
        Axis::DescendantOrSelf => {
            (node..nodes[node].end).filter(|place| *place == node || !is_attribute(place)).collect()
        }
        Axis::Parent if node == 0 => Vec::new(),
        Axis::Parent => vec![parent],
        Axis::Ancestor => ancestors(),
        Axis::AncestorOrSelf => std::iter::once(node).chain(ancestors()).collect(),
        Axis::FollowingSibling | Axis::PrecedingSibling if node == 0 || is_attribute(&node) => {
            Vec::new()
        }
        Axis::FollowingSibling => document.children(parent).filter(|place| *place > node).collect(),
        Axis::PrecedingSibling => {
            let mut before: Vec<_> =
                document.children(parent).filter(|place| *place < node).collect();
            before.reverse();
            before
        }
        Axis::Following => {
            (nodes[node].end..nodes.len()).filter(|place| !is_attribute(place)).collect()
        }
        Axis::Preceding => {
            let above = ancestors();
            (1..node).rev().filter(|place| !is_attribute(place) && !above.contains(place)).collect()
        }
    }
}

fn passes(test: &Test, axis: Axis, place: usize, document: &Document) -> bool {
    let named = match document.nodes[place].kind {
        Kind::Element(_) => axis != Axis::Attribute,
        Kind::Attribute(..) => axis == Axis::Attribute,
        _ => false,
    };
    match test {
        Test::AnyNode => true,
        Test::Text => matches!(document.nodes[place].kind, Kind::Text(_)),
        Test::AnyName => named,
        // Names count without their prefix, and a prefix in the path matches nothing: Spark declares none.
        Test::Name(name) => {
            let its = document.name(place);
            named && its.rsplit_once(':').map_or(its, |(_, local)| local) == name
        }
    }
}

fn call(name: &str, args: &[Expr], context: Context<'_>) -> Option<Value> {
    let document = context.document;
    let values = args.iter().map(|arg| evaluate(arg, context)).collect::<Option<Vec<_>>>()?;
    let text = |place: usize| match values.get(place) {
        Some(value) => value.to_text(document),
        None => document.text(context.node),
    };
    let number = |place: usize| values.get(place).map(|value| value.to_number(document));
    let nodes = |place: usize| match values.get(place) {
        Some(Value::Nodes(nodes)) => Some(nodes.clone()),
        Some(_) => None,
        None => Some(vec![context.node]),
    };
    let arity =
        |range: std::ops::RangeInclusive<usize>| range.contains(&values.len()).then_some(());
    Some(match name {
        "last" => {
            arity(0..=0)?;
            Value::Number(context.size as f64)
        }
        "position" => {
            arity(0..=0)?;
            Value::Number(context.position as f64)
        }
        "count" => {
            arity(1..=1)?;
            Value::Number(nodes(0)?.len() as f64)
        }
        "sum" => {
            arity(1..=1)?;
            Value::Number(nodes(0)?.iter().map(|node| parse_number(&document.text(*node))).sum())
        }
        "name" | "local-name" => {
            arity(0..=1)?;
            let full = nodes(0)?.first().map_or("", |node| document.name(*node)).to_owned();
            let local = full.rsplit_once(':').map_or(full.as_str(), |(_, local)| local).to_owned();
            Value::Text(if name == "name" { full } else { local })
        }
        "string" => {
            arity(0..=1)?;
            Value::Text(text(0))
        }
        "concat" => {
            arity(2..=usize::MAX)?;
            Value::Text((0..values.len()).map(text).collect())
        }
        "starts-with" => {
            arity(2..=2)?;
            Value::Boolean(text(0).starts_with(&text(1)))
        }
        "contains" => {
            arity(2..=2)?;
            Value::Boolean(text(0).contains(&text(1)))
        }
        "substring-before" => {
            arity(2..=2)?;
            Value::Text(
                text(0).split_once(&text(1)).map_or(String::new(), |(before, _)| before.into()),
            )
        }
        "substring-after" => {
            arity(2..=2)?;
            Value::Text(
                text(0).split_once(&text(1)).map_or(String::new(), |(_, after)| after.into()),
            )
        }
        "substring" => {
            arity(2..=3)?;
            let start = rounded(number(1)?);
            let end = match number(2) {
                Some(length) => start + rounded(length),
                None => f64::INFINITY,
            };
            let inside = |(place, _): &(usize, char)| {
                let place = (place + 1) as f64;
                place >= start && place < end
            };
            Value::Text(
                text(0).chars().enumerate().filter(inside).map(|(_, letter)| letter).collect(),
            )
        }
        "string-length" => {
            arity(0..=1)?;
            Value::Number(text(0).encode_utf16().count() as f64)
        }
        "normalize-space" => {
            arity(0..=1)?;
            Value::Text(text(0).split_whitespace().collect::<Vec<_>>().join(" "))
        }
        "translate" => {
            arity(3..=3)?;
            let (from, to): (Vec<char>, Vec<char>) =
                (text(1).chars().collect(), text(2).chars().collect());
            let translated = text(0)
                .chars()
                .filter_map(|letter| match from.iter().position(|known| *known == letter) {
                    Some(place) => to.get(place).copied(),
                    None => Some(letter),
                })
                .collect();
            Value::Text(translated)
        }
        "boolean" => {
            arity(1..=1)?;
            Value::Boolean(values[0].to_boolean())
        }
        "not" => {
            arity(1..=1)?;
            Value::Boolean(!values[0].to_boolean())
        }
        "true" | "false" => {
            arity(0..=0)?;
            Value::Boolean(name == "true")
        }
        "number" => {
            arity(0..=1)?;
            Value::Number(number(0).unwrap_or_else(|| parse_number(&text(0))))
        }
        "floor" => {
            arity(1..=1)?;
            Value::Number(number(0)?.floor())
        }
        "ceiling" => {
            arity(1..=1)?;
            Value::Number(number(0)?.ceil())
        }
        "round" => {
            arity(1..=1)?;
            Value::Number(rounded(number(0)?))
        }
        _ => return None,
    })
}

/// Half upwards.
fn rounded(value: f64) -> f64 {
    (value + 0.5).floor()
}
