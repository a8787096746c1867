//! What a session's configuration and artifacts mean for Python workers.

use serde::{Deserialize, Serialize};

/// Snapshot for one query; travels with the operator.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct PythonSettings {
    /// The interpreter: a path, or a name to be found on the `PATH`.
    pub executable: String,
    /// Environment variables over the engine's own, in order of names.
    pub environment: Vec<(String, String)>,
    /// Working directory of workers; empty: the engine's.
    pub directory: String,
    /// Whose files workers may have imported: a worker never serves two of these. Empty: nobody's.
    pub isolation: String,
    /// Directory of the session's files, `SparkFiles.getRootDirectory()`.
    pub files: String,
    /// Names in `files` that are put on `sys.path`.
    pub includes: Vec<String>,
    /// What `pyspark.worker` reads of the configuration.
    pub conf: Vec<(String, String)>,
    /// `spark.sql.session.timeZone`: the zone that timestamps are shown in.
    pub time_zone: String,
    /// `spark.sql.execution.arrow.maxRecordsPerBatch`, default 10,000; 0: no limit.
    pub records_max: usize,
    /// `spark.sql.execution.arrow.useLargeVarTypes`.
    pub large_types: bool,
    /// `TaskContext.getLocalProperty`.
    pub local_properties: Vec<(String, String)>,
    /// `spark.task.cpus` and the resources of a task are fixed: one processor.
    pub cpus: u32,
    /// Seconds without a sign of life after which a worker is killed; 0: never.
    /// `spark.sql.execution.pyspark.udf.idleTimeoutSeconds` with `.killOnIdleTimeout`.
    pub silence_max_s: u64,
    /// How often a task may be tried when its worker dies: `F` of `local[N, F]`, default 1.
    pub attempts_max: u32,
    /// Task slots of the engine: workers of one operator that may be busy at once.
    pub slots: usize,
    /// Whether `SparkSession` profiles functions: accumulators then matter.
    pub profiles: bool,
}
