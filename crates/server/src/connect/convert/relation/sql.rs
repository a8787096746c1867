//! SQL text with its arguments, and relations that others refer to.

use super::super::expression::expression;
use super::super::faults;
use super::super::literal::literal;
use super::input;
use crate::session::{Session, substitute};
use firesteel_common::Result;
use firesteel_plan::spec::{Expr, RelationNode, SqlText};
use firesteel_proto::spark::connect as proto;

/// Arguments come as expressions; as literals from older clients.
#[allow(deprecated)]
pub fn sql_text(session: &Session, message: &proto::Sql) -> Result<SqlText> {
    let mut named = Vec::new();
    for (name, value) in &message.named_arguments {
        named.push((name.clone(), expression(value)?));
    }
    for (name, value) in &message.args {
        named.push((name.clone(), Expr::literal(literal(value)?)));
    }
    // A map has no order; equal plans must be equal.
    named.sort_by(|left, right| left.0.cmp(&right.0));
    let mut positional = Vec::new();
    for value in &message.pos_arguments {
        positional.push(expression(value)?);
    }
    for value in &message.pos_args {
        positional.push(Expr::literal(literal(value)?));
    }
    let query = substitute(&message.query, &session.conf.read());
    Ok(SqlText { query, named, positional })
}

pub fn with_relations(session: &Session, message: &proto::WithRelations) -> Result<RelationNode> {
    let references = message.references.iter().map(|part| super::relation(session, part));
    let root = input(session, message.root.as_deref())?;
    if message.references.iter().any(|part| part.rel_type.is_none()) {
        let text = "Invalid WithRelation reference";
        return Err(faults::invalid("INVALID_WITH_RELATION_REFERENCE", text));
    }
    let references = references.collect::<Result<_>>()?;
    Ok(RelationNode::WithRelations { root, references })
}
