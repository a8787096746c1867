//! Joins and set operations.

use super::super::expression::expression;
use super::super::{faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{
    AsOfJoin, Join, JoinCondition, JoinType, NearestByJoin, RelationNode, SetOperation, SetOperator,
};
use firesteel_proto::spark::connect as proto;
use proto::set_operation::SetOpType;

fn join_type(join_type: proto::join::JoinType) -> Result<JoinType> {
    use proto::join::JoinType as Message;
    Ok(match join_type {
        Message::Inner => JoinType::Inner,
        Message::FullOuter => JoinType::Full,
        Message::LeftOuter => JoinType::Left,
        Message::RightOuter => JoinType::Right,
        Message::LeftAnti => JoinType::LeftAnti,
        Message::LeftSemi => JoinType::LeftSemi,
        Message::Cross => JoinType::Cross,
        Message::Unspecified => {
            let name = join_type.as_str_name();
            return Err(faults::invalid_enum("spark.connect.Join.JoinType", name));
        }
    })
}

fn condition(on: Option<&proto::Expression>, using: &[String]) -> Result<JoinCondition> {
    Ok(match (on, using) {
        (Some(on), []) => JoinCondition::On(expression(on)?),
        (None, []) => JoinCondition::None,
        (None, using) => JoinCondition::Using(using.to_vec()),
        (Some(_), _) => {
            return Err(faults::invalid(
                "USING_COLUMNS_OR_JOIN_CONDITION_SET_IN_JOIN",
                "Using columns or join conditions cannot be set at the same time in Join",
            ));
        }
    })
}

pub fn join(session: &Session, message: &proto::Join) -> Result<RelationNode> {
    if message.join_data_type.is_some() {
        return Err(SparkError::unsupported("joinWith"));
    }
    Ok(RelationNode::Join(Join {
        left: input(session, message.left.as_deref())?,
        right: input(session, message.right.as_deref())?,
        join_type: join_type(message.join_type())?,
        condition: condition(message.join_condition.as_ref(), &message.using_columns)?,
        lateral: false,
    }))
}

pub fn lateral_join(session: &Session, message: &proto::LateralJoin) -> Result<RelationNode> {
    Ok(RelationNode::Join(Join {
        left: input(session, message.left.as_deref())?,
        right: input(session, message.right.as_deref())?,
        join_type: join_type(message.join_type())?,
        condition: condition(message.join_condition.as_ref(), &[])?,
        lateral: true,
    }))
}

pub fn nearest_by_join(session: &Session, message: &proto::NearestByJoin) -> Result<RelationNode> {
    let ranking = required(message.ranking_expression.as_ref(), faults::expression)?;
    Ok(RelationNode::NearestByJoin(Box::new(NearestByJoin {
        left: input(session, message.left.as_deref())?,
        right: input(session, message.right.as_deref())?,
        ranking: expression(ranking)?,
        n_results: message.num_results,
        join_type: message.join_type.clone(),
        mode: message.mode.clone(),
        direction: message.direction.clone(),
    })))
}

pub fn as_of_join(session: &Session, message: &proto::AsOfJoin) -> Result<RelationNode> {
    let column = |part: Option<&proto::Expression>| expression(required(part, faults::expression)?);
    Ok(RelationNode::AsOfJoin(Box::new(AsOfJoin {
        left: input(session, message.left.as_deref())?,
        right: input(session, message.right.as_deref())?,
        left_as_of: column(message.left_as_of.as_ref())?,
        right_as_of: column(message.right_as_of.as_ref())?,
        condition: message.join_expr.as_ref().map(expression).transpose()?,
        using: message.using_columns.clone(),
        join_type: message.join_type.clone(),
        tolerance: message.tolerance.as_ref().map(expression).transpose()?,
        allow_exact_matches: message.allow_exact_matches,
        direction: message.direction.clone(),
    })))
}

pub fn set_operation(session: &Session, message: &proto::SetOperation) -> Result<RelationNode> {
    Ok(RelationNode::SetOperation(SetOperation {
        left: input(session, message.left_input.as_deref())?,
        right: input(session, message.right_input.as_deref())?,
        op: match message.set_op_type() {
            SetOpType::Union => SetOperator::Union,
            SetOpType::Intersect => SetOperator::Intersect,
            SetOpType::Except => SetOperator::Except,
            SetOpType::Unspecified => {
                let name = SetOpType::Unspecified.as_str_name();
                return Err(faults::invalid_enum("spark.connect.SetOperation.SetOpType", name));
            }
        },
        all: message.is_all.unwrap_or(false),
        by_name: message.by_name.unwrap_or(false),
        allow_missing_columns: message.allow_missing_columns.unwrap_or(false),
    }))
}
