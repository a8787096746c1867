//! What a resolved plan means, as a text: equal for plans that Spark calls semantically equal, whatever
//! their columns are called, in whichever order commutative operands were written. For `sameSemantics`,
//! `semanticHash`, and to find what is cached. Spark's `QueryPlan.canonicalized`.

use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::datasource::{MemTable, source_as_provider};
use datafusion::logical_expr::expr::{InList, ScalarFunction, Sort};
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator, Subquery};
use firesteel_common::Result;
use firesteel_io::FileTable;
use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;

/// Functions whose operands may change places.
const COMMUTATIVE: [&str; 5] = ["+", "*", "&", "|", "^"];

/// The text of `plan`. `kept` gives the text of the plan that a cached table stands for.
///
/// # Errors
/// When rows in the plan have no form in Arrow IPC, which does not happen.
pub fn canonical(
    plan: &LogicalPlan,
    kept: &dyn Fn(&dyn TableProvider) -> Option<String>,
) -> Result<String> {
    let text = node(plan, kept)?;
    // What is left of internal names (`#12`: columns of queries around a subquery, names that operators
    // of ours give) is numbered anew, by first appearance.
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('#');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let next = numbers.len();
        let number = *numbers.entry(&piece[..end]).or_insert(next);
        let _ = write!(out, "#{number}{}", &piece[end..]);
    }
    Ok(out)
}

fn node(plan: &LogicalPlan, kept: &dyn Fn(&dyn TableProvider) -> Option<String>) -> Result<String> {
    let inputs = plan.inputs();
    let columns = Columns::new(&inputs);
    let mut below = Vec::with_capacity(inputs.len());
    for input in &inputs {
        below.push(node(input, kept)?);
    }
    let expr = |expr: &Expr| expression(expr, &columns, kept);
    let exprs = |list: &[Expr]| list.iter().map(expr).collect::<Result<Vec<_>>>();
    let head = match plan {
        LogicalPlan::Projection(projection) => {
            let list = exprs(&projection.expr)?;
            let same = list.len() == columns.count
                && list.iter().enumerate().all(|(position, text)| *text == place(position));
            if same && let Some(only) = below.pop() {
                return Ok(only);
            }
            format!("Project {list:?}")
        }
        LogicalPlan::SubqueryAlias(_) => return Ok(below.pop().unwrap_or_default()),
        LogicalPlan::Filter(filter) => format!("Filter {}", expr(&filter.predicate)?),
        LogicalPlan::Sort(sort) => {
            let mut keys = Vec::new();
            for Sort { expr: key, asc, nulls_first } in &sort.expr {
                keys.push(format!("{} {asc} {nulls_first}", expr(key)?));
            }
            format!("Sort {keys:?} {:?}", sort.fetch)
        }
        LogicalPlan::Aggregate(aggregate) => format!(
            "Aggregate {:?} {:?}",
            exprs(&aggregate.group_expr)?,
            exprs(&aggregate.aggr_expr)?
        ),
        LogicalPlan::TableScan(scan) => {
            let provider = source_as_provider(&scan.source)?;
            let plain =
                scan.filters.is_empty() && scan.fetch.is_none() && scan.projection.is_none();
            if plain && let Some(text) = kept(provider.as_ref()) {
                return Ok(text);
            }
            format!(
                "Scan {} {:?} {:?} {:?}",
                identity(&provider)?,
                scan.projection,
                exprs(&scan.filters)?,
                scan.fetch
            )
        }
        other => {
            // Its own words, in which columns of its inputs are places.
            let words = columns.named(&other.display().to_string());
            format!("{words} {:?}", exprs(&other.expressions())?)
        }
    };
    let mut out = head;
    for text in below {
        let _ = write!(out, "\n({text})");
    }
    Ok(out)
}

/// How many nodes the plan has that [`canonical`] tells of, projections aside: other numbers, other meanings.
pub fn size(
    plan: &LogicalPlan,
    kept: &dyn Fn(&dyn TableProvider) -> Option<usize>,
) -> Result<usize> {
    let mut count = 0;
    plan.apply(|node| {
        count += match node {
            LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) => 0,
            LogicalPlan::TableScan(scan) => {
                kept(source_as_provider(&scan.source)?.as_ref()).unwrap_or(1)
            }
            _ => 1,
        };
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(count)
}

/// The columns of a node's inputs, by place.
struct Columns {
    places: HashMap<String, usize>,
    count: usize,
}

fn place(position: usize) -> String {
    format!("@{position}")
}

impl Columns {
    fn new(inputs: &[&LogicalPlan]) -> Self {
        let mut places = HashMap::new();
        let mut count = 0;
        for schema in inputs.iter().map(|input| input.schema()) {
            let schema: &DFSchema = schema;
            for (qualifier, field) in schema.iter() {
                let column = Column::new(qualifier.cloned(), field.name());
                places.insert(column.flat_name(), count);
                places.entry(field.name().clone()).or_insert(count);
                count += 1;
            }
        }
        Self { places, count }
    }

    /// A text with `#12` for columns of the inputs made one with places.
    fn named(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut pieces = text.split('#');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            match self.places.get(&format!("#{}", &piece[..end])) {
                Some(position) => out.push_str(&place(*position)),
                None => {
                    out.push('#');
                    out.push_str(&piece[..end]);
                }
            }
            out.push_str(&piece[end..]);
        }
        out
    }
}

