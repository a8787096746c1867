//! groupBy, rollup, cube, groupingSets and pivot.

use super::super::expression::{expression, expressions};
use super::super::literal::literal;
use super::super::{faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::Result;
use firesteel_plan::spec::{Aggregate, Grouping, RelationNode};
use firesteel_proto::spark::connect as proto;
use proto::aggregate::GroupType;

pub fn aggregate(session: &Session, message: &proto::Aggregate) -> Result<RelationNode> {
    let exprs = expressions(&message.grouping_expressions)?;
    let grouping = match message.group_type() {
        GroupType::Groupby | GroupType::Pivot => Grouping::By(exprs),
        GroupType::Rollup => Grouping::Rollup(exprs),
        GroupType::Cube => Grouping::Cube(exprs),
        GroupType::GroupingSets => {
            let sets = message.grouping_sets.iter().map(|set| expressions(&set.grouping_set));
            Grouping::Sets { exprs, sets: sets.collect::<Result<_>>()? }
        }
        GroupType::Unspecified => {
            let name = GroupType::Unspecified.as_str_name();
            return Err(faults::invalid_enum("spark.connect.Aggregate.GroupType", name));
        }
    };
    let pivot = match (message.group_type(), &message.pivot) {
        (GroupType::Pivot, pivot) => {
            let pivot = required(pivot.as_ref(), faults::part("the column of a pivot"))?;
            let column = expression(required(pivot.col.as_ref(), faults::expression)?)?;
            Some((column, pivot.values.iter().map(literal).collect::<Result<_>>()?))
        }
        _ => None,
    };
    Ok(RelationNode::Aggregate(Aggregate {
        input: input(session, message.input.as_deref())?,
        grouping,
        aggregates: expressions(&message.aggregate_expressions)?,
        prepend_grouping: true,
        pivot,
    }))
}
