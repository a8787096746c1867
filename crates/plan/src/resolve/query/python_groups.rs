//! `groupBy(…).applyInPandas`, `applyInArrow`, and the same over `cogroup`.

use super::map_partitions::invalid_eval_type;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::{column, named, projection, renamed};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{self, CoGroupMap, PythonFunction, Relation};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::{
    Cast, Expr, ExprSchemable, Extension, LogicalPlan, SortExpr, Union,
};
use firesteel_common::error::ErrorKind;
use firesteel_common::nodes::{GroupShape, PythonGroups, PythonGroupsParts};
use firesteel_common::python::{Command, PythonArg, PythonCall, PythonTask};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// A relation and the keys of its groups, which are columns of the plan.
struct Grouped {
    input: Resolved,
    /// Internal names and fields; a name that repeats is a key that was given twice.
    keys: Vec<FieldRef>,
    sorting: Vec<SortExpr>,
}

impl Grouped {
    /// What a function sees: all columns under the user's names, then keys that are none of them.
    fn args(&self) -> (Vec<Expr>, Vec<FieldRef>) {
        let columns = self.input.scope.columns.iter();
        let mut args: Vec<Expr> = columns.clone().map(|own| column(&own.internal)).collect();
        let mut fields: Vec<_> = columns.map(|own| own.field.to_arrow()).collect();
        for key in self.distinct_keys() {
            let expr = column(key.name());
            if !args.contains(&expr) {
                args.push(expr);
                fields.push(Arc::clone(key));
            }
        }
        (args, fields)
    }

    fn distinct_keys(&self) -> Vec<&FieldRef> {
        let mut keys: Vec<&FieldRef> = Vec::new();
        for key in &self.keys {
            if !keys.iter().any(|known| known.name() == key.name()) {
                keys.push(key);
            }
        }
        keys
    }

    /// `[length, number of keys, places of the keys…, places of the values…]` among the arguments.
    fn offsets(&self) -> Result<Vec<PythonArg>> {
        let (args, _) = self.args();
        let n_values = self.input.scope.columns.len();
        let mut offsets = vec![self.keys.len() + n_values + 1, self.keys.len()];
        for key in &self.keys {
            let expr = column(key.name());
            let place = args.iter().position(|arg| *arg == expr);
            offsets.push(place.ok_or_else(|| SparkError::internal("a key that is not sent"))?);
        }
        offsets.extend(0..n_values);
        Ok(offsets.into_iter().map(|offset| PythonArg { offset, name: None }).collect())
    }
}

