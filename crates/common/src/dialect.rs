//! The settings of a session that change how SQL text is read.

/// Snapshot of the configuration keys that the SQL parser follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlDialect {
    /// `spark.sql.ansi.doubleQuotedIdentifiers`, effective value: default false; only with ANSI mode.
    pub double_quoted_identifiers: bool,
    /// `spark.sql.parser.escapedStringLiterals`, default false: a backslash in a string means itself.
    pub escaped_string_literals: bool,
    /// `spark.sql.legacy.exponentLiteralAsDecimal.enabled`, default false: `1e2` is a decimal.
    pub exponent_is_decimal: bool,
    /// `spark.sql.operatorPipeSyntaxEnabled`, default true: `|>`.
    pub pipes: bool,
    /// `spark.sql.legacy.setopsPrecedence.enabled`, default false: INTERSECT binds no tighter than UNION.
    pub equal_set_operators: bool,
    /// `spark.sql.timestampType` is `TIMESTAMP_NTZ`, default false: what the type `TIMESTAMP` is.
    pub timestamp_is_ntz: bool,
}

impl Default for SqlDialect {
    fn default() -> Self {
        Self {
            double_quoted_identifiers: false,
            escaped_string_literals: false,
            exponent_is_decimal: false,
            pipes: true,
            equal_set_operators: false,
            timestamp_is_ntz: false,
        }
    }
}
