//! Commands: they act at once and answer with few rows or none. One file per topic.

mod alter;
mod analyze;
mod answer;
mod cache;
mod column_default;
mod configuration;
mod databases;
mod describe;
mod explain;
mod functions;
mod infer;
mod input_files;
mod insert;
mod show;
mod store_assignment;
mod tables;
mod variables;
mod views;
mod write;
mod write_python;

pub use alter::{recover, row_level};
pub use analyze::analyze;
pub use answer::{Answer, Cell};
pub use cache::{cache_table, is_cached, keep, uncache_table};
pub use column_default::value_of_earlier_rows;
pub use databases::drop as drop_database;
pub use describe::create_table_text;
pub use explain::{ShownNames, explain, measured};
pub use infer::infer_schema;
pub use input_files::input_files;
pub use show::partitions_of;
pub use tables::refresh;
pub use tables::{create_table, drop_table, truncate_table};
pub use views::drop as drop_view;

use crate::planning::blocking;
use crate::session::{QueryEnvironment, Session, files_changed, names_changed};
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{Command, CreateTable, Layout};
use std::sync::Arc;

/// Runs a command.
///
/// # Errors
/// Whatever the command fails with.
pub async fn run(session: &Arc<Session>, command: Command) -> Result<Answer> {
    match command {
        Command::Write(write) => write::write_path(session, write).await,
        Command::WriteTable(write) => insert::write_table(session, write).await,
        Command::Insert(insert) => insert::insert(session, insert).await,
        Command::CreateTable(create) => tables::create(session, create).await,
        Command::CacheTable { name, lazy, options, query } => {
            cache::cache(session, name, lazy, options, query).await
        }
        Command::ExecuteImmediate(execute) => {
            let planning = Arc::clone(session);
            let executed = blocking(move || {
                variables::execute_immediate(&QueryEnvironment::new(&planning)?, execute)
            });
            match executed.await? {
                variables::Executed::Answer(answer) => Ok(answer),
                variables::Executed::Command(command) => Box::pin(run(session, *command)).await,
            }
        }
        Command::Explain { plan, mode } => explain::explain_plan(session, *plan, mode).await,
        other => {
            let session = Arc::clone(session);
            blocking(move || run_blocking(&QueryEnvironment::new(&session)?, other)).await
        }
    }
}

/// Commands that read no rows.
fn run_blocking(env: &QueryEnvironment, command: Command) -> Result<Answer> {
    let changes_names = matches!(
        &command,
        Command::RenameTable { .. }
            | Command::UseDatabase { .. }
            | Command::UseCatalog { .. }
            | Command::DropDatabase { .. }
            | Command::AlterTable { .. }
            | Command::CreateTableLike { .. }
            | Command::DeclareVariable { .. }
            | Command::DropVariable { .. }
            | Command::SetVariables { .. }
            | Command::SetVariablesFrom { .. }
    );
    let answer = act(env, command);
    if changes_names {
        names_changed(env.session().engine());
    }
    answer
}

