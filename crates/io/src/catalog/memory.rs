//! The catalog of a server: databases and tables in memory, their files in a warehouse directory
//! (Spark's `InMemoryCatalog`). Names are kept in lower case, as Spark's session catalog does.

use crate::listing::{local_path, show_path};
use crate::request::{Options, ReadRequest, SaveMode, WriteRequest};
use crate::source::{OpenTable, open};
use datafusion::execution::SessionState;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, StructType};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

/// Name of the database that always exists.
pub const DEFAULT_DATABASE: &str = "default";
/// Name of the catalog, as Spark calls its own.
const CATALOG: &str = "spark_catalog";

#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    pub name: String,
    pub comment: Option<String>,
    pub location: PathBuf,
    pub properties: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Its files go when it is dropped.
    Managed,
    /// Created with a location: its files stay.
    External,
    /// A stored query.
    View,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub database: String,
    pub name: String,
    pub kind: TableKind,
    /// Short name of the format; empty for a view.
    pub format: String,
    pub location: PathBuf,
    /// Data columns, then partition columns.
    pub schema: StructType,
    pub partition_columns: Vec<String>,
    pub options: Options,
    pub properties: Vec<(String, String)>,
    pub comment: Option<String>,
    /// SQL text of a view.
    pub view_text: Option<String>,
    pub created: SystemTime,
}

impl Table {
    /// A managed table whose place the catalog chooses when it is created.
    pub fn new(database: &str, name: &str, format: &str, schema: StructType) -> Self {
        Self {
            database: database.to_lowercase(),
            name: name.to_lowercase(),
            kind: TableKind::Managed,
            format: format.to_owned(),
            location: PathBuf::new(),
            schema,
            partition_columns: Vec::new(),
            options: Options::default(),
            properties: Vec::new(),
            comment: None,
            view_text: None,
            created: SystemTime::now(),
        }
    }

    /// Puts partition columns last, where a scan gives them.
    pub fn partitioned_by(
        mut self,
        columns: &[String],
        settings: &SessionSettings,
    ) -> Result<Self> {
        for column in columns {
            let found =
                self.schema.fields.iter().position(|field| settings.same_name(&field.name, column));
            let Some(position) = found else {
                return Err(SparkError::analysis(
                    "COLUMN_NOT_FOUND",
                    format!("The partition column `{column}` is not a column of the table."),
                )
                .with("colName", format!("`{column}`")));
            };
            let field = self.schema.fields.remove(position);
            self.partition_columns.push(field.name.clone());
            self.schema.fields.push(field);
        }
        Ok(self)
    }

    /// Makes it external, at a plain path or `file:` URI.
    ///
    /// # Errors
    /// For schemes of other file systems.
    pub fn at(mut self, location: &str) -> Result<Self> {
        self.location = local_path(location)?;
        self.kind = TableKind::External;
        Ok(self)
    }

    /// Opens the table's files for reading.
    ///
    /// # Errors
    /// As [`open`].
    pub async fn open(
        &self,
        settings: &SessionSettings,
        state: &SessionState,
    ) -> Result<OpenTable> {
        let mut options = self.options.clone();
        let path = self.location.display().to_string();
        // `path` would be read a second time.
        options.remove("path");
        if !self.partition_columns.is_empty() {
            options.set("basePath", path.clone());
        }
        // A table that was emptied behind our back has no rows; it is no missing path.
        options.set("ignoreMissingFiles", "true");
        let request = ReadRequest {
            format: Some(self.format.clone()),
            schema: Some(self.schema.clone()),
            options,
            paths: vec![path],
        };
        open(&request, settings, state).await
    }

    /// What writes rows of this table's schema.
    pub fn write_request(&self, mode: SaveMode, dynamic_overwrite: bool) -> WriteRequest {
        WriteRequest {
            format: Some(self.format.clone()),
            path: self.location.display().to_string(),
            mode,
            options: self.options.clone(),
            partition_by: self.partition_columns.clone(),
            dynamic_overwrite,
        }
    }

    /// `` `spark_catalog`.`default`.`t` ``.
    pub fn qualified_name(&self) -> String {
        qualified(&self.database, &self.name)
    }
}

#[derive(Debug)]
pub struct MemoryCatalog {
    warehouse: PathBuf,
    databases: RwLock<BTreeMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    database: Database,
    tables: BTreeMap<String, Table>,
}

