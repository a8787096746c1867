//! Commands that write, and the SQL behind `spark.sql`.

use super::expression::{expression, expressions};
use super::name::multipart_name;
use super::relation::{relation, sql_text};
use super::{faults, required};
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec;
use firesteel_plan::spec::{
    Command, Expr, Layout, Options, Relation, RelationNode, SaveMode, SqlText, TableMethod,
    WritePath, WriteTable,
};
use firesteel_proto::spark::connect as proto;
use proto::relation::RelType;
use std::collections::HashMap;

/// What `spark.sql` sends: a text, and the relations that it may name.
pub struct SqlPlan {
    pub text: SqlText,
    pub references: Vec<Relation>,
    /// The message to answer with when the text is a query: the client goes on with it.
    pub message: proto::Relation,
}

/// Newer clients send a relation, older ones a bare text.
#[allow(deprecated)]
pub fn sql_plan(session: &Session, command: &proto::SqlCommand) -> Result<SqlPlan> {
    let message = match &command.input {
        Some(input) => input.clone(),
        None => proto::Relation {
            common: None,
            rel_type: Some(RelType::Sql(proto::Sql {
                query: command.sql.clone(),
                args: command.args.clone(),
                pos_args: command.pos_args.clone(),
                named_arguments: command.named_arguments.clone(),
                pos_arguments: command.pos_arguments.clone(),
            })),
        },
    };
    let (text, references) = match message.rel_type.as_ref() {
        Some(RelType::Sql(sql)) => (sql_text(session, sql)?, Vec::new()),
        Some(RelType::WithRelations(with)) => {
            let root = with.root.as_deref().and_then(|root| root.rel_type.as_ref());
            let Some(RelType::Sql(sql)) = root else {
                return Err(SparkError::invalid_plan("A SQL command needs a SQL text."));
            };
            let references = with.references.iter().map(|part| relation(session, part));
            (sql_text(session, sql)?, references.collect::<Result<_>>()?)
        }
        _ => return Err(SparkError::invalid_plan("A SQL command needs a SQL text.")),
    };
    Ok(SqlPlan { text, references, message })
}

impl SqlPlan {
    /// The text as a query.
    pub fn relation(&self) -> Relation {
        let root = Relation::from(RelationNode::Sql(self.text.clone()));
        if self.references.is_empty() {
            return root;
        }
        let references = self.references.clone();
        Relation::from(RelationNode::WithRelations { root, references })
    }
}

/// `df.write`.
pub fn write_operation(session: &Session, message: &proto::WriteOperation) -> Result<Command> {
    use proto::write_operation::SaveType;
    use proto::write_operation::save_table::TableSaveMethod;
    let input = relation(session, required(message.input.as_ref(), faults::relation)?)?;
    let mode = save_mode(message.mode)?;
    let format = message.source.clone().filter(|format| !format.is_empty());
    let path = match &message.save_type {
        Some(SaveType::Table(table)) => {
            let method = match table.save_method() {
                TableSaveMethod::SaveAsTable => TableMethod::SaveAsTable(mode),
                TableSaveMethod::InsertInto => {
                    TableMethod::InsertInto { overwrite: mode == SaveMode::Overwrite }
                }
                TableSaveMethod::Unspecified => {
                    return Err(faults::invalid_enum(
                        "spark.connect.WriteOperation.SaveTable.TableSaveMethod",
                        "TABLE_SAVE_METHOD_UNSPECIFIED",
                    ));
                }
            };
            let columns = message.partitioning_columns.iter();
            let bucket_by = match &message.bucket_by {
                None => None,
                Some(bucket) => Some(buckets(bucket)?),
            };
            return Ok(Command::WriteTable(WriteTable {
                input,
                table: multipart_name(&table.table_name)?,
                method,
                format,
                options: options(&message.options),
                properties: Vec::new(),
                partition_by: columns.map(|column| Expr::attribute([column.clone()])).collect(),
                layout: Layout {
                    bucket_by,
                    sort_by: message.sort_column_names.clone(),
                    cluster_by: message.clustering_columns.clone(),
                },
            }));
        }
        Some(SaveType::Path(path)) => Some(path.clone()).filter(|path| !path.is_empty()),
        None => None,
    };
    let bucket_by = match &message.bucket_by {
        None => None,
        Some(bucket) => Some(buckets(bucket)?),
    };
    Ok(Command::Write(WritePath {
        input,
        format,
        path,
        mode,
        options: options(&message.options),
        partition_by: message.partitioning_columns.clone(),
        sort_by: message.sort_column_names.clone(),
        bucket_by,
        cluster_by: message.clustering_columns.clone(),
    }))
}

