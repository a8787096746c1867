//! What the session's configuration means for Python workers.

use super::Session;
use firesteel_common::conf::parse_byte_size;
use firesteel_common::python::PythonSettings;
use firesteel_common::{Result, SessionConf};
use firesteel_engine::python::DaemonKey;
use std::collections::BTreeMap;

/// What `pyspark.worker` reads of the configuration.
const WORKER_KEYS: [&str; 14] = [
    "spark.sql.session.timeZone",
    "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName",
    "spark.sql.execution.arrow.useLargeVarTypes",
    "spark.sql.legacy.execution.pythonUDF.pandas.conversion.enabled",
    "spark.sql.legacy.execution.pythonUDTF.pandas.conversion.enabled",
    "spark.sql.execution.pyspark.binaryAsBytes",
    "spark.sql.execution.pandas.convertToArrowArraySafely",
    "spark.sql.execution.pythonUDF.pandas.intToDecimalCoercionEnabled",
    "spark.sql.execution.pythonUDF.pandas.preferIntExtensionDtype",
    "spark.sql.execution.arrow.maxRecordsPerBatch",
    MAX_BYTES,
    "spark.sql.execution.pythonUDF.arrow.concurrency.level",
    "spark.sql.pyspark.udf.profiler",
    "spark.sql.pyspark.dataSource.profiler",
];

const MAX_BYTES: &str = "spark.sql.execution.arrow.maxBytesPerBatch";
/// Keys under this go to tasks as local properties: `TaskContext.getLocalProperty`.
const LOCAL_PROPERTY: &str = "firesteel.localProperty.";
/// Keys under this become environment variables of workers.
const EXECUTOR_ENVIRONMENT: &str = "spark.executorEnv.";

impl Session {
    /// Snapshot for one query.
    ///
    /// # Errors
    /// When a size in the configuration is none, or files of the session cannot be laid out.
    pub fn python_settings(&self) -> Result<PythonSettings> {
        let conf = self.conf.read();
        let files = self.artifacts.for_workers(&executable(&conf))?;
        let text = |key: &str| conf.effective(key);
        let number = |key: &str, default: usize| {
            text(key).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
        };
        let is_on = |key: &str| text(key).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let silence = match is_on("spark.sql.execution.pyspark.udf.killOnIdleTimeout") {
            true => number("spark.sql.execution.pyspark.udf.idleTimeoutSeconds", 0) as u64,
            false => 0,
        };
        let worker = WORKER_KEYS.iter().filter_map(|key| {
            let value = text(key)?;
            // The worker wants a number.
            let bytes = (*key == MAX_BYTES).then(|| parse_byte_size(key, &value, 0).ok()).flatten();
            Some(((*key).to_owned(), bytes.map_or(value, |bytes| bytes.to_string())))
        });
        Ok(PythonSettings {
            executable: executable(&conf),
            environment: environment(&conf, self.engine().temp_dir().as_os_str())?,
            directory: files.directory,
            isolation: files.isolation,
            files: files.root,
            includes: files.includes,
            conf: worker.collect(),
            time_zone: text("spark.sql.session.timeZone").unwrap_or_else(|| "UTC".to_owned()),
            records_max: number("spark.sql.execution.arrow.maxRecordsPerBatch", 10_000),
            large_types: is_on("spark.sql.execution.arrow.useLargeVarTypes"),
            local_properties: conf
                .all_explicit()
                .into_iter()
                .filter_map(|(key, value)| {
                    Some((key.strip_prefix(LOCAL_PROPERTY)?.to_owned(), value))
                })
                .collect(),
            cpus: 1,
            silence_max_s: silence,
            attempts_max: self.engine().attempts_max(),
            slots: self.engine().slots(),
            profiles: text("spark.sql.pyspark.udf.profiler").is_some(),
        })
    }
}

/// The interpreter of the workers: as configured, or else the one that started the engine.
fn executable(conf: &SessionConf) -> String {
    let keys = [
        "spark.sql.execution.pyspark.python",
        "spark.pyspark.python",
        "spark.pyspark.driver.python",
    ];
    let configured =
        keys.iter().find_map(|key| conf.effective(key).filter(|path| !path.is_empty()));
    let inherited = || std::env::var("PYSPARK_PYTHON").ok().filter(|path| !path.is_empty());
    configured.or_else(inherited).unwrap_or_else(|| "python3".to_owned())
}

/// Environment variables of workers, over the engine's own.
fn environment(conf: &SessionConf, temp_dir: &std::ffi::OsStr) -> Result<Vec<(String, String)>> {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: String| {
        variables.insert(name.to_owned(), value);
    };
    // Keys must hash alike in all workers.
    set("PYTHONHASHSEED", "0".to_owned());
    let reuses = conf.effective("spark.python.worker.reuse");
    let reuses = reuses.is_none_or(|value| !value.trim().eq_ignore_ascii_case("false"));
    set(DaemonKey::REUSE, if reuses { "1" } else { "" }.to_owned());
    // There is a worker per slot: threads of their own would stand in one another's way.
    set("OMP_NUM_THREADS", "1".to_owned());
    set("SPARK_BUFFER_SIZE", (1 << 16).to_string());
    set("SPARK_LOCAL_DIRS", temp_dir.to_string_lossy().into_owned());
    let text = |key: &str| conf.effective(key).filter(|value| !value.is_empty());
    let is_on = |key: &str| text(key).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_on("spark.sql.execution.pyspark.udf.simplifiedTraceback.enabled") {
        set("SPARK_SIMPLIFIED_TRACEBACK", "1".to_owned());
    }
    if is_on("spark.sql.execution.pyspark.udf.hideTraceback.enabled") {
        set("SPARK_HIDE_TRACEBACK", "1".to_owned());
    }
    if let Some(rows) = text("spark.sql.execution.python.udf.maxRecordsPerBatch") {
        set("PYTHON_UDF_BATCH_SIZE", rows);
    }
    if let Some(limit) = text("spark.executor.pyspark.memory") {
        // A number without a unit means MiB, as for all memory of executors.
        let bytes = parse_byte_size("spark.executor.pyspark.memory", &limit, 20)?;
        set("PYSPARK_EXECUTOR_MEMORY_MB", (bytes >> 20).max(1).to_string());
    }
    for (key, value) in conf.all_explicit() {
        if let Some(name) = key.strip_prefix(EXECUTOR_ENVIRONMENT) {
            set(name, value);
        }
    }
    Ok(variables.into_iter().collect())
}
