//! What models, transformers and their tables make of relations ([`TableTransform`]).

use crate::resolve::{Column, Environment, Resolved, Resolver, Scope};
use crate::spec::{Plan, Relation};
use arrow::array::RecordBatch;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::frame::TableTransform;
use firesteel_common::{
    Frame, FrameColumn, Result, SessionSettings, SparkError, StructType, TableHost, TransformHandle,
};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn transform(
        &mut self,
        inputs: &[Relation],
        transform: &TransformHandle,
    ) -> Result<Resolved> {
        let mut frames = Vec::with_capacity(inputs.len());
        for input in inputs {
            let input = self.relation(input)?;
            frames.push(Frame {
                plan: self.runnable(input.plan)?,
                columns: input.scope.columns.iter().map(frame_column).collect(),
                case_sensitive: self.settings.case_sensitive,
            });
        }
        let transform: &dyn TableTransform = transform.0.as_ref();
        let frame = transform.apply(frames, &mut Host(self))?;
        Ok(resolved(frame))
    }
}

fn resolved(frame: Frame) -> Resolved {
    let columns = frame.columns.into_iter().map(|column| Column {
        internal: column.internal,
        field: column.field,
        qualifier: column.qualifier,
        origin: column.origin,
    });
    Resolved { plan: frame.plan, scope: Arc::new(Scope::new(columns.collect())) }
}

fn frame_column(column: &Column) -> FrameColumn {
    FrameColumn {
        internal: column.internal.clone(),
        field: column.field.clone(),
        qualifier: column.qualifier.clone(),
        origin: column.origin.clone(),
    }
}

/// A resolved relation as whoever is no resolver sees it.
pub fn frame_of(resolved: &Resolved, settings: &SessionSettings) -> Frame {
    Frame {
        plan: resolved.plan.clone(),
        columns: resolved.scope.columns.iter().map(frame_column).collect(),
        case_sensitive: settings.case_sensitive,
    }
}

struct Host<'r, 'e>(&'r mut Resolver<'e>);

impl TableHost for Host<'_, '_> {
    fn settings(&self) -> &SessionSettings {
        self.0.settings
    }

    fn collect(&mut self, plan: LogicalPlan) -> Result<Vec<RecordBatch>> {
        let env: &dyn Environment = self.0.env;
        env.collect(plan)
    }

    fn rows(&mut self, schema: StructType, batches: &[RecordBatch]) -> Result<Frame> {
        let resolved = self.0.rows(schema, batches)?;
        Ok(frame_of(&resolved, self.0.settings))
    }

    fn sql(&mut self, query: &str, name: &str, table: Frame) -> Result<Frame> {
        let Plan::Query(query) = crate::sql::parse_statement_in(query, self.0.settings.dialect)?
        else {
            return Err(SparkError::invalid_plan("a command where a query is expected"));
        };
        let table = resolved(table);
        let resolved = self.0.with_table(name, table, &query)?;
        Ok(frame_of(&resolved, self.0.settings))
    }
}