impl MemoryCatalog {
    /// A catalog with the database `default`, whose tables lie directly in `warehouse`. The
    /// directory is made when the first table needs it.
    ///
    /// # Errors
    /// For schemes of other file systems.
    pub fn new(warehouse: &str) -> Result<Self> {
        let warehouse = local_path(warehouse)?;
        let database = Database {
            name: DEFAULT_DATABASE.to_owned(),
            comment: Some("default database".to_owned()),
            location: warehouse.clone(),
            properties: Vec::new(),
        };
        let entry = Entry { database, tables: BTreeMap::new() };
        let databases = RwLock::new(BTreeMap::from([(DEFAULT_DATABASE.to_owned(), entry)]));
        Ok(Self { warehouse, databases })
    }

    /// # Errors
    /// `SCHEMA_ALREADY_EXISTS` unless `if_not_exists`.
    pub fn create_database(
        &self,
        name: &str,
        if_not_exists: bool,
        comment: Option<String>,
        location: Option<&str>,
        properties: Vec<(String, String)>,
    ) -> Result<()> {
        let name = name.to_lowercase();
        let mut databases = self.databases.write();
        if databases.contains_key(&name) {
            if if_not_exists {
                return Ok(());
            }
            return Err(SparkError::analysis(
                "SCHEMA_ALREADY_EXISTS",
                format!(
                    "Cannot create schema `{name}` because it already exists.\nChoose a different name, \
                     drop the existing schema, or add the IF NOT EXISTS clause to tolerate pre-existing \
                     schema."
                ),
            )
            .with("schemaName", format!("`{name}`")));
        }
        let location = match location {
            Some(location) => local_path(location)?,
            None => self.warehouse.join(format!("{name}.db")),
        };
        let database = Database { name: name.clone(), comment, location, properties };
        databases.insert(name, Entry { database, tables: BTreeMap::new() });
        Ok(())
    }

    /// # Errors
    /// `SCHEMA_NOT_FOUND` unless `if_exists`, `SCHEMA_NOT_EMPTY` unless `cascade`.
    pub fn drop_database(&self, name: &str, if_exists: bool, cascade: bool) -> Result<()> {
        let name = name.to_lowercase();
        let mut databases = self.databases.write();
        let Some(entry) = databases.get(&name) else {
            return if if_exists { Ok(()) } else { Err(no_database(&name)) };
        };
        if name == DEFAULT_DATABASE {
            return Err(SparkError::analysis(
                "UNSUPPORTED_FEATURE.DROP_DATABASE",
                format!("The feature is not supported: Drop the default database `{name}`."),
            )
            .with("database", format!("`{name}`")));
        }
        if !cascade && !entry.tables.is_empty() {
            return Err(SparkError::analysis(
                "SCHEMA_NOT_EMPTY",
                format!(
                    "Cannot drop a schema `{name}` because it contains objects.\nUse DROP SCHEMA ... \
                     CASCADE to drop the schema and all its objects."
                ),
            )
            .with("schemaName", format!("`{name}`")));
        }
        if let Some(entry) = databases.remove(&name) {
            entry.tables.values().try_for_each(remove_files)?;
            // Only if nothing else lies in it.
            let _ = std::fs::remove_dir(&entry.database.location);
        }
        Ok(())
    }

    /// All databases by name.
    pub fn databases(&self) -> Vec<Database> {
        self.databases.read().values().map(|entry| entry.database.clone()).collect()
    }

    /// # Errors
    /// `SCHEMA_NOT_FOUND`.
    pub fn database(&self, name: &str) -> Result<Database> {
        let name = name.to_lowercase();
        let databases = self.databases.read();
        databases.get(&name).map(|entry| entry.database.clone()).ok_or_else(|| no_database(&name))
    }

