//! Python table functions in FROM: `my_function(1, TABLE(t) PARTITION BY k)`.

use super::pickled_constant::pickled;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::{column, named, projection};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{self, ExprNode, PythonTableFunction, SubqueryKind};
use arrow::datatypes::FieldRef;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, SortExpr};
use firesteel_common::nodes::{PythonRows, PythonRowsParts};
use firesteel_common::python::{
    AnalyzeArg, AnalyzeCall, Analyzed, Command, EvalType, PythonArg, PythonCall, PythonFunction,
    PythonTableTask, PythonTask,
};
use firesteel_common::types::type_from_json;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use std::sync::Arc;

/// One argument, without its keyword.
enum Argument {
    Value(ResolvedExpr),
    /// The place of the table among [`Arguments::tables`].
    Table,
}

/// A table that is an argument.
struct TableArgument {
    input: Resolved,
    partition_by: Vec<ResolvedExpr>,
    order_by: Vec<SortExpr>,
    single_partition: bool,
}

impl Resolver<'_> {
    pub(super) fn python_table_function(
        &mut self,
        function: &PythonTableFunction,
    ) -> Result<Resolved> {
        let one_row = self.one_row()?;
        let mut context = ExprContext::new(&one_row.scope, Clause::Other);
        let mut arguments: Vec<(Option<String>, Argument)> = Vec::new();
        let mut table: Option<TableArgument> = None;
        for arg in &function.args {
            let (keyword, value) = match &arg.node {
                ExprNode::Named { name, value } => (Some(name.clone()), value.as_ref()),
                _ => (None, arg),
            };
            if let ExprNode::Subquery(subquery) = &value.node
                && let SubqueryKind::Table { .. } = subquery.kind
            {
                if table.is_some() {
                    return Err(too_many_tables());
                }
                table = Some(self.table_argument(subquery, &context)?);
                arguments.push((keyword, Argument::Table));
                continue;
            }
            for value in self.args(std::slice::from_ref(value), &mut context)? {
                arguments.push((keyword.clone(), Argument::Value(value)));
            }
        }
        let analyzed = match &function.return_type {
            Some(_) => None,
            None => Some(self.analyze(function, &arguments, table.as_ref())?),
        };
        if let (Some(table), Some(analyzed)) = (&mut table, &analyzed) {
            self.as_analyzed(table, analyzed)?;
        }
        let return_type = match (&function.return_type, &analyzed) {
            (Some(return_type), _) => return_type.clone(),
            (None, Some(analyzed)) => type_from_json(&analyzed.schema)?,
            (None, None) => SparkType::Null,
        };
        let SparkType::Struct(output) = return_type else {
            return Err(SparkError::invalid_plan("A table function returns rows."));
        };
        let keeps_input = table.is_none();
        let prepared = self.prepared(one_row, table)?;
        let mut args = Vec::with_capacity(arguments.len());
        let mut places = Vec::with_capacity(arguments.len());
        let mut types = Vec::with_capacity(arguments.len());
        let mut tables = Vec::new();
        for (offset, (name, argument)) in arguments.into_iter().enumerate() {
            let value = match argument {
                Argument::Value(value) => value,
                Argument::Table => {
                    tables.push(offset.to_string());
                    let value = prepared.argument.clone();
                    value.ok_or_else(|| SparkError::internal("a table argument was lost"))?
                }
            };
            let mut field = value.spark_field()?;
            field.name = format!("_{offset}");
            types.push(field);
            args.push(value.expr);
            places.push(PythonArg { offset, name });
        }
        let task = self.table_task(function, places, &types, &tables)?;
        let columns: Vec<Column> = output
            .fields
            .iter()
            .map(|field| Column::new(self.fresh(), field.clone(), Vec::new()))
            .collect();
        let parts = PythonRowsParts {
            task: Arc::new(PythonTableTask {
                task,
                name: function.name.clone(),
                partition_columns: prepared.partition_columns,
                analyzed: analyzed.map(|analyzed| Command(analyzed.pickled)),
                return_type: SparkType::Struct(output).to_json().to_string(),
            }),
            args,
            columns: columns.iter().map(Column::to_arrow).collect(),
            keeps_input,
            keys: prepared.keys,
            order: prepared.order,
            single_partition: prepared.single_partition,
        };
        let node = PythonRows::try_new(prepared.plan, parts)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    fn table_task(
        &mut self,
        function: &PythonTableFunction,
        args: Vec<PythonArg>,
        types: &[firesteel_common::StructField],
        tables: &[String],
    ) -> Result<PythonTask> {
        // Rows that the client would have pickled go as Arrow too.
        let eval_type = match function.eval_type {
            300 | 301 => EvalType::TABLE,
            302 => EvalType::ARROW_TABLE,
            other => {
                let wanted = "a table function";
                return Err(super::invalid_eval_type(&function.name, EvalType(other), wanted));
            }
        };
        let command = Arc::from(function.command.as_slice());
        let python = PythonFunction {
            name: function.name.clone(),
            eval_type,
            command: Arc::clone(&command),
            version: function.python_version.clone(),
            includes: Vec::new(),
            output_type: SparkType::Null,
            deterministic: function.deterministic,
            result_id: PythonFunction::next_result_id(),
            settings: self.env.python()?,
        };
        let call = PythonCall { args, chain: vec![Command(command)], result_id: python.result_id };
        let mut task = PythonTask::new(&python, vec![call], false);
        let input = SparkType::Struct(StructType { fields: types.to_vec() });
        task.eval_conf.push(("input_type".to_owned(), input.to_json().to_string()));
        if eval_type == EvalType::ARROW_TABLE {
            task.eval_conf.push(("table_arg_offsets".to_owned(), tables.join(",")));
        }
        Ok(task)
    }

    fn table_argument(
        &mut self,
        subquery: &spec::Subquery,
        context: &ExprContext,
    ) -> Result<TableArgument> {
        let SubqueryKind::Table { partition_by, order_by, single_partition } = &subquery.kind
        else {
            return Err(SparkError::internal("no table argument"));
        };
        let input = self.subquery_plan(&subquery.plan, context)?;
        let mut inner = ExprContext::new(&input.scope, Clause::Other);
        let partition_by = self.args(partition_by, &mut inner)?;
        let order_by = order_by.iter().map(|key| Ok(self.sort_order(key, &mut inner)?.0));
        let order_by = order_by.collect::<Result<Vec<_>>>()?;
        Ok(TableArgument { input, partition_by, order_by, single_partition: *single_partition })
    }

    fn analyze(
        &mut self,
        function: &PythonTableFunction,
        arguments: &[(Option<String>, Argument)],
        table: Option<&TableArgument>,
    ) -> Result<Analyzed> {
        let mut args = Vec::with_capacity(arguments.len());
        for (keyword, argument) in arguments {
            let (data_type, value) = match argument {
                Argument::Table => {
                    let schema = table.map(|table| table.input.schema()).unwrap_or_default();
                    (SparkType::Struct(schema), None)
                }
                Argument::Value(value) => {
                    let constant = match value.expr.any_column_refs() {
                        true => None,
                        false => self.constant(&value.expr).ok(),
                    };
                    (value.spark_type()?, constant.as_ref().and_then(pickled))
                }
            };
            args.push(AnalyzeArg {
                data_type: data_type.to_json().to_string(),
                value,
                is_table: matches!(argument, Argument::Table),
                keyword: keyword.clone(),
            });
        }
        let call = AnalyzeCall {
            name: function.name.clone(),
            command: Arc::from(function.command.as_slice()),
            version: function.python_version.clone(),
            args,
        };
        self.env.analyze_table_function(&call)
    }

    /// What `analyze` wants of the table argument.
    fn as_analyzed(&mut self, table: &mut TableArgument, analyzed: &Analyzed) -> Result<()> {
        let wants = analyzed.with_single_partition || !analyzed.partition_by.is_empty();
        if wants && (table.single_partition || !table.partition_by.is_empty()) {
            return Err(SparkError::analysis(
                "TABLE_VALUED_FUNCTION_REQUIRED_METADATA_INCOMPATIBLE_WITH_CALL",
                "Failed to evaluate the table function because its table metadata specified \
                 partitioning, but the function call specified it too.",
            ));
        }
        let mut context = ExprContext::new(&table.input.scope, Clause::Other);
        table.single_partition |= analyzed.with_single_partition;
        for text in &analyzed.partition_by {
            let expr = self.parsed_text(text)?;
            table.partition_by.push(self.expr(&expr, &mut context)?);
        }
        for key in &analyzed.order_by {
            let order = spec::SortOrder {
                child: Box::new(self.parsed_text(&key.expr)?),
                ascending: key.ascending,
                nulls_first: key.nulls_first,
            };
            table.order_by.push(self.sort_order(&order, &mut context)?.0);
        }
        if analyzed.select.is_empty() {
            return Ok(());
        }
        // The partitioning and the order stay below: they may use columns that are not selected.
        let mut exprs: Vec<(Expr, FieldRef)> = table
            .input
            .plan
            .schema()
            .fields()
            .iter()
            .map(|field| (column(field.name()), Arc::clone(field)))
            .collect();
        let mut columns = Vec::with_capacity(analyzed.select.len());
        for (text, alias) in &analyzed.select {
            let expr = self.parsed_text(text)?;
            let mut value = self.expr(&expr, &mut context)?;
            if !alias.is_empty() {
                value = value.aliased(alias.clone());
            }
            let own = Column::new(self.fresh(), value.spark_field()?, Vec::new());
            exprs.push((named(value.expr, &own.internal), own.to_arrow()));
            columns.push(own);
        }
        table.input = Resolved {
            plan: projection(table.input.plan.clone(), exprs)?,
            scope: Arc::new(Scope::new(columns)),
        };
        Ok(())
    }

    /// The function's input: one row, or the table with a column that is the row.
    fn prepared(&mut self, one_row: Resolved, table: Option<TableArgument>) -> Result<Prepared> {
        let Some(TableArgument { input, partition_by, order_by, single_partition }) = table else {
            return Ok(Prepared { plan: one_row.plan, ..Prepared::default() });
        };
        let mut context = ExprContext::new(&input.scope, Clause::Other);
        let mut exprs: Vec<(Expr, FieldRef)> = input
            .plan
            .schema()
            .fields()
            .iter()
            .map(|field| (column(field.name()), Arc::clone(field)))
            .collect();
        let mut parts = Vec::with_capacity(2 * (input.scope.columns.len() + partition_by.len()));
        for own in &input.scope.columns {
            context.fields.insert(own.to_arrow());
            parts.push(self.literal(&spec::Literal::String(own.field.name.clone()))?.arg());
            parts.push(ResolvedExpr::of_column(own).arg());
        }
        let mut keys = Vec::with_capacity(partition_by.len());
        let mut partition_columns = Vec::with_capacity(partition_by.len());
        for (position, key) in partition_by.into_iter().enumerate() {
            let mut field = key.spark_field()?;
            field.name = format!("partition_by_{position}");
            let own = Column::new(self.fresh(), field.clone(), Vec::new());
            exprs.push((named(key.expr, &own.internal), own.to_arrow()));
            context.fields.insert(own.to_arrow());
            parts.push(self.literal(&spec::Literal::String(field.name))?.arg());
            parts.push(ResolvedExpr::of_column(&own).arg());
            partition_columns.push(input.scope.columns.len() + position);
            keys.push(column(&own.internal));
        }
        let plan = projection(input.plan, exprs)?;
        let argument = self.call_builtin("named_struct", parts, "table".to_owned(), &context)?;
        Ok(Prepared {
            plan,
            argument: Some(argument),
            keys,
            order: order_by,
            partition_columns,
            single_partition,
        })
    }
}

#[derive(Default)]
struct Prepared {
    plan: LogicalPlan,
    /// The row as a struct.
    argument: Option<ResolvedExpr>,
    keys: Vec<Expr>,
    order: Vec<SortExpr>,
    partition_columns: Vec<usize>,
    single_partition: bool,
}

fn too_many_tables() -> SparkError {
    SparkError::analysis(
        "TABLE_VALUED_FUNCTION_TOO_MANY_TABLE_ARGUMENTS",
        "There are too many table arguments for table-valued function. It allows one table argument, but got \
         more.",
    )
}
