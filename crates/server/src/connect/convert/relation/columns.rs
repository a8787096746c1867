//! Relations that choose, add, rename and turn columns.

use super::super::expression::{expression, expressions};
use super::super::{data_type, faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_plan::spec::{Relation, RelationNode, Unpivot};
use firesteel_proto::spark::connect as proto;

/// Without an input it is a projection of one row without columns.
pub fn project(session: &Session, project: &proto::Project) -> Result<RelationNode> {
    let input = match project.input.as_deref() {
        Some(part) => super::relation(session, part)?,
        None => Relation::from(RelationNode::OneRow),
    };
    Ok(RelationNode::Project { input, exprs: expressions(&project.expressions)? })
}

pub fn with_columns(session: &Session, message: &proto::WithColumns) -> Result<RelationNode> {
    let columns = message.aliases.iter().map(|alias| {
        let [name] = alias.name.as_slice() else {
            return Err(SparkError::invalid_plan("withColumns needs one name for each column."));
        };
        let value = expression(required(alias.expr.as_deref(), faults::expression)?)?;
        Ok((name.clone(), value, alias.metadata.clone().filter(|json| !json.is_empty())))
    });
    let columns = columns.collect::<Result<_>>()?;
    Ok(RelationNode::WithColumns { input: input(session, message.input.as_deref())?, columns })
}

// The map is deprecated in favour of the list, and older clients send it.
#[allow(deprecated)]
pub fn with_columns_renamed(
    session: &Session,
    message: &proto::WithColumnsRenamed,
) -> Result<RelationNode> {
    let mut renames: Vec<_> = message
        .renames
        .iter()
        .map(|rename| (rename.col_name.clone(), rename.new_col_name.clone()))
        .collect();
    if renames.is_empty() {
        renames.extend(message.rename_columns_map.clone());
        renames.sort_unstable();
    }
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::WithColumnsRenamed { input, renames })
}

pub fn drop(session: &Session, message: &proto::Drop) -> Result<RelationNode> {
    Ok(RelationNode::Drop {
        input: input(session, message.input.as_deref())?,
        columns: expressions(&message.columns)?,
        names: message.column_names.clone(),
    })
}

pub fn to_df(session: &Session, message: &proto::ToDf) -> Result<RelationNode> {
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::ToDf { input, names: message.column_names.clone() })
}

pub fn to_schema(session: &Session, message: &proto::ToSchema) -> Result<RelationNode> {
    let SparkType::Struct(schema) =
        data_type(required(message.schema.as_ref(), faults::data_type)?)?
    else {
        return Err(SparkError::invalid_plan("The schema of a DataFrame must be a struct."));
    };
    Ok(RelationNode::ToSchema { input: input(session, message.input.as_deref())?, schema })
}

pub fn subquery_alias(session: &Session, message: &proto::SubqueryAlias) -> Result<RelationNode> {
    Ok(RelationNode::Alias {
        input: input(session, message.input.as_deref())?,
        name: message.alias.clone(),
        qualifier: message.qualifier.clone(),
        columns: Vec::new(),
    })
}

pub fn unpivot(session: &Session, message: &proto::Unpivot) -> Result<RelationNode> {
    let values = message.values.as_ref().map(|values| {
        let columns = values.values.iter().map(|value| Ok((vec![expression(value)?], None)));
        columns.collect::<Result<Vec<_>>>()
    });
    Ok(RelationNode::Unpivot(Unpivot {
        input: input(session, message.input.as_deref())?,
        ids: Some(expressions(&message.ids)?),
        values: values.transpose()?,
        variable_column: message.variable_column_name.clone(),
        value_columns: vec![message.value_column_name.clone()],
        // The DataFrame API keeps nulls; SQL drops them unless told otherwise.
        include_nulls: true,
    }))
}

pub fn transpose(session: &Session, message: &proto::Transpose) -> Result<RelationNode> {
    let index = expressions(&message.index_columns)?;
    Ok(RelationNode::Transpose { input: input(session, message.input.as_deref())?, index })
}
