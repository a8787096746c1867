//! Leaves: tables, sources, ranges, table functions, and strings to be parsed.

use super::super::expression::expressions;
use super::super::name::multipart_name;
use super::super::{data_type, faults, required, schema_of_text};
use super::input;
use crate::session::Session;
use firesteel_common::error::ErrorKind;
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
    Ok(match required(read.read_type.as_ref(), faults::read)? {
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
    let partitions = range.num_partitions.map(|number| {
        usize::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| {
            let message = "Positive number of partitions required";
            SparkError::new(ErrorKind::IllegalArgument, "", message)
        })
    });
    Ok(RelationNode::Range(Range {
        start: range.start.unwrap_or(0),
        end: range.end,
        step: range.step,
        partitions: partitions.transpose()?,
    }))
}

pub fn table_function(function: &proto::UnresolvedTableValuedFunction) -> Result<RelationNode> {
    Ok(RelationNode::TableFunction(TableFunction {
        // A name that is not there is one that is not found.
        name: match function.function_name.as_str() {
            "" => vec![String::new()],
            name => multipart_name(name)?,
        },
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
            let name = ParseFormat::Unspecified.as_str_name();
            return Err(faults::invalid_enum("spark.connect.Parse.ParseFormat", name));
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
