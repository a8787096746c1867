//! Catalog calls.

use super::name::multipart_name;
use super::{data_type, faults, required};
use crate::connect::analyze::from_message;
use firesteel_common::types::StructType;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_plan::spec::{CatalogCall, Options};
use firesteel_proto::spark::connect as proto;
use proto::catalog::CatType;
use std::collections::HashMap;

pub fn catalog_call(message: &proto::Catalog) -> Result<CatalogCall> {
    let call = required(message.cat_type.as_ref(), faults::catalog)?;
    Ok(match call.clone() {
        CatType::CurrentDatabase(_) => CatalogCall::CurrentDatabase,
        CatType::SetCurrentDatabase(call) => {
            CatalogCall::SetCurrentDatabase { database: call.db_name }
        }
        CatType::ListDatabases(call) => CatalogCall::ListDatabases { pattern: call.pattern },
        CatType::ListTables(call) => {
            CatalogCall::ListTables { database: call.db_name, pattern: call.pattern }
        }
        CatType::ListViews(call) => {
            CatalogCall::ListViews { database: call.db_name, pattern: call.pattern }
        }
        CatType::ListFunctions(call) => {
            CatalogCall::ListFunctions { database: call.db_name, pattern: call.pattern }
        }
        CatType::ListColumns(call) => CatalogCall::ListColumns {
            table: multipart_name(&call.table_name)?,
            database: call.db_name,
        },
        CatType::GetDatabase(call) => CatalogCall::GetDatabase { database: call.db_name },
        CatType::GetTable(call) => CatalogCall::GetTable {
            table: multipart_name(&call.table_name)?,
            database: call.db_name,
        },
        CatType::GetFunction(call) => CatalogCall::GetFunction {
            function: multipart_name(&call.function_name)?,
            database: call.db_name,
        },
        CatType::DatabaseExists(call) => CatalogCall::DatabaseExists { database: call.db_name },
        CatType::TableExists(call) => CatalogCall::TableExists {
            table: multipart_name(&call.table_name)?,
            database: call.db_name,
        },
        CatType::FunctionExists(call) => CatalogCall::FunctionExists {
            function: multipart_name(&call.function_name)?,
            database: call.db_name,
        },
        CatType::CreateExternalTable(call) => CatalogCall::CreateTable {
            table: multipart_name(&call.table_name)?,
            path: call.path,
            source: call.source,
            description: None,
            schema: schema(call.schema.as_ref())?,
            options: options(&call.options),
        },
        CatType::CreateTable(call) => CatalogCall::CreateTable {
            table: multipart_name(&call.table_name)?,
            path: call.path,
            source: call.source,
            description: call.description,
            schema: schema(call.schema.as_ref())?,
            options: options(&call.options),
        },
        CatType::DropTable(call) => CatalogCall::DropTable {
            table: multipart_name(&call.table_name)?,
            if_exists: call.if_exists,
            purge: call.purge,
        },
        CatType::DropView(call) => CatalogCall::DropView {
            view: multipart_name(&call.view_name)?,
            if_exists: call.if_exists,
        },
        CatType::DropTempView(call) => CatalogCall::DropTempView { view: call.view_name },
        CatType::DropGlobalTempView(call) => {
            CatalogCall::DropGlobalTempView { view: call.view_name }
        }
        CatType::CreateDatabase(call) => CatalogCall::CreateDatabase {
            database: call.db_name,
            if_not_exists: call.if_not_exists,
            properties: options(&call.properties),
        },
        CatType::DropDatabase(call) => CatalogCall::DropDatabase {
            database: call.db_name,
            if_exists: call.if_exists,
            cascade: call.cascade,
        },
        CatType::RecoverPartitions(call) => {
            CatalogCall::RecoverPartitions { table: multipart_name(&call.table_name)? }
        }
        CatType::ListPartitions(call) => {
            CatalogCall::ListPartitions { table: multipart_name(&call.table_name)? }
        }
        CatType::GetTableProperties(call) => {
            CatalogCall::GetTableProperties { table: multipart_name(&call.table_name)? }
        }
        CatType::GetCreateTableString(call) => CatalogCall::GetCreateTableString {
            table: multipart_name(&call.table_name)?,
            as_serde: call.as_serde,
        },
        CatType::TruncateTable(call) => {
            CatalogCall::TruncateTable { table: multipart_name(&call.table_name)? }
        }
        CatType::AnalyzeTable(call) => CatalogCall::AnalyzeTable {
            table: multipart_name(&call.table_name)?,
            no_scan: call.no_scan,
        },
        CatType::IsCached(call) => {
            CatalogCall::IsCached { table: multipart_name(&call.table_name)? }
        }
        CatType::CacheTable(call) => CatalogCall::CacheTable {
            table: multipart_name(&call.table_name)?,
            storage_level: call
                .storage_level
                .and_then(|level| from_message(level).name())
                .map(str::to_owned),
        },
        CatType::UncacheTable(call) => {
            CatalogCall::UncacheTable { table: multipart_name(&call.table_name)? }
        }
        CatType::ClearCache(_) => CatalogCall::ClearCache,
        CatType::RefreshTable(call) => {
            CatalogCall::RefreshTable { table: multipart_name(&call.table_name)? }
        }
        CatType::RefreshByPath(call) => CatalogCall::RefreshByPath { path: call.path },
        CatType::CurrentCatalog(_) => CatalogCall::CurrentCatalog,
        CatType::SetCurrentCatalog(call) => {
            CatalogCall::SetCurrentCatalog { catalog: call.catalog_name }
        }
        CatType::ListCatalogs(call) => CatalogCall::ListCatalogs { pattern: call.pattern },
    })
}

fn schema(message: Option<&proto::DataType>) -> Result<Option<StructType>> {
    match message.map(data_type).transpose()? {
        None => Ok(None),
        // `createTable` without a schema sends an empty struct: the source's own is taken.
        Some(SparkType::Struct(schema)) if schema.fields.is_empty() => Ok(None),
        Some(SparkType::Struct(schema)) => Ok(Some(schema)),
        Some(_) => Err(SparkError::invalid_plan("The schema of a table must be a struct.")),
    }
}

fn options(map: &HashMap<String, String>) -> Options {
    let mut options: Options = map.clone().into_iter().collect();
    options.sort_unstable();
    options
}
