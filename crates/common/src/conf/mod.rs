//! Configuration: Spark's keys with their defaults, the values of one session, and the snapshot of those
//! that queries depend on.
//!
//! The table `spark-4.2.tsv` holds the facts about every key of Spark 4.2 (written by `generate.py`);
//! [`acted_on`] holds what Firesteel does with the few that it acts on.

mod byte_size;
mod check;
mod session_conf;
mod snapshot;
mod time_zone;

pub use byte_size::parse_byte_size;
pub use session_conf::{SessionConf, host_time_zone};
pub use time_zone::long_zone_name;

use std::collections::HashMap;
use std::sync::LazyLock;

/// How the value of a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfKind {
    Boolean,
    Int,
    Double,
    Bytes,
    Time,
    String,
    /// A key of Spark's own configuration, outside SQL: known, not readable unless it was set.
    Core,
}

/// One key of Spark 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfEntry {
    pub key: &'static str,
    pub kind: ConfKind,
    /// Fixed when the engine starts.
    pub is_static: bool,
    default: Option<&'static str>,
}

static TABLE: LazyLock<HashMap<&'static str, ConfEntry>> =
    LazyLock::new(|| include_str!("spark-4.2.tsv").lines().filter_map(parse).collect());

fn parse(line: &'static str) -> Option<(&'static str, ConfEntry)> {
    let mut cells = line.split('\t');
    let key = cells.next()?;
    let kind = match cells.next()? {
        "boolean" => ConfKind::Boolean,
        "int" => ConfKind::Int,
        "double" => ConfKind::Double,
        "bytes" => ConfKind::Bytes,
        "time" => ConfKind::Time,
        "core" => ConfKind::Core,
        _ => ConfKind::String,
    };
    let is_static = cells.next()? == "s";
    Some((key, ConfEntry { key, kind, is_static, default: cells.next() }))
}

impl ConfEntry {
    /// The entry of `key`, if Spark 4.2 knows the key.
    pub fn find(key: &str) -> Option<&'static ConfEntry> {
        TABLE.get(key)
    }

    /// All keys, in no order.
    pub fn all() -> impl Iterator<Item = &'static ConfEntry> {
        TABLE.values()
    }

    pub fn is_sql(&self) -> bool {
        self.kind != ConfKind::Core
    }

    /// The value when nobody set the key; a key may take another key's value, set or default.
    fn default_with(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        match self.default? {
            reference if reference.starts_with('@') => lookup(&reference[1..]),
            plain if plain.contains('\\') => {
                Some(plain.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\"))
            }
            plain => Some(plain.to_owned()),
        }
    }
}

