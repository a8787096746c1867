//! Leaves: tables, sources, ranges, table functions, and strings to be parsed.

use super::super::expression::expressions;
use super::super::name::multipart_name;
use super::super::{data_type, required, schema_of_text};
use super::input;
use crate::session::Session;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_plan::spec::{DataSource, NamedTable, Options, Range, RelationNode, TableFunction};
use firesteel_proto::spark::connect as proto;
use proto::read::ReadType;
use std::collections::HashMap;

/// Options in a fixed order, since the map has none.
pub fn options(map: &HashMap<String, String>) -> Options {
    let mut options: Options = map.clone().into_iter().collect();
    options.sort_unstable();
    options
}

pub fn read(read: &proto::Read) -> Result<RelationNode> {
    if read.is_streaming {
        return Err(SparkError::unsupported("streaming reads"));
    }
    Ok(match required(read.read_type.as_ref(), "what is to be read")? {
        ReadType::NamedTable(table) => RelationNode::NamedTable(NamedTable {
            name: multipart_name(&table.unparsed_identifier)?,
            options: options(&table.options),
            identifier: None,
            time_travel: None,
        }),
        ReadType::DataSource(source) => RelationNode::DataSource(DataSource {
            format: source.format.clone().filter(|format| !format.is_empty()),
            schema: source
                .schema
                .as_deref()
                .filter(|text| !text.is_empty())
                .map(schema_of_text)
                .transpose()?,
            options: options(&source.options),
            paths: source.paths.clone(),
            predicates: source.predicates.clone(),
        }),
    })
}

pub fn range(range: &proto::Range) -> Result<RelationNode> {
    if range.step == 0 {
        return Err(SparkError::invalid_plan("The step of a range cannot be 0."));
    }
    let partitions = range.num_partitions.map(usize::try_from).transpose();
    Ok(RelationNode::Range(Range {
        start: range.start.unwrap_or(0),
        end: range.end,
        step: range.step,
        partitions: partitions
            .map_err(|_| {
                SparkError::invalid_plan("A range needs a positive number of partitions.")
            })?
            .filter(|partitions| *partitions > 0),
    }))
}

pub fn table_function(function: &proto::UnresolvedTableValuedFunction) -> Result<RelationNode> {
    Ok(RelationNode::TableFunction(TableFunction {
        name: multipart_name(&function.function_name)?,
        args: expressions(&function.arguments)?,
    }))
}

pub fn parse(session: &Session, parse: &proto::Parse) -> Result<RelationNode> {
    use proto::parse::ParseFormat;
    let format = match parse.format() {
        ParseFormat::Csv => "csv",
        ParseFormat::Json => "json",
        ParseFormat::Xml => "xml",
        ParseFormat::Unspecified => {
            return Err(SparkError::invalid_plan("Parsing strings needs a format."));
        }
    };
    let schema = match parse.schema.as_ref().map(data_type).transpose()? {
        None => None,
        Some(SparkType::Struct(schema)) => Some(schema),
        Some(other) => {
            let other = other.simple_string();
            return Err(SparkError::invalid_plan(format!("Rows cannot be parsed as {other}.")));
        }
    };
    Ok(RelationNode::Parse {
        input: input(session, parse.input.as_deref())?,
        format: format.to_owned(),
        schema,
        options: options(&parse.options),
    })
}