    /// Adds a table and answers with it, its location filled in. With `replace`, an old one goes
    /// with its files.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`, `TABLE_OR_VIEW_ALREADY_EXISTS`, `LOCATION_ALREADY_EXISTS`.
    pub fn create_table(&self, mut table: Table, replace: bool) -> Result<Table> {
        let mut databases = self.databases.write();
        let entry =
            databases.get_mut(&table.database).ok_or_else(|| no_database(&table.database))?;
        if let Some(old) = entry.tables.get(&table.name) {
            if !replace {
                return Err(table_exists(&table.database, &table.name));
            }
            remove_files(old)?;
            entry.tables.remove(&table.name);
        }
        if table.kind == TableKind::Managed {
            table.location = entry.database.location.join(&table.name);
            let occupied = std::fs::read_dir(&table.location)
                .is_ok_and(|mut entries| entries.next().is_some());
            if occupied {
                return Err(location_exists(&table));
            }
        }
        entry.tables.insert(table.name.clone(), table.clone());
        Ok(table)
    }

    /// Replaces what is known of a table that exists: its schema, properties or comment.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`, `TABLE_OR_VIEW_NOT_FOUND`.
    pub fn alter_table(&self, table: Table) -> Result<()> {
        let mut databases = self.databases.write();
        let entry =
            databases.get_mut(&table.database).ok_or_else(|| no_database(&table.database))?;
        match entry.tables.get_mut(&table.name) {
            Some(known) => {
                *known = table;
                Ok(())
            }
            None => Err(no_table(&table.database, &table.name)),
        }
    }

    /// # Errors
    /// `TABLE_OR_VIEW_NOT_FOUND` unless `if_exists`, and of the file system.
    pub fn drop_table(&self, database: &str, name: &str, if_exists: bool) -> Result<()> {
        let (database, name) = (database.to_lowercase(), name.to_lowercase());
        let removed =
            self.databases.write().get_mut(&database).and_then(|entry| entry.tables.remove(&name));
        match removed {
            Some(table) => remove_files(&table),
            None if if_exists => Ok(()),
            None => Err(no_table(&database, &name)),
        }
    }

    /// Renames within a database; a managed table's files move along.
    ///
    /// # Errors
    /// `TABLE_OR_VIEW_NOT_FOUND`, `TABLE_OR_VIEW_ALREADY_EXISTS`, and of the file system.
    pub fn rename_table(&self, database: &str, from: &str, to: &str) -> Result<()> {
        let (database, from, to) =
            (database.to_lowercase(), from.to_lowercase(), to.to_lowercase());
        let mut databases = self.databases.write();
        let entry = databases.get_mut(&database).ok_or_else(|| no_database(&database))?;
        if entry.tables.contains_key(&to) {
            return Err(table_exists(&database, &to));
        }
        let Some(mut table) = entry.tables.remove(&from) else {
            return Err(no_table(&database, &from));
        };
        if table.kind == TableKind::Managed {
            let location = entry.database.location.join(&to);
            if table.location.exists()
                && let Err(error) = std::fs::rename(&table.location, &location)
            {
                let failed = file_error(&table, &error);
                entry.tables.insert(from, table);
                return Err(failed);
            }
            table.location = location;
        }
        table.name.clone_from(&to);
        entry.tables.insert(to, table);
        Ok(())
    }

    /// Removes a table's rows.
    ///
    /// # Errors
    /// `TABLE_OR_VIEW_NOT_FOUND`, external tables and views, and of the file system.
    pub fn truncate_table(&self, database: &str, name: &str) -> Result<()> {
        let table = self.table(database, name)?;
        if table.kind != TableKind::Managed {
            return Err(SparkError::analysis(
                "FORBIDDEN_OPERATION",
                format!(
                    "The operation TRUNCATE TABLE is not allowed on the external table or view: {}.",
                    table.qualified_name()
                ),
            )
            .with("statement", "TRUNCATE TABLE")
            .with("objectName", table.qualified_name()));
        }
        remove_files(&table)
    }

    /// # Errors
    /// `TABLE_OR_VIEW_NOT_FOUND`.
    pub fn table(&self, database: &str, name: &str) -> Result<Table> {
        let (database, name) = (database.to_lowercase(), name.to_lowercase());
        self.find_table(&database, &name).ok_or_else(|| no_table(&database, &name))
    }

    /// The table if it exists.
    pub fn find_table(&self, database: &str, name: &str) -> Option<Table> {
        let databases = self.databases.read();
        databases.get(&database.to_lowercase())?.tables.get(&name.to_lowercase()).cloned()
    }