impl Resolver<'_> {
    pub(super) fn group_map(
        &mut self,
        input: &Relation,
        grouping: &[spec::Expr],
        given: &PythonFunction,
        sorting: &[spec::Expr],
    ) -> Result<Resolved> {
        let function = self.python_function(given)?;
        let as_struct = match function.eval_type.0 {
            201 | 216 => false,
            209 | 215 => true,
            _ => return Err(invalid_eval_type(&function.name, function.eval_type, "grouped map")),
        };
        let grouped = self.grouped_input(input, grouping, sorting)?;
        self.check_names(given, &grouped.input)?;
        let (args, inputs) = grouped.args();
        let task = task(&function, grouped.offsets()?);
        let keys = grouped.distinct_keys().into_iter().map(|key| column(key.name())).collect();
        let (columns, fields) = self.python_output(&function.output_type)?;
        let parts = PythonGroupsParts {
            task,
            shape: GroupShape::Rows { as_struct },
            keys,
            order: grouped.sorting,
            args,
            inputs,
            frames: Vec::new(),
            columns: fields,
        };
        let node = PythonGroups::try_new(grouped.input.plan, parts)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    pub(super) fn co_group_map(&mut self, map: &CoGroupMap) -> Result<Resolved> {
        let function = self.python_function(&map.function)?;
        if !matches!(function.eval_type.0, 206 | 210) {
            return Err(invalid_eval_type(&function.name, function.eval_type, "cogrouped map"));
        }
        if !map.left_sorting.is_empty() || !map.right_sorting.is_empty() {
            return Err(SparkError::unsupported("sorted cogroups"));
        }
        let left = self.grouped_input(&map.left, &map.left_grouping, &[])?;
        let right = self.grouped_input(&map.right, &map.right_grouping, &[])?;
        if left.keys.len() != right.keys.len() {
            let (left, right) = (left.keys.len(), right.keys.len());
            let text =
                format!("requirement failed: Cogroup keys must have same size: {left} != {right}");
            return Err(SparkError::new(ErrorKind::IllegalArgument, "", text));
        }
        let mut offsets = left.offsets()?;
        offsets.extend(right.offsets()?);
        let task = task(&function, offsets);
        let ((left_args, left_inputs), (right_args, right_inputs)) = (left.args(), right.args());
        let n_left = left_args.len();
        // Both sides as one relation: keys, side, values of the left, values of the right.
        let mut keys = Vec::with_capacity(left.keys.len());
        for (of_left, of_right) in left.keys.iter().zip(&right.keys) {
            let Some(key_type) = key_type(of_left.data_type(), of_right.data_type()) else {
                return Err(SparkError::unsupported("cogroups by keys of different types"));
            };
            let (pair, name) = ((of_left.name(), of_right.name()), self.fresh());
            if keys
                .iter()
                .any(|(known, _): &((String, String), FieldRef)| (&known.0, &known.1) == pair)
            {
                continue;
            }
            let field = Field::clone(of_left).with_name(name).with_nullable(true);
            let field = field.with_data_type(key_type);
            keys.push(((pair.0.clone(), pair.1.clone()), Arc::new(field)));
        }
        let side = Arc::new(Field::new(self.fresh(), DataType::Boolean, false));
        let fresh = |resolver: &mut Self, field: &FieldRef| -> FieldRef {
            Arc::new(Field::clone(field).with_name(resolver.fresh()).with_nullable(true))
        };
        let left_fields: Vec<_> = left_inputs.iter().map(|field| fresh(self, field)).collect();
        let right_fields: Vec<_> = right_inputs.iter().map(|field| fresh(self, field)).collect();
        let one = |is_right: bool, plan: LogicalPlan| -> Result<LogicalPlan> {
            let mut exprs: Vec<(Expr, FieldRef)> = Vec::new();
            for ((of_left, of_right), field) in &keys {
                let own = column(if is_right { of_right } else { of_left });
                let own = match own.get_type(plan.schema())? == *field.data_type() {
                    true => own,
                    false => Expr::Cast(Cast::new(Box::new(own), field.data_type().clone())),
                };
                exprs.push((named(own, field.name()), Arc::clone(field)));
            }
            let flag = Expr::Literal(ScalarValue::Boolean(Some(is_right)), None);
            exprs.push((named(flag, side.name()), Arc::clone(&side)));
            let sides = [(false, &left_args, &left_fields), (true, &right_args, &right_fields)];
            for (is_own, args, fields) in
                sides.map(|(of_right, args, fields)| (of_right == is_right, args, fields))
            {
                for (arg, field) in args.iter().zip(fields) {
                    let value = match is_own {
                        true => arg.clone(),
                        false => Expr::Literal(ScalarValue::try_from(field.data_type())?, None),
                    };
                    exprs.push((named(value, field.name()), Arc::clone(field)));
                }
            }
            projection(plan, exprs)
        };
        let inputs =
            vec![Arc::new(one(false, left.input.plan)?), Arc::new(one(true, right.input.plan)?)];
        let fields = keys.iter().map(|(_, field)| field).chain([&side]);
        let fields = fields.chain(&left_fields).chain(&right_fields);
        let fields = fields.map(|field| (None, Arc::clone(field))).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, Default::default())?);
        let plan = LogicalPlan::Union(Union { inputs, schema });
        let (columns, output) = self.python_output(&function.output_type)?;
        let parts = PythonGroupsParts {
            task,
            shape: GroupShape::Pairs { n_left },
            keys: keys.iter().map(|(_, field)| column(field.name())).collect(),
            order: vec![column(side.name()).sort(true, true)],
            args: left_fields.iter().chain(&right_fields).map(|own| column(own.name())).collect(),
            inputs: left_inputs.into_iter().chain(right_inputs).collect(),
            frames: Vec::new(),
            columns: output,
        };
        let node = PythonGroups::try_new(plan, parts)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    /// The input of a function over groups, its keys computed.
    fn grouped_input(
        &mut self,
        input: &Relation,
        grouping: &[spec::Expr],
        sorting: &[spec::Expr],
    ) -> Result<Grouped> {
        let input = self.relation(input)?;
        let input = self.exact(input)?;
        let mut context = ExprContext::new(&input.scope, Clause::GroupBy);
        let keys = grouping.iter().map(|key| self.expr(key, &mut context));
        let keys = keys.collect::<Result<Vec<ResolvedExpr>>>()?;
        let sorting = sorting.iter().map(|key| {
            let key = self.expr(key, &mut context)?;
            Ok(key.expr.sort(true, true))
        });
        let sorting = sorting.collect::<Result<Vec<_>>>()?;
        let scope = Arc::clone(&input.scope);
        let input = self.with_partition_columns(input, &mut context)?;
        let mut names: Vec<FieldRef> = Vec::with_capacity(keys.len());
        let mut computed: Vec<(Expr, FieldRef)> = Vec::new();
        for key in keys {
            match &key.expr {
                Expr::Column(own) => names.push(renamed(&key.field, &own.name)),
                _ => {
                    let name = self.fresh();
                    let field = renamed(&key.field, &name);
                    computed.push((named(key.expr, &name), Arc::clone(&field)));
                    names.push(field);
                }
            }
        }
        let mut plan = input.plan;
        if !computed.is_empty() {
            let own = plan.schema().fields().iter();
            let own = own.map(|field| (column(field.name()), Arc::clone(field)));
            let exprs = own.chain(computed).collect();
            plan = projection(plan, exprs)?;
        }
        Ok(Grouped { input: Resolved { plan, scope }, keys: names, sorting })
    }

    /// The columns of rows that a function gives, and their fields in the plan.
    fn python_output(&mut self, output: &SparkType) -> Result<(Vec<Column>, Vec<FieldRef>)> {
        let SparkType::Struct(output) = output else {
            return Err(SparkError::invalid_plan("A function over groups returns rows."));
        };
        let columns: Vec<_> = output
            .fields
            .iter()
            .map(|field| Column::new(self.fresh(), field.clone(), Vec::new()))
            .collect();
        let fields = columns.iter().map(Column::to_arrow).collect();
        Ok((columns, fields))
    }
}

/// The type by which keys of both sides meet: their own, or the wider one of two integers. Spark does not look at the
/// types, so that integers meet if they fall into one partition, and others make nonsense or an error.
fn key_type(left: &DataType, right: &DataType) -> Option<DataType> {
    let [own, other] = [left, right].map(|key| SparkType::from_arrow(key).ok());
    if own.is_some() && own == other {
        return Some(left.clone());
    }
    let is_wider = left.primitive_width() >= right.primitive_width();
    let are_integers = left.is_signed_integer() && right.is_signed_integer();
    are_integers.then(|| if is_wider { left.clone() } else { right.clone() })
}

fn task(
    function: &firesteel_common::python::PythonFunction,
    args: Vec<PythonArg>,
) -> Arc<PythonTask> {
    let call = PythonCall {
        args,
        chain: vec![Command(Arc::clone(&function.command))],
        result_id: function.result_id,
    };
    Arc::new(PythonTask::new(function, vec![call], false))
}
