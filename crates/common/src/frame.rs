//! A relation between the resolver and whoever makes other relations of it: models, transformers, their
//! attributes that are tables.
//!
//! `plan` resolves the inputs, hands them over as [`Frame`]s, and takes a frame back. A frame's columns have unique
//! internal names in the plan; `field` is what people see.

use crate::error::ErrorKind;
use crate::{Result, SessionSettings, SparkError, StructField, StructType};
use arrow::array::RecordBatch;
use datafusion_common::{Column, DFSchema};
use datafusion_expr::expr::Alias;
use datafusion_expr::{Expr, Filter, LogicalPlan, Projection};
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many internal names were given out.
static N_INTERNAL: AtomicU64 = AtomicU64::new(1);

/// A new internal column name. No two queries share one, because the plan of a view that one query
/// resolved becomes part of another.
pub fn fresh_internal_name() -> String {
    format!("#{}", N_INTERNAL.fetch_add(1, Ordering::Relaxed))
}

/// A visible column of a [`Frame`].
#[derive(Debug, Clone, PartialEq)]
pub struct FrameColumn {
    /// Unique name of the column in the plan.
    pub internal: String,
    /// Name, type, nullability and metadata (`ml_attr`) as the user sees them.
    pub field: StructField,
    /// Alias or table by which it may be qualified.
    pub qualifier: Vec<String>,
    /// Internal name of the column that this one repeats; usually `internal`.
    pub origin: String,
}

impl FrameColumn {
    /// The column as an expression over the frame's plan.
    pub fn expr(&self) -> Expr {
        Expr::Column(Column::new_unqualified(&self.internal))
    }
}

/// A resolved relation.
#[derive(Debug, Clone)]
pub struct Frame {
    pub plan: LogicalPlan,
    pub columns: Vec<FrameColumn>,
    /// Whether names are told apart by case (`spark.sql.caseSensitive`).
    pub case_sensitive: bool,
}

impl Frame {
    /// The schema that the user sees.
    pub fn schema(&self) -> StructType {
        StructType { fields: self.columns.iter().map(|column| column.field.clone()).collect() }
    }

    fn is_same(&self, left: &str, right: &str) -> bool {
        match self.case_sensitive {
            true => left == right,
            false => left == right || left.to_lowercase() == right.to_lowercase(),
        }
    }

