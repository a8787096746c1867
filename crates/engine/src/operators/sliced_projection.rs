//! A projection whose functions make much from little: it takes fewer rows at a time where they refuse a batch.

use super::pieces::Pieces;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec};
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// As `ProjectionExec`; a batch may leave as several.
#[derive(Debug, Clone)]
pub struct SlicedProjectionExec {
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    names: Vec<String>,
}

impl SlicedProjectionExec {
    /// The projection in pieces.
    pub(crate) fn of(projection: &ProjectionExec) -> Self {
        let exprs = projection.expr().iter();
        let (exprs, names) = exprs.map(|own| (Arc::clone(&own.expr), own.alias.clone())).unzip();
        Self { exprs, names }
    }
}

impl UnaryExec for SlicedProjectionExec {
    const NAME: &'static str = "SlicedProjectionExec";
    const KEEPS_ORDER: bool = true;
    const HIDES_INPUT_COLUMNS: bool = true;
    type Parameters = Vec<String>;

    fn details(&self) -> String {
        let exprs = self.exprs.iter().zip(&self.names);
        let exprs = exprs.map(|(expr, name)| format!("{expr} as {name}"));
        format!("expr=[{}]", exprs.collect::<Vec<_>>().join(", "))
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let exprs = self.exprs.iter().cloned().zip(self.names.iter().cloned());
        let projection = ProjectionExec::try_new(exprs.collect::<Vec<_>>(), Arc::clone(input))?;
        Ok(projection.properties().as_ref().clone())
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.exprs.iter().collect()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (exprs, schema) = (self.exprs.clone(), Arc::clone(&task.schema));
        let rows = task.input()?.map_ok(move |batch| {
            let (exprs, schema) = (exprs.clone(), Arc::clone(&schema));
            let mut pieces = Pieces::of(batch);
            stream::iter(std::iter::from_fn(move || {
                pieces.next(|piece| {
                    let n_rows = piece.num_rows();
                    let mut columns = Vec::with_capacity(exprs.len());
                    for expr in &exprs {
                        columns.push(expr.evaluate(piece)?.into_array(n_rows)?);
                    }
                    let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
                    let schema = Arc::clone(&schema);
                    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
                })
            }))
        });
        let rows = rows.try_flatten().boxed();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, rows)))
    }

    fn encode(&self) -> Result<Vec<String>> {
        Ok(self.names.clone())
    }

    fn decode(names: Vec<String>, exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(Self { exprs, names })
    }
}
