//! Plans as text, under Spark's section titles.

use super::{Answer, Cell};
use crate::planning::{blocking, resolve, visible_plan};
use crate::session::Session;
use datafusion::physical_plan::displayable;
use firesteel_common::Result;
use firesteel_plan::resolve::Resolved;
use firesteel_plan::spec::{ExplainMode, Plan};
use std::sync::Arc;

/// What `df.explain(mode)` prints. The plans are DataFusion's; the titles are Spark's, which programs and
/// people look for.
///
/// # Errors
/// When the query cannot be planned.
pub async fn explain(
    session: &Arc<Session>,
    resolved: &Resolved,
    mode: ExplainMode,
) -> Result<String> {
    let runner = session.engine().runner()?;
    let plan = visible_plan(resolved)?;
    let state = runner.session_state();
    let physical = runner.physical_plan(&plan).await?;
    let physical = displayable(physical.as_ref()).indent(false).to_string();
    let columns = resolved
        .schema()
        .fields
        .iter()
        .map(|field| format!("{}: {}", field.name, field.data_type.simple_string()))
        .collect::<Vec<_>>()
        .join(", ");
    Ok(match mode {
        ExplainMode::Simple | ExplainMode::Formatted => {
            format!("== Physical Plan ==\n{physical}\n")
        }
        ExplainMode::Codegen => "Found 0 WholeStageCodegen subtrees.\n".to_owned(),
        ExplainMode::Cost => {
            let optimized = state.optimize(&plan)?;
            format!(
                "== Optimized Logical Plan ==\n{}\n\n== Physical Plan ==\n{physical}\n",
                optimized.display_indent()
            )
        }
        ExplainMode::Extended => {
            let optimized = state.optimize(&plan)?;
            format!(
                "== Parsed Logical Plan ==\n{0}\n\n== Analyzed Logical Plan ==\n{columns}\n{0}\n\n\
                 == Optimized Logical Plan ==\n{1}\n\n== Physical Plan ==\n{physical}",
                plan.display_indent(),
                optimized.display_indent()
            )
        }
    })
}

/// `EXPLAIN …`: one row, one column `plan`.
pub async fn explain_plan(session: &Arc<Session>, plan: Plan, mode: ExplainMode) -> Result<Answer> {
    let text = match plan {
        Plan::Query(relation) => {
            let planning = Arc::clone(session);
            let resolved = blocking(move || resolve(&planning, &relation)).await?;
            explain(session, &resolved, mode).await?
        }
        // A command has no plan of operators; its name is what there is to say.
        Plan::Command(command) => {
            let text = format!("{command:?}");
            let name = text.split([' ', '(', '{']).next().unwrap_or_default();
            format!("== Physical Plan ==\nExecute {name}\n\n")
        }
    };
    Ok(Answer::with_columns(&["plan?"]).row([Cell::from(text)]))
}
