//! Unresolved expressions.

use super::{Literal, Name, Relation};
use firesteel_common::SparkType;
use firesteel_common::error::Origin;

/// An expression and the place where the user wrote it (none for DataFrame calls without one).
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub node: ExprNode,
    pub origin: Option<Origin>,
}

/// Spark's operators are functions with their symbols as names: `+ - * / % div || & | ^ ~ ! not and or
/// = == <=> <> != < <= > >= positive negative`, and so are `isnull`, `isnotnull`, `in`, `between`,
/// `like`, `ilike`, `rlike`, `when` (CASE: condition, value, …, else), `struct`, `array`, `map`,
/// `if`, `istrue`, `isfalse`, `isunknown`, `extract` (`date_part`).
#[derive(Debug, Clone, PartialEq)]
pub enum ExprNode {
    Literal(Literal),
    /// A column, or a field of a struct column; `plan_id` for `df["x"]`.
    Attribute {
        name: Name,
        plan_id: Option<i64>,
        is_metadata_column: bool,
    },
    /// `*`, `t.*`, `s.*`, `df["*"]`, with `EXCEPT (…)`.
    Star {
        target: Option<Name>,
        plan_id: Option<i64>,
        except: Vec<Name>,
    },
    /// `colRegex("…")`.
    Regex {
        pattern: String,
        plan_id: Option<i64>,
    },
    Function(Function),
    Cast {
        expr: Box<Expr>,
        to: SparkType,
        mode: CastMode,
    },
    /// One name, or several for a generator with several columns.
    Alias {
        expr: Box<Expr>,
        names: Vec<String>,
        metadata: Option<String>,
    },
    SortOrder(SortOrder),
    Lambda {
        body: Box<Expr>,
        params: Vec<String>,
    },
    /// A variable of an enclosing lambda, from the DataFrame API. In SQL such a variable is an
    /// `Attribute` that the resolver finds among the lambda's parameters first.
    LambdaVariable(Name),
    Window(Box<Window>),
    /// `child[key]`, `child.key`: array position, map key or struct field.
    ExtractValue {
        child: Box<Expr>,
        key: Box<Expr>,
    },
    /// `withField` (`value` is some) and `dropFields` (none); `name` may be a path.
    UpdateField {
        child: Box<Expr>,
        name: String,
        value: Option<Box<Expr>>,
    },
    Subquery(Box<Subquery>),
    /// A piece of SQL text from `expr("…")`; parsed by the resolver.
    Sql(String),
    /// `name => value` in a function call.
    Named {
        name: String,
        value: Box<Expr>,
    },
    /// `:name` or `?` (by its zero-based position).
    Parameter(Parameter),
    /// `IDENTIFIER(expr)` where a column or function name is expected.
    Identifier(Box<Expr>),
    /// A MERGE action; only inside `Command::MergeInto`.
    Python(Box<PythonFunction>),
    /// Hidden columns of a table-valued row: `(a, b)` in `IN`; resolves to a struct elsewhere.
    Row(Vec<Expr>),
    /// `repartitionById`.
    DirectShufflePartitionId(Box<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    Named(String),
    Positional(usize),
}

/// A call by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// One part, or more when qualified: `builtin.abs`.
    pub name: Name,
    pub args: Vec<Expr>,
    pub distinct: bool,
    /// `FILTER (WHERE …)`.
    pub filter: Option<Box<Expr>>,
    /// `WITHIN GROUP (ORDER BY …)`.
    pub within_group: Vec<SortOrder>,
    /// `IGNORE NULLS` (`Some(true)`) or `RESPECT NULLS` (`Some(false)`).
    pub ignore_nulls: Option<bool>,
    /// Sent by PySpark under a name that SQL text cannot call.
    pub is_internal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastMode {
    /// What `spark.sql.ansi.enabled` says.
    Session,
    Legacy,
    Ansi,
    Try,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SortOrder {
    pub child: Box<Expr>,
    pub ascending: bool,
    /// None: first when ascending, last when descending.
    pub nulls_first: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub function: Expr,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortOrder>,
    pub frame: Option<WindowFrame>,
    /// `OVER w`: the definition is looked up in `Relation::WindowClause`.
    pub reference: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WindowFrame {
    /// ROWS when true, RANGE when false.
    pub rows: bool,
    pub lower: FrameBound,
    pub upper: FrameBound,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FrameBound {
    CurrentRow,
    /// Preceding as lower bound, following as upper.
    Unbounded,
    /// Offset from the current row: negative is preceding.
    Value(Box<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    pub kind: SubqueryKind,
    pub plan: SubqueryPlan,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SubqueryKind {
    Scalar,
    Exists,
    /// `values [NOT] IN (query)`; several values for a row.
    In {
        values: Vec<Expr>,
        negated: bool,
    },
    /// Table argument of a function.
    Table {
        partition_by: Vec<Expr>,
        order_by: Vec<SortOrder>,
        single_partition: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum SubqueryPlan {
    Inline(Relation),
    /// One of the references of the enclosing `RelationNode::WithRelations`.
    PlanId(i64),
}

/// A Python function as the client sent it; never looked into.
#[derive(Debug, Clone, PartialEq)]
pub struct PythonFunction {
    pub name: String,
    pub args: Vec<Expr>,
    pub deterministic: bool,
    pub distinct: bool,
    pub output_type: SparkType,
    pub eval_type: i32,
    pub command: Vec<u8>,
    pub python_version: String,
    pub includes: Vec<String>,
}

impl From<ExprNode> for Expr {
    fn from(node: ExprNode) -> Self {
        Expr { node, origin: None }
    }
}

impl Expr {
    pub fn literal(value: Literal) -> Self {
        ExprNode::Literal(value).into()
    }

    pub fn string(value: impl Into<String>) -> Self {
        Self::literal(Literal::String(value.into()))
    }

    /// A column by its parts.
    pub fn attribute<S: Into<String>>(name: impl IntoIterator<Item = S>) -> Self {
        let name = name.into_iter().map(Into::into).collect();
        ExprNode::Attribute { name, plan_id: None, is_metadata_column: false }.into()
    }

    /// A call of a built-in function without modifiers.
    pub fn call(name: &str, args: Vec<Expr>) -> Self {
        ExprNode::Function(Function::new(name, args)).into()
    }

    #[must_use]
    pub fn alias(self, name: impl Into<String>) -> Self {
        ExprNode::Alias { expr: Box::new(self), names: vec![name.into()], metadata: None }.into()
    }
}

impl Function {
    pub fn new(name: &str, args: Vec<Expr>) -> Self {
        Self {
            name: vec![name.to_owned()],
            args,
            distinct: false,
            filter: None,
            within_group: Vec::new(),
            ignore_nulls: None,
            is_internal: false,
        }
    }
}
