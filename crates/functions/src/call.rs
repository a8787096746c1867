//! A call as a builder sees it: resolved, typed arguments and the settings of the session.

use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use datafusion_expr::expr::Sort;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField};
use std::sync::Arc;

/// An argument: its expression and the Arrow field (type, nullability, tags) that it produces.
#[derive(Debug, Clone)]
pub struct Arg {
    pub expr: Expr,
    pub field: FieldRef,
    /// What the user calls it, for messages: the expression knows internal names only.
    pub shown: Option<Arc<str>>,
}

impl Arg {
    pub fn new(expr: Expr, field: FieldRef) -> Self {
        Self { expr, field, shown: None }
    }

    /// The same argument, called `name` in messages.
    pub fn shown_as(self, name: &str) -> Self {
        Self { shown: Some(name.into()), ..self }
    }

    /// Its name in messages.
    pub fn sql(&self) -> String {
        match &self.shown {
            Some(shown) => shown.to_string(),
            None => self.expr.schema_name().to_string(),
        }
    }

    pub fn data_type(&self) -> &DataType {
        self.field.data_type()
    }

    /// The Spark type, tags (UDT, char, intervals) included.
    ///
    /// # Errors
    /// `UNSUPPORTED_DATATYPE` when no Spark type answers to the Arrow type.
    pub fn spark_type(&self) -> Result<SparkType> {
        Ok(StructField::from_arrow(&self.field)?.data_type)
    }

    /// The value, if the argument is a literal.
    pub fn literal(&self) -> Option<&ScalarValue> {
        match &self.expr {
            Expr::Literal(value, _) => Some(value),
            Expr::Alias(alias) => match alias.expr.as_ref() {
                Expr::Literal(value, _) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A call of a scalar function, window function or generator.
#[derive(Debug)]
pub struct Call<'a> {
    /// The name as Spark reports it in messages: lower case.
    pub name: &'a str,
    pub args: Vec<Arg>,
    pub settings: &'a SessionSettings,
    /// Microseconds since the epoch at which the query began: `current_timestamp()`.
    pub query_start_micros: i64,
}

impl Call<'_> {
    /// The arguments, exactly `N` of them.
    ///
    /// # Errors
    /// `WRONG_NUM_ARGS.WITHOUT_SUGGESTION`.
    pub fn exactly<const N: usize>(self) -> Result<[Arg; N]> {
        let (name, actual) = (self.name.to_owned(), self.args.len());
        self.args.try_into().map_err(|_| wrong_num_args(&name, &N.to_string(), actual))
    }

    /// Checks that there are at least `min` and at most `max` arguments.
    ///
    /// # Errors
    /// `WRONG_NUM_ARGS.WITHOUT_SUGGESTION`.
    pub fn check_arity(&self, min: usize, max: usize) -> Result<()> {
        if (min..=max).contains(&self.args.len()) {
            return Ok(());
        }
        let expected = if max == usize::MAX {
            format!("> {}", min.saturating_sub(1))
        } else if min == max {
            min.to_string()
        } else {
            let allowed: Vec<_> = (min..=max).map(|n| n.to_string()).collect();
            format!("[{}]", allowed.join(", "))
        };
        Err(wrong_num_args(self.name, &expected, self.args.len()))
    }
}

/// A call of an aggregate function.
#[derive(Debug)]
pub struct AggregateCall<'a> {
    pub call: Call<'a>,
    pub distinct: bool,
    pub filter: Option<Box<Expr>>,
    /// `WITHIN GROUP (ORDER BY …)`.
    pub order_by: Vec<Sort>,
    /// `IGNORE NULLS`.
    pub ignore_nulls: bool,
}

/// Spark's error for a wrong number of arguments; `expected` as Spark words it: `2`, `[1, 2]`, `> 0`.
pub fn wrong_num_args(name: &str, expected: &str, actual: usize) -> SparkError {
    SparkError::analysis(
        "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
        format!("The `{name}` requires {expected} parameters but the actual number is {actual}."),
    )
    .with("functionName", format!("`{name}`"))
    .with("expectedNum", expected)
    .with("actualNum", actual.to_string())
}