    /// Whether there is a column of this name.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| self.is_same(&column.field.name, name))
    }

    /// The column called `name`.
    ///
    /// # Errors
    /// `FIELD_NOT_FOUND` if there is none, `AMBIGUOUS_REFERENCE` if there are several.
    pub fn column(&self, name: &str) -> Result<&FrameColumn> {
        let mut found = self.columns.iter().filter(|column| self.is_same(&column.field.name, name));
        let Some(column) = found.next() else {
            let names: Vec<_> =
                self.columns.iter().map(|column| format!("`{}`", column.field.name)).collect();
            let names = names.join(", ");
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "FIELD_NOT_FOUND",
                format!("No such struct field `{name}` in {names}."),
            )
            .with("fieldName", format!("`{name}`"))
            .with("fields", names));
        };
        if found.any(|other| other.origin != column.origin) {
            return Err(SparkError::analysis(
                "AMBIGUOUS_REFERENCE",
                format!("Reference `{name}` is ambiguous."),
            )
            .with("name", format!("`{name}`")));
        }
        Ok(column)
    }

    /// The frame with further columns at its end; one of a name that is there already takes its place.
    ///
    /// # Errors
    /// An internal error: an expression does not fit the plan.
    pub fn with_columns(self, added: Vec<(Expr, StructField)>) -> Result<Frame> {
        if added.is_empty() {
            return Ok(self);
        }
        let mut columns = self.columns.clone();
        let mut made = Vec::with_capacity(added.len());
        for (expr, field) in added {
            let internal = fresh_internal_name();
            let column = FrameColumn {
                origin: internal.clone(),
                internal: internal.clone(),
                field: field.clone(),
                qualifier: Vec::new(),
            };
            let mut is_new = true;
            for own in &mut columns {
                if self.is_same(&own.field.name, &field.name) {
                    *own = column.clone();
                    is_new = false;
                }
            }
            if is_new {
                columns.push(column);
            }
            made.push((expr, internal, field));
        }
        let passed = self.plan.schema().fields().iter();
        let passed = passed
            .map(|field| (Expr::Column(Column::new_unqualified(field.name())), Arc::clone(field)));
        let made = made.into_iter().map(|(expr, internal, field)| {
            let expr = Expr::Alias(Alias::new(expr, None::<&str>, internal.as_str()));
            (expr, StructField { name: internal, ..field }.to_arrow())
        });
        let items: Vec<_> = passed.chain(made).collect();
        Ok(Frame { plan: project(self.plan, items)?, columns, ..self })
    }

    /// The frame of exactly these columns.
    ///
    /// # Errors
    /// As [`Frame::with_columns`].
    pub fn select(self, chosen: Vec<(Expr, StructField)>) -> Result<Frame> {
        let mut columns = Vec::with_capacity(chosen.len());
        let mut items = Vec::with_capacity(chosen.len());
        for (expr, field) in chosen {
            let internal = fresh_internal_name();
            let expr = Expr::Alias(Alias::new(expr, None::<&str>, internal.as_str()));
            items.push((expr, StructField { name: internal.clone(), ..field.clone() }.to_arrow()));
            columns.push(FrameColumn {
                origin: internal.clone(),
                internal,
                field,
                qualifier: Vec::new(),
            });
        }
        Ok(Frame { plan: project(self.plan, items)?, columns, ..self })
    }

    /// The rows for which `predicate` is true.
    ///
    /// # Errors
    /// As [`Frame::with_columns`].
    pub fn filter(self, predicate: Expr) -> Result<Frame> {
        let filter = Filter::try_new(predicate, Arc::new(self.plan))?;
        Ok(Frame { plan: LogicalPlan::Filter(filter), ..self })
    }
}

/// A projection whose output fields are known.
fn project(
    input: LogicalPlan,
    items: Vec<(Expr, arrow::datatypes::FieldRef)>,
) -> Result<LogicalPlan> {
    let (exprs, fields): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    let fields = fields.into_iter().map(|field| (None, field)).collect();
    let schema = DFSchema::new_with_metadata(fields, HashMap::new())?;
    let projection = Projection::try_new_with_schema(exprs, Arc::new(input), Arc::new(schema))?;
    Ok(LogicalPlan::Projection(projection))
}

/// What a [`TableTransform`] may ask of the resolver.
pub trait TableHost {
    fn settings(&self) -> &SessionSettings;

    /// The rows of a plan, now. Blocks.
    ///
    /// # Errors
    /// What the plan fails with.
    fn collect(&mut self, plan: LogicalPlan) -> Result<Vec<RecordBatch>>;

    /// Rows in memory as a frame. Batches have the columns of `schema`, by position.
    ///
    /// # Errors
    /// When they do not.
    fn rows(&mut self, schema: StructType, batches: &[RecordBatch]) -> Result<Frame>;

    /// The rows of a SQL query in which `table` is called `name`.
    ///
    /// # Errors
    /// Spark's, where the query is not valid.
    fn sql(&mut self, query: &str, name: &str, table: Frame) -> Result<Frame>;
}

/// Makes a relation of relations while a query is resolved. What it adds to the plan are ordinary
/// expressions and operators, so that the result streams, spills and travels as any other.
pub trait TableTransform: Debug + Send + Sync {
    /// Equal keys promise equal results for equal inputs.
    fn key(&self) -> &str;

    /// # Errors
    /// Spark's error where the inputs do not fit.
    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame>;
}

/// A [`TableTransform`] as part of an unresolved relation.
#[derive(Debug, Clone)]
pub struct TransformHandle(pub Arc<dyn TableTransform>);

impl PartialEq for TransformHandle {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}
