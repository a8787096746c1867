//! A relation that can be read.

use crate::error;
use crate::job::Job;
use crate::linalg::is_vector;
use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use firesteel_common::{Frame, FrameColumn, Result, SparkType, StructField};
use std::sync::Arc;

/// What a fit or an evaluation gets: columns with names, types and metadata, and a way to their rows.
#[derive(Clone)]
pub struct Dataset {
    pub frame: Frame,
    pub job: Arc<dyn Job>,
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Dataset").field("columns", &self.frame.columns).finish_non_exhaustive()
    }
}

/// A [`Dataset`] for whenever it is needed: a summary keeps one of its predictions.
pub trait DataSource: Send + Sync {
    /// # Errors
    /// When the relation cannot be resolved any more.
    fn dataset(&self) -> Result<Dataset>;
}

impl Dataset {
    /// The column called `name`.
    ///
    /// # Errors
    /// `FIELD_NOT_FOUND`.
    pub fn field(&self, name: &str) -> Result<&StructField> {
        Ok(&self.frame.column(name)?.field)
    }

    /// A column of numbers of any type, as doubles.
    ///
    /// # Errors
    /// Spark's: there is none of that name, or it has no numbers.
    pub fn double_expr(&self, name: &str) -> Result<Expr> {
        Self::double_of(self.frame.column(name)?)
    }

    /// A column cast to doubles, as Spark does with weights where there are no labels. Text that is no number is null.
    ///
    /// # Errors
    /// Spark's: there is none of that name, or its type does not become a number.
    pub fn cast_expr(&self, name: &str) -> Result<Expr> {
        if !self.frame.has(name) {
            return Err(error::unresolved_column(
                name,
                self.frame.columns.iter().map(|column| &*column.field.name),
            ));
        }
        let column = self.frame.column(name)?;
        match &column.field.data_type {
            SparkType::Boolean => Ok(datafusion_expr::cast(
                datafusion_expr::cast(column.expr(), DataType::Int32),
                DataType::Float64,
            )),
            SparkType::String { .. } => {
                Ok(datafusion_expr::try_cast(column.expr(), DataType::Float64))
            }
            other if other.is_numeric() => Self::double_of(column),
            other => Err(error::no_cast_to_double(name, &other.simple_string())),
        }
    }

    /// As [`Dataset::double_expr`], of a column at hand.
    ///
    /// # Errors
    /// Spark's: it has no numbers.
    pub fn double_of(column: &FrameColumn) -> Result<Expr> {
        let field = &column.field;
        if !field.data_type.is_numeric() {
            return Err(error::requirement(format!(
                "Column {} must be of type numeric but was actually of type {}.",
                field.name,
                field.data_type.simple_string()
            )));
        }
        Ok(match field.data_type {
            SparkType::Double => column.expr(),
            _ => datafusion_expr::cast(column.expr(), DataType::Float64),
        })
    }

    /// A column of vectors, or of arrays of floats or doubles, as it is.
    ///
    /// # Errors
    /// Spark's: there is none of that name, or it is neither.
    pub fn vector_expr(&self, name: &str) -> Result<Expr> {
        let column = self.frame.column(name)?;
        let data_type = &column.field.data_type;
        let is_array = matches!(data_type, SparkType::Array { element, .. }
            if matches!(**element, SparkType::Double | SparkType::Float));
        if !is_vector(data_type) && !is_array {
            let class = match data_type {
                SparkType::Array { element, .. } => {
                    format!("Array[{}]", error::class_name(element))
                }
                other => error::class_name(other),
            };
            return Err(error::illegal(format!("{class} column cannot be cast to Vector")));
        }
        Ok(column.expr())
    }

    /// A plan of these expressions.
    ///
    /// # Errors
    /// An internal error: an expression does not fit.
    pub fn select(&self, exprs: Vec<Expr>) -> Result<LogicalPlan> {
        let named = exprs
            .into_iter()
            .enumerate()
            .map(|(position, expr)| expr.alias(format!("c{position}")));
        Ok(LogicalPlanBuilder::from(self.frame.plan.clone())
            .project(named.collect::<Vec<_>>())?
            .build()?)
    }

    /// Hands every batch of these expressions to `take`.
    ///
    /// # Errors
    /// What the query or `take` fails with.
    pub fn scan(
        &self,
        exprs: Vec<Expr>,
        mut take: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.scan_partitions(exprs, |_, batch| take(batch))
    }

    /// As [`Dataset::scan`], with the number of the partition of each batch. Partitions come in their order.
    ///
    /// # Errors
    /// As [`Dataset::scan`].
    pub fn scan_partitions(
        &self,
        exprs: Vec<Expr>,
        mut take: impl FnMut(usize, RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.job.scan(self.select(exprs)?, &mut take)
    }

    /// All rows of these expressions.
    ///
    /// # Errors
    /// As [`Dataset::scan`].
    pub fn collect(&self, exprs: Vec<Expr>) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        self.scan(exprs, |batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok(batches)
    }
}

/// A column of a batch as doubles; casts other numbers.
///
/// # Errors
/// The column has no numbers.
pub(crate) fn doubles(column: &ArrayRef) -> Result<Float64Array> {
    match column.as_primitive_opt::<Float64Type>() {
        Some(found) => Ok(found.clone()),
        None => Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone()),
    }
}
