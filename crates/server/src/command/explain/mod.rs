//! Plans as text, under Spark's section titles.
//!
//! | file | question |
//! |---|---|
//! | `tree` | how is a plan drawn? |
//! | `names` | what do people call the columns in it? |
//! | `spark_names` | what does Spark call the operators? |
//! | `cost` | how large does the optimizer think each step's rows are? |
//! | `formatted` | numbered operators with their details |
//! | `analyzed` | what did the operators measure? |
//!
//! The operators are DataFusion's and ours; titles, drawing and names are Spark's.

mod analyzed;
mod cost;
mod formatted;
mod names;
mod spark_names;
mod tree;

pub use analyzed::measured;
pub use names::ShownNames;

use super::{Answer, Cell};
use crate::planning::{blocking, resolve_with_names, visible_plan};
use crate::session::Session;
use firesteel_common::Result;
use firesteel_engine::execution::{Execution, StartedPlan};
use firesteel_plan::spec::{ExplainMode, Plan, Relation, RelationNode};
use firesteel_plan::sql;
use futures::TryStreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tree::Tree;

/// What `df.explain(mode)` prints.
///
/// # Errors
/// When the query cannot be planned; under [`ExplainMode::Analyze`] also when it cannot be run.
pub async fn explain(
    session: &Arc<Session>,
    relation: Relation,
    mode: ExplainMode,
) -> Result<String> {
    let planning = Arc::clone(session);
    let (relation, resolved, names) = blocking(move || {
        let (resolved, names) = resolve_with_names(&planning, &relation)?;
        Ok((relation, resolved, names))
    })
    .await?;
    if mode == ExplainMode::Codegen {
        // Nothing is compiled while a query runs.
        return Ok("Found 0 WholeStageCodegen subtrees.\n".to_owned());
    }
    let runner = session.engine().runner()?;
    let plan = visible_plan(&resolved)?;
    let physical = runner.physical_plan(&plan).await?;
    let mut names = ShownNames::new(&names);
    names.add_computed(&plan);
    let physical_tree = Tree::physical(&physical, &names);
    let physical_section = format!("== Physical Plan ==\n{}\n", physical_tree.draw());
    Ok(match mode {
        ExplainMode::Simple | ExplainMode::Codegen => physical_section,
        ExplainMode::Formatted => {
            format!("== Physical Plan ==\n{}\n", formatted::formatted(&physical, &names))
        }
        ExplainMode::Cost => {
            let optimized = runner.optimized(&plan)?;
            names.add_computed(&optimized);
            let optimized = cost::with_statistics(&runner, &optimized, &names).await;
            format!("== Optimized Logical Plan ==\n{}\n{physical_section}", optimized.draw())
        }
        ExplainMode::Extended => {
            let optimized = runner.optimized(&plan)?;
            names.add_computed(&optimized);
            let columns = resolved.schema().fields.into_iter();
            let columns =
                columns.map(|field| format!("{}: {}", field.name, field.data_type.simple_string()));
            format!(
                "== Parsed Logical Plan ==\n{}\n== Analyzed Logical Plan ==\n{}\n{}\n\
                 == Optimized Logical Plan ==\n{}\n== Physical Plan ==\n{}",
                parsed(&relation).draw(),
                columns.collect::<Vec<_>>().join(", "),
                Tree::logical(&plan, &names).draw(),
                Tree::logical(&optimized, &names).draw(),
                physical_tree.draw()
            )
        }
        ExplainMode::Analyze => {
            let execution = Arc::new(Execution::default());
            let began = Instant::now();
            let rows = execution.scope(async { runner.run_physical(&physical) }).await;
            let n_rows =
                rows.try_fold(0, |sum, batch| async move { Ok(sum + batch.num_rows()) }).await?;
            analyzed_text(&execution.started(), &names, n_rows, began.elapsed())
        }
    })
}

fn analyzed_text(
    started: &[StartedPlan],
    names: &ShownNames,
    n_rows: usize,
    elapsed: Duration,
) -> String {
    let trees = started.iter().map(|started| measured(&started.plan, names).draw());
    format!(
        "== Physical Plan ==\n{}\n== Total ==\nrows: {n_rows}, time: {:.1} ms\n",
        trees.collect::<String>(),
        elapsed.as_secs_f64() * 1_000.0
    )
}

/// As the user wrote it: a text is shown parsed, nothing else is looked into.
fn parsed(relation: &Relation) -> Tree {
    if let RelationNode::Sql(text) = relation.node.as_ref()
        && let Ok(Plan::Query(query)) = sql::parse_statement(&text.query)
    {
        return Tree::unresolved(&query);
    }
    Tree::unresolved(relation)
}

/// `EXPLAIN …`: one row, one column `plan`. A query that cannot be planned is told about there too, as
/// in Spark.
pub async fn explain_plan(session: &Arc<Session>, plan: Plan, mode: ExplainMode) -> Result<Answer> {
    let text = match plan {
        Plan::Query(relation) => match explain(session, relation, mode).await {
            Err(error) if mode != ExplainMode::Analyze => {
                format!("Error occurred during query planning: \n{error}")
            }
            explained => explained?,
        },
        // A command has no plan of operators; its name is what there is to say.
        Plan::Command(command) => {
            let text = format!("{command:?}");
            let name = text.split([' ', '(', '{']).next().unwrap_or_default();
            format!("== Physical Plan ==\nExecute {name}\n\n")
        }
    };
    Ok(Answer::with_columns(&["plan?"]).row([Cell::from(text)]))
}