/// What Firesteel does with the keys that it acts on; every other key is kept and has no effect.
pub fn acted_on() -> &'static [(&'static str, &'static str)] {
    &[
        ("spark.connect.copyFromLocalToFs.allowDestLocal", "True allows copyFromLocalToFs."),
        ("spark.connect.execute.manager.abandonedTombstonesSize", "Dropped operations remembered."),
        ("spark.connect.execute.manager.detachedTimeout", "Life of an operation without reader."),
        ("spark.connect.execute.manager.maintenanceInterval", "How often to look for such."),
        ("spark.connect.execute.reattachable.enabled", "Whether a cut stream can be taken up."),
        ("spark.connect.execute.reattachable.observerRetryBufferSize", "Answers kept for that."),
        ("spark.connect.execute.reattachable.senderMaxStreamDuration", "Life of one stream."),
        ("spark.connect.execute.reattachable.senderMaxStreamSize", "Bytes of one stream."),
        ("spark.connect.grpc.maxInboundMessageSize", "Largest message that is taken."),
        ("spark.connect.maxPlanSize", "What a compressed plan may unpack to."),
        ("spark.connect.session.inactiveOperations.cacheExpiration", "Memory of ended operations."),
        (
            "spark.connect.session.manager.closedSessionsTombstonesSize",
            "Closed sessions remembered.",
        ),
        (
            "spark.connect.session.manager.defaultSessionTimeout",
            "Life of an idle session; a server's.",
        ),
        ("spark.connect.session.manager.maintenanceInterval", "How often to look for such."),
        ("spark.driver.memory", "Memory of the server; spark.executor.memory goes first."),
        ("spark.executor.memory", "Memory of the server: all queries and caches together."),
        ("spark.executor.pyspark.memory", "Memory of each Python worker; none: no limit."),
        ("spark.io.compression.codec", "Compression of spilled data: lz4, zstd or none."),
        ("spark.local.dir", "Where spilled data goes."),
        (
            "spark.connect.progress.reportInterval",
            "Time between two reports of a query's progress.",
        ),
        ("spark.log.level", "What the engine's log tells: INFO, DEBUG, ...; warnings by default."),
        ("spark.log.structuredLogging.enabled", "Whether the log is one JSON object a line."),
        ("spark.master", "Number of task slots, as local[N] or local[*]."),
        (
            "spark.pyspark.driver.python",
            "Python of the workers, if spark.pyspark.python is not set.",
        ),
        ("spark.pyspark.python", "Python of the workers; the one that started the engine."),
        ("spark.python.worker.idleTimeoutSeconds", "Silence after which a worker is told of."),
        ("spark.python.worker.killOnIdleTimeout", "Whether such a worker is killed."),
        ("spark.sql.ansi.enabled", "Errors instead of nulls for bad values; SQL standard types."),
        ("spark.sql.caseSensitive", "Whether names that differ in case are different names."),
        ("spark.sql.crossJoin.enabled", "Whether a join may lack a condition."),
        ("spark.sql.cteRecursionLevelLimit", "Most rounds of a recursive query."),
        ("spark.sql.cteRecursionRowLimit", "Most rows of a recursive query."),
        ("spark.sql.decimalOperations.allowPrecisionLoss", "Digits after the point may be cut."),
        (
            "spark.sql.execution.arrow.maxRecordsPerBatch",
            "Rows of a batch for Python; 0: no limit.",
        ),
        ("spark.sql.groupByOrdinal", "Whether GROUP BY 1 means the first column."),
        ("spark.sql.legacy.sizeOfNull", "Whether size(NULL) is -1; only without ANSI mode."),
        ("spark.sql.mapKeyDedupPolicy", "What equal keys of one map do: EXCEPTION or LAST_WIN."),
        ("spark.sql.orderByOrdinal", "Whether ORDER BY 1 means the first column."),
        ("spark.sql.pivotMaxValues", "How many distinct values a pivot without values may find."),
        (
            "spark.sql.python.filterPushdown.enabled",
            "Whether sources in Python are offered filters.",
        ),
        ("spark.sql.retainGroupColumns", "Whether groupBy().agg() keeps the grouping columns."),
        ("spark.sql.session.timeZone", "Zone of the session; the host's own by default."),
        ("spark.sql.session.localRelationChunkSizeLimit", "Largest blob of local data."),
        ("spark.sql.session.localRelationSizeLimit", "Largest local data."),
        ("spark.sql.shuffle.partitions", "Partitions of repartition(cols) without a number."),
        ("spark.sql.sources.default", "Format of reads and writes that name none."),
        ("spark.sql.sources.partitionOverwriteMode", "Whether overwrite replaces all or touched."),
        ("spark.sql.timestampType", "What TIMESTAMP means: TIMESTAMP_LTZ or TIMESTAMP_NTZ."),
        ("spark.sql.warehouse.dir", "Directory of managed tables."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_complete() {
        assert!(ConfEntry::all().filter(|entry| entry.is_sql()).count() > 800);
        for (key, _) in acted_on() {
            // These have no entry in Spark's own table.
            let own = matches!(*key, "spark.master" | "spark.local.dir");
            assert!(own || ConfEntry::find(key).is_some(), "{key}");
        }
    }
}
