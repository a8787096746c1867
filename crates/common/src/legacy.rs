//! Settings that bring back what older versions of Spark did.

/// Snapshot of `spark.sql.legacy.*` and its kin, as far as functions and the resolver follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegacySettings {
    /// `spark.sql.function.concatBinaryAsString`, default false.
    pub concat_binary_is_string: bool,
    /// `spark.sql.function.eltOutputAsString`, default false.
    pub elt_binary_is_string: bool,
    /// `spark.sql.legacy.literal.pickMinimumPrecision`, default true: a whole literal beside a decimal has
    /// as many digits as are written.
    pub literal_minimum_precision: bool,
    /// `spark.sql.legacy.castComplexTypesToString.enabled`, default false: `[1,]` for `[1, NULL]`.
    pub complex_types_to_string: bool,
    /// `spark.sql.legacy.negativeIndexInArrayInsert`, default false: -1 is before the last element.
    pub negative_index_in_array_insert: bool,
    /// `spark.sql.legacy.followThreeValuedLogicInArrayExists`, default true.
    pub three_valued_exists: bool,
    /// `spark.sql.legacy.integerGroupingId`, default false.
    pub integer_grouping_id: bool,
    /// `spark.sql.legacy.allowHashOnMapType`, default false.
    pub hash_on_map: bool,
    /// `spark.sql.legacy.allowParameterlessCount`, default false.
    pub parameterless_count: bool,
    /// `spark.sql.legacy.statisticalAggregate`, default false: NaN where there are too few rows.
    pub statistical_nan: bool,
}

impl Default for LegacySettings {
    fn default() -> Self {
        Self {
            concat_binary_is_string: false,
            elt_binary_is_string: false,
            literal_minimum_precision: true,
            complex_types_to_string: false,
            negative_index_in_array_insert: false,
            three_valued_exists: true,
            integer_grouping_id: false,
            hash_on_map: false,
            parameterless_count: false,
            statistical_nan: false,
        }
    }
}
