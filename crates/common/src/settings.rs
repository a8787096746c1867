//! The settings of a session that change what a query means.
//!
//! Planning reads this snapshot instead of the whole configuration, so that a plan does not change
//! when another thread sets a key while it is being resolved.

use crate::{LegacySettings, SqlDialect};
use serde::{Deserialize, Serialize};

/// Snapshot of the semantic configuration keys of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionSettings {
    /// `spark.sql.ansi.enabled`, default true.
    pub ansi: bool,
    /// `spark.sql.session.timeZone`: an IANA name or an offset such as `+02:00`.
    pub time_zone: String,
    /// `spark.sql.caseSensitive`, default false.
    pub case_sensitive: bool,
    /// `spark.sql.timestampType` is `TIMESTAMP_NTZ`; default false.
    pub timestamp_ntz: bool,
    /// How SQL text is read.
    pub dialect: SqlDialect,
    /// `spark.sql.legacy.timeParserPolicy`, default `CORRECTED`.
    pub time_parser: TimeParser,
    /// What older versions did.
    pub legacy: LegacySettings,
    /// `spark.sql.groupByAliases`, default true.
    pub group_by_aliases: bool,
    /// `spark.sql.lateralColumnAlias.enableImplicitResolution`, default true.
    pub lateral_aliases: bool,
    /// `spark.sql.shuffle.partitions`, default 200: what `repartition(cols)` uses without a number.
    pub shuffle_partitions: usize,
    /// `spark.sql.groupByOrdinal` and `spark.sql.orderByOrdinal`, default true.
    pub group_by_ordinal: bool,
    pub order_by_ordinal: bool,
    /// `spark.sql.retainGroupColumns`, default true.
    pub retain_group_columns: bool,
    /// `spark.sql.crossJoin.enabled`, default true.
    pub cross_join: bool,
    /// `spark.sql.pivotMaxValues`, default 10,000.
    pub pivot_max_values: usize,
    /// `spark.sql.cteRecursionLevelLimit`, default 100; none when it is zero or less.
    pub recursion_levels_max: Option<u32>,
    /// `spark.sql.cteRecursionRowLimit`, default 1,000,000; none when it is zero or less.
    pub recursion_rows_max: Option<u64>,
    /// `spark.sql.mapKeyDedupPolicy` is `LAST_WIN`; default false (`EXCEPTION`).
    pub map_key_last_wins: bool,
    /// `spark.sql.decimalOperations.allowPrecisionLoss`, default true.
    pub decimal_precision_loss: bool,
    /// `spark.sql.legacy.sizeOfNull`, effective value: default false because ANSI mode is on.
    pub size_of_null: bool,
    /// `spark.sql.readSideCharPadding`, default true.
    pub read_side_char_padding: bool,
    /// `spark.sql.legacy.charVarcharAsString`, default false: lengths mean nothing.
    pub char_varchar_as_string: bool,
    /// `spark.sql.preserveCharVarcharTypeInfo`, default false: casts may make `CHAR(n)`.
    pub preserve_char_varchar: bool,
    /// Number of task slots (`local[N]`): `defaultParallelism`.
    pub slots: usize,
    /// `current_user()`.
    pub user: String,
    /// `current_catalog()` and `current_schema()`.
    pub catalog: String,
    pub database: String,
}

/// What patterns of dates and times mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum TimeParser {
    /// `java.time`'s, and an error where Spark 2 would have read a text that it does not read.
    Exception,
    /// `java.time`'s.
    #[default]
    Corrected,
    /// `java.text.SimpleDateFormat`'s.
    Legacy,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            ansi: true,
            time_zone: "UTC".to_owned(),
            case_sensitive: false,
            timestamp_ntz: false,
            dialect: SqlDialect::default(),
            time_parser: TimeParser::Corrected,
            legacy: LegacySettings::default(),
            group_by_aliases: true,
            lateral_aliases: true,
            shuffle_partitions: 200,
            group_by_ordinal: true,
            order_by_ordinal: true,
            retain_group_columns: true,
            cross_join: true,
            pivot_max_values: 10_000,
            recursion_levels_max: Some(100),
            recursion_rows_max: Some(1_000_000),
            map_key_last_wins: false,
            decimal_precision_loss: true,
            size_of_null: false,
            read_side_char_padding: true,
            char_varchar_as_string: false,
            preserve_char_varchar: false,
            slots: 1,
            user: String::new(),
            catalog: "spark_catalog".to_owned(),
            database: "default".to_owned(),
        }
    }
}

impl SessionSettings {
    /// Whether two identifiers are the same name under `spark.sql.caseSensitive`.
    pub fn same_name(&self, left: &str, right: &str) -> bool {
        if self.case_sensitive {
            left == right
        } else {
            left == right || left.to_lowercase() == right.to_lowercase()
        }
    }
}
