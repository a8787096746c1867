//! Python functions over groups: Spark's `FlatMapGroupsInPandas`, `FlatMapCoGroupsInPandas`,
//! `ArrowAggregatePython` and `WindowInPandas`.

use super::one_input;
use crate::python::PythonTask;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchema, DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, SortExpr, UserDefinedLogicalNodeCore, WindowFrame};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// What is sent of a group, and what comes back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupShape {
    /// Any rows. `as_struct`: the arguments are sent as one struct column.
    Rows { as_struct: bool },
    /// Any rows of two groups with the same key. The input is a union: the last of the order's columns is false in rows of
    /// the left side, whose values are the first `n_left` arguments.
    Pairs { n_left: usize },
    /// One row: the keys and the functions' values.
    Row,
    /// The group's rows, each with the functions' values.
    Beside,
}

/// The functions of `task` over the groups of `keys`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonGroups {
    pub input: LogicalPlan,
    pub task: Arc<PythonTask>,
    pub shape: GroupShape,
    /// None: all rows are one group.
    pub keys: Vec<Expr>,
    /// Of the rows within a group.
    pub order: Vec<SortExpr>,
    /// What is sent to the worker.
    pub args: Vec<Expr>,
    /// The arguments, in order, as the functions see them.
    pub inputs: Vec<FieldRef>,
    /// For [`GroupShape::Beside`]: rows that functions see from each row; each frame adds two columns of places
    /// behind the arguments.
    pub frames: Vec<WindowFrame>,
    /// Output columns under their internal names; for [`GroupShape::Row`] the keys come first, for
    /// [`GroupShape::Beside`] these follow the input's.
    pub columns: Vec<FieldRef>,
    /// Groups come by their keys, one task has them all. For [`GroupShape::Rows`].
    pub in_order: bool,
    schema: DFSchemaRef,
}

/// Everything but the schema, which follows.
#[derive(Debug, Clone)]
pub struct PythonGroupsParts {
    pub task: Arc<PythonTask>,
    pub shape: GroupShape,
    pub keys: Vec<Expr>,
    pub order: Vec<SortExpr>,
    pub args: Vec<Expr>,
    pub inputs: Vec<FieldRef>,
    pub frames: Vec<WindowFrame>,
    pub columns: Vec<FieldRef>,
}

impl PythonGroups {
    /// # Errors
    /// When a name exists twice.
    pub fn try_new(input: LogicalPlan, parts: PythonGroupsParts) -> Result<Self> {
        let own = match parts.shape {
            GroupShape::Beside => Some(input.schema()),
            _ => None,
        };
        let own = own.into_iter().flat_map(|schema| schema.iter());
        let own = own.map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)));
        let added = parts.columns.iter().map(|field| (None, Arc::clone(field)));
        let fields = own.chain(added).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, Default::default())?);
        let PythonGroupsParts { task, shape, keys, order, args, inputs, frames, columns } = parts;
        let in_order = false;
        Ok(Self {
            input,
            task,
            shape,
            keys,
            order,
            args,
            inputs,
            frames,
            columns,
            in_order,
            schema,
        })
    }
}

impl PartialOrd for PythonGroups {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.keys.partial_cmp(&other.keys)
    }
}

impl UserDefinedLogicalNodeCore for PythonGroups {
    fn name(&self) -> &str {
        "PythonGroups"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        let order = self.order.iter().map(|key| key.expr.clone());
        self.keys.iter().chain(&self.args).cloned().chain(order).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(ToString::to_string).collect();
        let args: Vec<_> = self.args.iter().map(ToString::to_string).collect();
        let (shape, digest) = (&self.shape, self.task.digest());
        write!(f, "PythonGroups: {shape:?} by [{}] of [{}] ", keys.join(", "), args.join(", "))?;
        for frame in &self.frames {
            write!(f, "{frame} ")?;
        }
        write!(f, "{digest}")
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let mut exprs = exprs.into_iter();
        let keys = exprs.by_ref().take(self.keys.len()).collect();
        let args = exprs.by_ref().take(self.args.len()).collect();
        let order = self.order.iter().zip(exprs).map(|(own, expr)| own.with_expr(expr)).collect();
        let parts = PythonGroupsParts {
            task: Arc::clone(&self.task),
            shape: self.shape.clone(),
            keys,
            order,
            args,
            inputs: self.inputs.clone(),
            frames: self.frames.clone(),
            columns: self.columns.clone(),
        };
        Ok(Self { in_order: self.in_order, ..Self::try_new(one_input(inputs)?, parts)? })
    }
}
