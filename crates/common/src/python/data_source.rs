//! Data sources written in Python: `pyspark.sql.datasource.DataSource`.

use std::sync::Arc;

/// A class that was registered with `spark.dataSource.register`.
#[derive(Debug, Clone, PartialEq)]
pub struct PythonDataSource {
    pub name: String,
    /// The pickled class.
    pub command: Arc<[u8]>,
    /// Version of the Python that pickled it: `3.11`.
    pub version: String,
}

/// An instance of such a class.
#[derive(Debug, Clone)]
pub struct DataSourceInstance {
    /// Pickled.
    pub instance: Arc<[u8]>,
    pub schema: DataSourceSchema,
}

/// The schema as the class gave it.
#[derive(Debug, Clone)]
pub enum DataSourceSchema {
    Ddl(String),
    Json(String),
}

/// How the data of an instance are read.
#[derive(Debug, Clone)]
pub struct DataSourceRead {
    /// A pickled function for `MAP_ARROW_ITER`, from one binary column to the rows.
    pub command: Arc<[u8]>,
    /// What the function gets for each partition, pickled.
    pub partitions: Vec<Vec<u8>>,
}

/// How rows are written to a data source.
#[derive(Debug, Clone)]
pub struct DataSourceWrite {
    /// A pickled function for `MAP_ARROW_ITER`, from rows to one message in a binary column.
    pub command: Arc<[u8]>,
    /// The pickled writer, which takes the messages.
    pub writer: Arc<[u8]>,
}
