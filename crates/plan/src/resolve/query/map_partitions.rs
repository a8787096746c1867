//! `mapInArrow`, `mapInPandas`.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{PythonFunction, Relation};
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::MapInPython;
use firesteel_common::python::{EvalType, PythonTask};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn map_partitions(
        &mut self,
        input: &Relation,
        given: &PythonFunction,
        is_barrier: bool,
    ) -> Result<Resolved> {
        let function = self.python_function(given)?;
        if !matches!(function.eval_type, EvalType::MAP_ARROW_ITER | EvalType::MAP_PANDAS_ITER) {
            return Err(invalid_eval_type(&function.name, function.eval_type, "map"));
        }
        let SparkType::Struct(output) = function.output_type.clone() else {
            return Err(SparkError::invalid_plan("A function over partitions returns rows."));
        };
        let input = self.relation(input)?;
        let input = self.exact(input)?;
        self.check_names(given, &input)?;
        let inputs: Vec<_> = input.scope.columns.iter().map(|own| own.field.to_arrow()).collect();
        let task = PythonTask::over_rows(&function, is_barrier);
        let names = output.fields.iter().map(|field| field.name.clone()).collect();
        let columns: Vec<_> = output
            .fields
            .into_iter()
            .map(|field| Column::new(self.fresh(), field, Vec::new()))
            .collect();
        let fields = columns.iter().map(Column::to_arrow).collect();
        let node = MapInPython::try_new(input.plan, Arc::new(task), inputs, fields, names)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    /// PySpark sends the names of all columns as arguments: as in Spark, each must be found, though what the function
    /// gets are the columns. A name with a dot is not.
    pub(super) fn check_names(&mut self, given: &PythonFunction, input: &Resolved) -> Result<()> {
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        self.args(&given.args, &mut context).map(|_| ())
    }
}

/// A function stands where another kind is wanted; only other clients than PySpark send that.
pub(crate) fn invalid_eval_type(name: &str, found: EvalType, wanted: &str) -> SparkError {
    SparkError::analysis(
        "INVALID_UDF_EVAL_TYPE",
        format!("Eval type for UDF must be {wanted}: {name} has {}.", found.0),
    )
    .with("evalType", wanted)
}
