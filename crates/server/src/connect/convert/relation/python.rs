//! Python functions over partitions, groups and pairs of groups.

use super::super::expression::expressions;
use super::super::python::python_function;
use super::super::{faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{CoGroupMap, RelationNode};
use firesteel_proto::spark::connect as proto;

pub fn map_partitions(session: &Session, message: &proto::MapPartitions) -> Result<RelationNode> {
    Ok(RelationNode::MapPartitions {
        input: input(session, message.input.as_deref())?,
        function: python_function(required(message.func.as_ref(), faults::part("a function"))?)?,
        is_barrier: message.is_barrier.unwrap_or(false),
    })
}

pub fn group_map(session: &Session, message: &proto::GroupMap) -> Result<RelationNode> {
    if message.transform_with_state_info.is_some()
        || message.is_map_groups_with_state.unwrap_or(false)
    {
        return Err(SparkError::unsupported("functions over groups with state"));
    }
    Ok(RelationNode::GroupMap {
        input: input(session, message.input.as_deref())?,
        grouping: expressions(&message.grouping_expressions)?,
        function: python_function(required(message.func.as_ref(), faults::part("a function"))?)?,
        sorting: expressions(&message.sorting_expressions)?,
    })
}

pub fn co_group_map(session: &Session, message: &proto::CoGroupMap) -> Result<RelationNode> {
    Ok(RelationNode::CoGroupMap(Box::new(CoGroupMap {
        left: input(session, message.input.as_deref())?,
        left_grouping: expressions(&message.input_grouping_expressions)?,
        right: input(session, message.other.as_deref())?,
        right_grouping: expressions(&message.other_grouping_expressions)?,
        function: python_function(required(message.func.as_ref(), faults::part("a function"))?)?,
        left_sorting: expressions(&message.input_sorting_expressions)?,
        right_sorting: expressions(&message.other_sorting_expressions)?,
    })))
}