    /// The tables and views of a database by name.
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`.
    pub fn tables(&self, database: &str) -> Result<Vec<Table>> {
        let database = database.to_lowercase();
        let databases = self.databases.read();
        let entry = databases.get(&database).ok_or_else(|| no_database(&database))?;
        Ok(entry.tables.values().cloned().collect())
    }
}

fn remove_files(table: &Table) -> Result<()> {
    if table.kind != TableKind::Managed || !table.location.exists() {
        return Ok(());
    }
    std::fs::remove_dir_all(&table.location).map_err(|error| file_error(table, &error))
}

fn file_error(table: &Table, error: &std::io::Error) -> SparkError {
    let place = show_path(&table.location);
    SparkError::new(
        ErrorKind::Execution,
        "",
        format!("{} at {place}: {error}", table.qualified_name()),
    )
}

fn qualified(database: &str, name: &str) -> String {
    format!("`{CATALOG}`.`{database}`.`{name}`")
}

fn no_database(name: &str) -> SparkError {
    let shown = format!("`{CATALOG}`.`{name}`");
    SparkError::analysis(
        "SCHEMA_NOT_FOUND",
        format!(
            "The schema {shown} cannot be found. Verify the spelling and correctness of the schema and \
             catalog.\nIf you did not qualify the name with a catalog, verify the current_schema() \
             output, or qualify the name with the correct catalog.\nTo tolerate the error on drop use \
             DROP SCHEMA IF EXISTS."
        ),
    )
    .with("schemaName", shown)
}

fn no_table(database: &str, name: &str) -> SparkError {
    let shown = qualified(database, name);
    SparkError::analysis(
        "TABLE_OR_VIEW_NOT_FOUND",
        format!(
            "The table or view {shown} cannot be found. Verify the spelling and correctness of the \
             schema and catalog.\nIf you did not qualify the name with a schema, verify the \
             current_schema() output, or qualify the name with the correct schema and catalog.\nTo \
             tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."
        ),
    )
    .with("relationName", shown)
}

fn table_exists(database: &str, name: &str) -> SparkError {
    let shown = qualified(database, name);
    SparkError::analysis(
        "TABLE_OR_VIEW_ALREADY_EXISTS",
        format!(
            "Cannot create table or view {shown} because it already exists.\nChoose a different name, \
             drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate \
             pre-existing objects."
        ),
    )
    .with("relationName", shown)
}

fn location_exists(table: &Table) -> SparkError {
    let place = show_path(&table.location);
    let name = table.qualified_name();
    SparkError::analysis(
        "LOCATION_ALREADY_EXISTS",
        format!(
            "Cannot name the managed table as {name}, as its associated location '{place}' already \
             exists. Please pick a different table name, or remove the existing location first."
        ),
    )
    .with("location", format!("'{place}'"))
    .with("identifier", name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use firesteel_common::{SparkType, StructField};

    #[test]
    fn life_of_a_table() {
        let warehouse = std::env::temp_dir().join(format!("warehouse-{}", uuid::Uuid::new_v4()));
        let catalog = MemoryCatalog::new(&warehouse.display().to_string()).expect("local path");
        let schema = StructType::new(vec![
            StructField::new("p", SparkType::Integer, true),
            StructField::new("a", SparkType::Long, true),
        ]);
        let table = Table::new("Default", "T", "parquet", schema)
            .partitioned_by(&["P".to_owned()], &SessionSettings::default())
            .expect("known column");
        let created = catalog.create_table(table.clone(), false).expect("new table");
        assert_eq!(created.location, warehouse.join("t"));
        assert_eq!(created.schema.fields[1].name, "p");
        let again = catalog.create_table(table, false).expect_err("exists");
        assert_eq!(again.condition(), "TABLE_OR_VIEW_ALREADY_EXISTS");
        catalog.rename_table("default", "t", "u").expect("exists");
        assert!(catalog.find_table("DEFAULT", "U").is_some());
        assert_eq!(
            catalog.table("default", "t").expect_err("renamed").condition(),
            "TABLE_OR_VIEW_NOT_FOUND"
        );
        catalog.create_database("db", false, None, None, Vec::new()).expect("new database");
        assert_eq!(catalog.databases().len(), 2);
        catalog.drop_database("db", false, false).expect("empty");
        assert_eq!(catalog.database("db").expect_err("dropped").condition(), "SCHEMA_NOT_FOUND");
        catalog.drop_table("default", "u", false).expect("exists");
    }
}