fn act(env: &QueryEnvironment, command: Command) -> Result<Answer> {
    let session = env.session();
    match command {
        Command::CreateView(view) => views::create(env, view),
        Command::DropView { name, if_exists } => views::drop(session, &name, if_exists),
        Command::DropTable { name, if_exists, .. } => tables::drop_table(session, &name, if_exists),
        Command::RenameTable { from, to, .. } => tables::rename(session, &from, &to),
        Command::TruncateTable { name } => tables::truncate_table(session, &name),
        Command::RefreshTable { name } => tables::refresh(env, &name),
        Command::RefreshPath { path } => {
            files_changed(session.engine(), &path)?;
            Ok(Answer::none())
        }
        Command::CreateDatabase { name, if_not_exists, comment, location, properties } => {
            databases::create(session, &name, if_not_exists, comment, location, properties)
        }
        Command::DropDatabase { name, if_exists, cascade } => {
            databases::drop(session, &name, if_exists, cascade)
        }
        Command::UseDatabase { name } => databases::use_database(session, &name),
        Command::UseCatalog { name } => databases::use_catalog(session, &name),
        Command::UncacheTable { name, if_exists } => cache::uncache_table(env, &name, if_exists),
        Command::ClearCache => {
            session.persisted.write().clear();
            Ok(Answer::none())
        }
        Command::Set { key, value, verbose } => configuration::set(session, key, value, verbose),
        Command::Reset { key } => configuration::reset(session, key.as_deref()),
        Command::SetTimeZone { zone } => configuration::set_time_zone(session, &zone),
        Command::ShowDatabases { pattern } => Ok(show::databases(session, pattern.as_deref())),
        Command::ShowTables { database, pattern, extended } => {
            show::tables(session, database.as_deref(), pattern.as_deref(), extended)
        }
        Command::ShowViews { database, pattern } => {
            show::views(session, database.as_deref(), pattern.as_deref())
        }
        Command::ShowColumns { table } => show::columns(env, &table),
        Command::ShowCollations { pattern } => Ok(show::collations(pattern.as_deref())),
        Command::ShowFunctions { scope, pattern } => {
            Ok(show::functions(session, scope.as_deref(), pattern.as_deref()))
        }
        Command::ShowCreateTable { table } => describe::show_create_table(env, &table),
        Command::ShowTableProperties { table, key } => {
            show::table_properties(env, &table, key.as_deref())
        }
        Command::ShowPartitions { table, partition } => show::partitions(env, &table, &partition),
        Command::ShowCatalogs { pattern } => Ok(show::catalogs(pattern.as_deref())),
        Command::ShowCurrentNamespace => Ok(show::current_namespace(session)),
        Command::DescribeTable { table, extended, column } => {
            describe::table(env, &table, extended, column.as_ref())
        }
        Command::DescribeQuery { query } => describe::query(env, &query),
        Command::DescribeDatabase { name, extended } => {
            describe::database(session, &name, extended)
        }
        Command::DescribeFunction { name, .. } => describe::function(&name),
        Command::DeclareVariable { name, replace, data_type, default } => {
            variables::declare(env, &name, replace, data_type, default)
        }
        Command::DropFunction { name, is_temporary, if_exists } => {
            functions::drop(session, &name, is_temporary, if_exists)
        }
        Command::DropVariable { name, if_exists } => variables::drop(session, &name, if_exists),
        Command::SetVariables { assignments } => variables::set(env, assignments),
        Command::SetVariablesFrom { names, query } => variables::set_from(env, &names, query),
        Command::AlterTable { table, is_view, change } => {
            alter::table(env, &table, is_view, change)
        }
        Command::AlterDatabase { name, properties } => alter::database(session, &name, properties),
        Command::AnalyzeTable { table, no_scan } => analyze::analyze(env, &table, no_scan),
        Command::RecoverPartitions { table } => alter::recover(env, &table),
        Command::CommentOnTable { table, comment } => alter::comment_on_table(env, &table, comment),
        Command::CommentOnDatabase { name, comment } => {
            alter::comment_on_database(session, &name, comment)
        }
        Command::CreateTableLike { name, source, if_not_exists, format, location, properties } => {
            let create = CreateTable {
                name: name.clone(),
                columns: Vec::new(),
                format,
                options: Vec::new(),
                partition_by: Vec::new(),
                layout: Layout::default(),
                location,
                comment: None,
                properties,
                query: None,
                if_not_exists,
                replace: false,
            };
            alter::create_like(env, name, &source, create)
        }
        Command::RowLevel { table, operation } => alter::row_level(env, &table, operation),
        Command::Unsupported { statement } => Err(SparkError::unsupported(statement)),
        // These run on the async side, see `run`.
        Command::Write(_)
        | Command::WriteTable(_)
        | Command::Insert(_)
        | Command::CreateTable(_)
        | Command::CacheTable { .. }
        | Command::ExecuteImmediate(_)
        | Command::Explain { .. } => Err(SparkError::internal("a query among the commands")),
    }
}
