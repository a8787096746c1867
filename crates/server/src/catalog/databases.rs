//! Databases, tables and views: the state of the catalog.

use super::{CATALOG, DEFAULT_DATABASE, GLOBAL_TEMP_DATABASE, TableName, database_not_found};
use crate::session::ViewRegistry;
use firesteel_common::{Result, SparkError, StructType};
use firesteel_plan::spec;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// The engine chose the directory and deletes it with the table.
    Managed,
    External,
    View,
}

/// A table or view of the catalog.
#[derive(Debug, Clone)]
pub struct CatalogTable {
    pub name: TableName,
    pub kind: TableKind,
    pub format: String,
    pub location: String,
    pub schema: StructType,
    pub partition_by: Vec<String>,
    /// What the user said of buckets; rows are not laid out by them.
    pub layout: spec::Layout,
    /// What ANALYZE TABLE found.
    pub statistics: Option<TableStatistics>,
    pub options: spec::Options,
    pub properties: spec::Options,
    pub comment: Option<String>,
    /// The query of a view and its text.
    pub query: Option<(spec::Relation, String)>,
    /// As `DESCRIBE EXTENDED` shows it.
    pub created: String,
}

/// Size of a table when it was analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableStatistics {
    pub size_bytes: u64,
    /// None after NOSCAN.
    pub n_rows: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Database {
    pub name: String,
    pub comment: String,
    pub location: String,
    pub properties: spec::Options,
    tables: BTreeMap<String, CatalogTable>,
}

/// All databases, and the views of `global_temp`.
pub struct Databases {
    warehouse: String,
    databases: BTreeMap<String, Database>,
    pub global_views: ViewRegistry,
}

impl Databases {
    /// Only `default`, in the directory `warehouse` (a `file:` URI).
    pub fn new(warehouse: String) -> Self {
        let mut new = Databases {
            warehouse,
            databases: BTreeMap::new(),
            global_views: ViewRegistry::default(),
        };
        let database = Database {
            name: DEFAULT_DATABASE.to_owned(),
            comment: "default database".to_owned(),
            location: new.warehouse.clone(),
            properties: Vec::new(),
            tables: BTreeMap::new(),
        };
        new.databases.insert(DEFAULT_DATABASE.to_owned(), database);
        new
    }

    /// Moves the warehouse: a session's builder may name another one before there are tables.
    pub fn set_warehouse(&mut self, directory: &str) {
        let uri = if directory.contains(':') {
            directory.to_owned()
        } else {
            format!("file:{directory}")
        };
        if self.databases.values().all(|database| database.tables.is_empty()) {
            if let Some(default) = self.databases.get_mut(DEFAULT_DATABASE) {
                default.location.clone_from(&uri);
            }
            self.warehouse = uri;
        }
    }

    pub fn exists(&self, database: &str) -> bool {
        self.databases.contains_key(database) || database == GLOBAL_TEMP_DATABASE
    }

    pub fn iter(&self) -> impl Iterator<Item = &Database> {
        self.databases.values()
    }

    /// # Errors
    /// `SCHEMA_NOT_FOUND`.
    pub fn database(&self, name: &str) -> Result<&Database> {
        self.databases.get(name).ok_or_else(|| database_not_found(name))
    }

    /// # Errors
    /// `SCHEMA_ALREADY_EXISTS` unless `if_not_exists`.
    pub fn create_database(
        &mut self,
        name: &str,
        if_not_exists: bool,
        comment: Option<String>,
        location: Option<String>,
        properties: spec::Options,
    ) -> Result<()> {
        if self.exists(name) {
            return match if_not_exists {
                true => Ok(()),
                false => Err(SparkError::analysis(
                    "SCHEMA_ALREADY_EXISTS",
                    format!(
                        "Cannot create schema `{name}` because it already exists.\nChoose a different name, \
                         drop the existing schema, or add the IF NOT EXISTS clause to tolerate \
                         pre-existing schema."
                    ),
                )
                .with("schemaName", format!("`{name}`"))),
            };
        }
        let location = location.unwrap_or_else(|| format!("{}/{name}.db", self.warehouse));
        let database = Database {
            name: name.to_owned(),
            comment: comment.unwrap_or_default(),
            location,
            properties,
            tables: BTreeMap::new(),
        };
        self.databases.insert(name.to_owned(), database);
        Ok(())
    }

    /// The tables that were in it.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND` unless `if_exists`, `SCHEMA_NOT_EMPTY` unless `cascade`.
    pub fn drop_database(
        &mut self,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Result<Vec<CatalogTable>> {
        if name == DEFAULT_DATABASE {
            return Err(SparkError::analysis(
                "UNSUPPORTED_FEATURE.DROP_DATABASE",
                format!(
                    "The feature is not supported: Drop the default database `{CATALOG}`.`{name}`."
                ),
            )
            .with("database", format!("`{CATALOG}`.`{name}`")));
        }
        let Some(database) = self.databases.get(name) else {
            return if if_exists { Ok(Vec::new()) } else { Err(database_not_found(name)) };
        };
        if !cascade && !database.tables.is_empty() {
            return Err(SparkError::analysis(
                "SCHEMA_NOT_EMPTY",
                format!(
                    "Cannot drop a schema `{name}` because it contains objects.\nUse DROP SCHEMA ... \
                     CASCADE to drop the schema and all its objects."
                ),
            )
            .with("schemaName", format!("`{name}`")));
        }
        let dropped = self.databases.remove(name);
        Ok(dropped.map(|database| database.tables.into_values().collect()).unwrap_or_default())
    }

    /// Changes what is known of a database.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut Database)) -> Result<()> {
        let found = self.databases.get_mut(name).ok_or_else(|| database_not_found(name))?;
        change(found);
        Ok(())
    }

    pub fn table(&self, name: &TableName) -> Option<&CatalogTable> {
        self.databases.get(&name.database)?.tables.get(&name.table)
    }

    /// Directory of a managed table called `name`.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`.
    pub fn managed_location(&self, name: &TableName) -> Result<String> {
        Ok(format!("{}/{}", self.database(&name.database)?.location, name.table))
    }

    /// Adds a table or view, replacing one of the same name.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`.
    pub fn put_table(&mut self, table: CatalogTable) -> Result<()> {
        let database = self.databases.get_mut(&table.name.database);
        let database = database.ok_or_else(|| database_not_found(&table.name.database))?;
        database.tables.insert(table.name.table.clone(), table);
        Ok(())
    }

    pub fn remove_table(&mut self, name: &TableName) -> Option<CatalogTable> {
        self.databases.get_mut(&name.database)?.tables.remove(&name.table)
    }
}

impl Database {
    /// Tables and views in order of names.
    pub fn tables(&self) -> impl Iterator<Item = &CatalogTable> {
        self.tables.values()
    }
}