fn buckets(message: &proto::write_operation::BucketBy) -> Result<(u32, Vec<String>)> {
    let buckets = u32::try_from(message.num_buckets)
        .map_err(|_| SparkError::invalid_plan("The number of buckets must be positive."))?;
    Ok((buckets, message.bucket_column_names.clone()))
}

/// None is one; one that the protocol does not know must not write anything.
fn save_mode(number: i32) -> Result<SaveMode> {
    use proto::write_operation::SaveMode as Message;
    Ok(match Message::try_from(number) {
        Ok(Message::Append) => SaveMode::Append,
        Ok(Message::Overwrite) => SaveMode::Overwrite,
        Ok(Message::Ignore) => SaveMode::Ignore,
        Ok(Message::ErrorIfExists | Message::Unspecified) => SaveMode::ErrorIfExists,
        Err(_) => {
            let name = "UNRECOGNIZED";
            return Err(faults::invalid_enum("spark.connect.WriteOperation.SaveMode", name));
        }
    })
}

/// `df.writeTo`.
pub fn write_operation_v2(session: &Session, message: &proto::WriteOperationV2) -> Result<Command> {
    use proto::write_operation_v2::Mode;
    let method = match message.mode() {
        Mode::Create => TableMethod::Create,
        Mode::Overwrite => {
            let condition = required(message.overwrite_condition.as_ref(), faults::expression)?;
            TableMethod::Overwrite(expression(condition)?)
        }
        Mode::OverwritePartitions => TableMethod::OverwritePartitions,
        Mode::Append => TableMethod::Append,
        Mode::Replace => TableMethod::Replace,
        Mode::CreateOrReplace => TableMethod::CreateOrReplace,
        Mode::Unspecified => {
            let name = "MODE_UNSPECIFIED";
            return Err(faults::invalid_enum("spark.connect.WriteOperationV2.Mode", name));
        }
    };
    Ok(Command::WriteTable(WriteTable {
        input: relation(session, required(message.input.as_ref(), faults::relation)?)?,
        table: multipart_name(&message.table_name)?,
        method,
        format: message.provider.clone(),
        options: options(&message.options),
        properties: options(&message.table_properties),
        partition_by: expressions(&message.partitioning_columns)?,
        layout: Layout { cluster_by: message.clustering_columns.clone(), ..Layout::default() },
    }))
}

/// `df.mergeInto`: as with SQL's MERGE, only the table's name matters, because it will refuse.
///
/// # Errors
/// `NO_MERGE_ACTION_SPECIFIED`.
pub fn merge_into(message: &proto::MergeIntoTableCommand) -> Result<Command> {
    let actions = [
        &message.match_actions,
        &message.not_matched_actions,
        &message.not_matched_by_source_actions,
    ];
    if actions.iter().all(|actions| actions.is_empty()) {
        return Err(SparkError::runtime(
            "NO_MERGE_ACTION_SPECIFIED",
            "df.mergeInto needs to be followed by at least one of \
             whenMatched/whenNotMatched/whenNotMatchedBySource.",
        ));
    }
    let table = multipart_name(&message.target_table_name)?;
    Ok(Command::RowLevel { table, operation: "MERGE INTO TABLE" })
}

fn options(map: &HashMap<String, String>) -> Options {
    let mut options: spec::Options = map.clone().into_iter().collect();
    options.sort_unstable();
    options
}
