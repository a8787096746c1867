//! The semantic settings as they stand now: what a query is planned with.

use super::SessionConf;
use crate::settings::SessionSettings;
use crate::{LegacySettings, SqlDialect, TimeParser};

impl SessionConf {
    /// Snapshot for one query. `slots` and `user` come from the engine and the session,
    /// which also puts in its current catalog and database.
    pub fn snapshot(&self, slots: usize, user: &str) -> SessionSettings {
        let ansi = self.flag("spark.sql.ansi.enabled");
        SessionSettings {
            ansi,
            time_zone: self.effective("spark.sql.session.timeZone").unwrap_or_else(|| "UTC".into()),
            case_sensitive: self.flag("spark.sql.caseSensitive"),
            timestamp_ntz: self.is("spark.sql.timestampType", "TIMESTAMP_NTZ"),
            dialect: self.dialect(),
            time_parser: self.time_parser(),
            legacy: self.legacy(),
            group_by_aliases: self.flag("spark.sql.groupByAliases"),
            lateral_aliases: self.flag("spark.sql.lateralColumnAlias.enableImplicitResolution"),
            shuffle_partitions: self.count("spark.sql.shuffle.partitions", 200),
            group_by_ordinal: self.flag("spark.sql.groupByOrdinal"),
            order_by_ordinal: self.flag("spark.sql.orderByOrdinal"),
            retain_group_columns: self.flag("spark.sql.retainGroupColumns"),
            cross_join: self.flag("spark.sql.crossJoin.enabled"),
            pivot_max_values: self.count("spark.sql.pivotMaxValues", 10_000),
            recursion_levels_max: self
                .limit("spark.sql.cteRecursionLevelLimit", 100)
                .and_then(|levels| u32::try_from(levels).ok()),
            recursion_rows_max: self.limit("spark.sql.cteRecursionRowLimit", 1_000_000),
            map_key_last_wins: self.is("spark.sql.mapKeyDedupPolicy", "LAST_WIN"),
            decimal_precision_loss: self.flag("spark.sql.decimalOperations.allowPrecisionLoss"),
            size_of_null: self.flag("spark.sql.legacy.sizeOfNull") && !ansi,
            read_side_char_padding: self.flag("spark.sql.readSideCharPadding"),
            char_varchar_as_string: self.flag("spark.sql.legacy.charVarcharAsString"),
            preserve_char_varchar: self.flag("spark.sql.preserveCharVarcharTypeInfo"),
            slots,
            user: user.to_owned(),
            ..SessionSettings::default()
        }
    }

    /// How SQL text is read now.
    pub fn dialect(&self) -> SqlDialect {
        SqlDialect {
            double_quoted_identifiers: self.flag("spark.sql.ansi.enabled")
                && self.flag("spark.sql.ansi.doubleQuotedIdentifiers"),
            escaped_string_literals: self.flag("spark.sql.parser.escapedStringLiterals"),
            exponent_is_decimal: self.flag("spark.sql.legacy.exponentLiteralAsDecimal.enabled"),
            pipes: self.flag("spark.sql.operatorPipeSyntaxEnabled"),
            equal_set_operators: self.flag("spark.sql.legacy.setopsPrecedence.enabled"),
            timestamp_is_ntz: self.is("spark.sql.timestampType", "TIMESTAMP_NTZ"),
        }
    }

    fn time_parser(&self) -> TimeParser {
        let key = "spark.sql.legacy.timeParserPolicy";
        match self.effective(key).unwrap_or_default().trim().to_uppercase().as_str() {
            "LEGACY" => TimeParser::Legacy,
            "EXCEPTION" => TimeParser::Exception,
            _ => TimeParser::Corrected,
        }
    }

    fn legacy(&self) -> LegacySettings {
        let legacy = |name: &str| self.flag(&format!("spark.sql.legacy.{name}"));
        LegacySettings {
            concat_binary_is_string: self.flag("spark.sql.function.concatBinaryAsString"),
            elt_binary_is_string: self.flag("spark.sql.function.eltOutputAsString"),
            literal_minimum_precision: legacy("literal.pickMinimumPrecision"),
            complex_types_to_string: legacy("castComplexTypesToString.enabled"),
            negative_index_in_array_insert: legacy("negativeIndexInArrayInsert"),
            three_valued_exists: legacy("followThreeValuedLogicInArrayExists"),
            integer_grouping_id: legacy("integerGroupingId"),
            hash_on_map: legacy("allowHashOnMapType"),
            parameterless_count: legacy("allowParameterlessCount"),
            statistical_nan: legacy("statisticalAggregate"),
        }
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.effective(key).is_some_and(|found| found.trim().eq_ignore_ascii_case(value))
    }

    fn flag(&self, key: &str) -> bool {
        self.is(key, "true")
    }

    /// A number above zero; zero and less mean no limit.
    fn limit(&self, key: &str, default: i64) -> Option<u64> {
        let value = self.effective(key).and_then(|value| value.trim().parse::<i64>().ok());
        u64::try_from(value.unwrap_or(default)).ok().filter(|limit| *limit > 0)
    }

    fn count(&self, key: &str, default: usize) -> usize {
        self.effective(key).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_agree_with_the_table() {
        let conf = SessionConf::default();
        let time_zone = conf.effective("spark.sql.session.timeZone").unwrap_or_default();
        let expected = SessionSettings { time_zone, ..SessionSettings::default() };
        assert_eq!(conf.snapshot(1, ""), expected);
    }
}