fn expression(
    expr: &Expr,
    columns: &Columns,
    kept: &dyn Fn(&dyn TableProvider) -> Option<String>,
) -> Result<String> {
    let mut subqueries = Vec::new();
    expr.apply(|part| {
        if let Expr::ScalarSubquery(subquery) = part {
            subqueries.push(subquery.clone());
        }
        if let Expr::Exists(exists) = part {
            subqueries.push(exists.subquery.clone());
        }
        if let Expr::InSubquery(within) = part {
            subqueries.push(within.subquery.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let simple = expr.clone().transform_up(|part| Ok(Transformed::yes(ordered(part, columns))))?;
    let mut text = simple.data.to_string();
    for Subquery { subquery, .. } in &subqueries {
        let _ = write!(text, "[{}]", node(subquery, kept)?);
    }
    Ok(text)
}

/// One expression over canonical operands: without names, operands in order.
fn ordered(expr: Expr, columns: &Columns) -> Expr {
    match expr {
        Expr::Alias(alias) => *alias.expr,
        Expr::Column(column) => {
            let found = columns.places.get(&column.flat_name());
            match found.or_else(|| columns.places.get(&column.name)) {
                Some(position) => Expr::Column(Column::new_unqualified(place(*position))),
                None => Expr::Column(column),
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => binary(left, op, right),
        Expr::Not(inner) => match *inner {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => match op {
                Operator::Lt => binary(left, Operator::GtEq, right),
                Operator::LtEq => binary(left, Operator::Gt, right),
                Operator::Gt => binary(left, Operator::LtEq, right),
                Operator::GtEq => binary(left, Operator::Lt, right),
                _ => Expr::Not(Box::new(Expr::BinaryExpr(BinaryExpr { left, op, right }))),
            },
            inner => Expr::Not(Box::new(inner)),
        },
        Expr::InList(mut list) => {
            list.list.sort_by_key(ToString::to_string);
            Expr::InList(InList { ..list })
        }
        Expr::ScalarFunction(call) if COMMUTATIVE.contains(&call.func.name()) => {
            let mut args = Vec::new();
            for arg in call.args {
                match arg {
                    Expr::ScalarFunction(inner) if inner.func.name() == call.func.name() => {
                        args.extend(inner.args);
                    }
                    other => args.push(other),
                }
            }
            args.sort_by_key(ToString::to_string);
            Expr::ScalarFunction(ScalarFunction { func: call.func, args })
        }
        other => other,
    }
}

fn binary(left: Box<Expr>, op: Operator, right: Box<Expr>) -> Expr {
    match op {
        Operator::And | Operator::Or => {
            let mut operands = Vec::new();
            flatten(*left, op, &mut operands);
            flatten(*right, op, &mut operands);
            operands.sort_by_key(ToString::to_string);
            let joined = operands.into_iter().reduce(|left, right| {
                Expr::BinaryExpr(BinaryExpr { left: Box::new(left), op, right: Box::new(right) })
            });
            joined.unwrap_or_default()
        }
        Operator::Gt => Expr::BinaryExpr(BinaryExpr { left: right, op: Operator::Lt, right: left }),
        Operator::GtEq => {
            Expr::BinaryExpr(BinaryExpr { left: right, op: Operator::LtEq, right: left })
        }
        Operator::Eq | Operator::NotEq | Operator::IsNotDistinctFrom | Operator::IsDistinctFrom
            if left.to_string() > right.to_string() =>
        {
            Expr::BinaryExpr(BinaryExpr { left: right, op, right: left })
        }
        _ => Expr::BinaryExpr(BinaryExpr { left, op, right }),
    }
}

fn flatten(expr: Expr, op: Operator, out: &mut Vec<Expr>) {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: own, right }) if own == op => {
            flatten(*left, op, out);
            flatten(*right, op, out);
        }
        other => out.push(other),
    }
}

/// What a table holds: rows in memory by their content, everything else by its parameters.
fn identity(provider: &Arc<dyn TableProvider>) -> Result<String> {
    if let Some(files) = provider.downcast_ref::<FileTable>() {
        return Ok(files.identity());
    }
    let Some(rows) = provider.downcast_ref::<MemTable>() else {
        return Ok(format!("{provider:?}"));
    };
    let mut digest = Digest(DefaultHasher::new(), 0);
    for partition in &rows.batches {
        // Nobody inserts into rows that came with a plan.
        let batches: Vec<RecordBatch> =
            partition.try_read().map(|batches| batches.clone()).unwrap_or_default();
        let mut writer = StreamWriter::try_new(&mut digest, &rows.schema())?;
        for batch in &batches {
            writer.write(batch)?;
        }
        writer.finish()?;
    }
    Ok(format!("rows {:016x} {}", digest.0.finish(), digest.1))
}

/// Bytes written, as a hash and a count.
struct Digest(DefaultHasher, usize);

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        bytes.hash(&mut self.0);
        self.1 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
