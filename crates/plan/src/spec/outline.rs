//! An unresolved relation as `EXPLAIN EXTENDED` shows it: names as the user wrote them, marked with an
//! apostrophe because nobody knows yet what they mean.

use super::{
    Expr, ExprNode, Grouping, JoinCondition, Literal, Relation, RelationNode, SortOrder,
    SubqueryPlan,
};

/// One relation as a line, and those it reads from.
#[derive(Debug)]
pub struct Outline<'r> {
    pub line: String,
    pub inputs: Vec<&'r Relation>,
}

impl Relation {
    /// The relations that it reads from.
    pub fn inputs(&self) -> Vec<&Relation> {
        inputs(self.node.as_ref())
    }

    /// Does not recurse: whoever draws the tree asks the inputs.
    pub fn outline(&self) -> Outline<'_> {
        let node = self.node.as_ref();
        let name = variant(node);
        let details = details(node);
        let line = match details.is_empty() {
            true => format!("'{name}"),
            false => format!("'{name} {details}"),
        };
        Outline { line, inputs: inputs(node) }
    }
}

/// What comes before the fields in the node's debug form. Only the first letters are formatted.
fn variant(node: &RelationNode) -> String {
    use std::fmt::Write;
    /// Takes letters until the first that belongs to no name, then refuses, which ends the formatting.
    struct Name(String);
    impl Write for Name {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for letter in text.chars() {
                if !letter.is_ascii_alphanumeric() {
                    return Err(std::fmt::Error);
                }
                self.0.push(letter);
            }
            Ok(())
        }
    }
    let mut name = Name(String::new());
    let _ = write!(name, "{node:?}");
    name.0
}

fn inputs(node: &RelationNode) -> Vec<&Relation> {
    use RelationNode as Node;
    match node {
        Node::Project { input, .. }
        | Node::Filter { input, .. }
        | Node::Having { input, .. }
        | Node::Qualify { input, .. }
        | Node::Sort { input, .. }
        | Node::SortAll { input, .. }
        | Node::Limit { input, .. }
        | Node::Offset { input, .. }
        | Node::Tail { input, .. }
        | Node::WindowClause { input, .. }
        | Node::Deduplicate { input, .. }
        | Node::WithColumns { input, .. }
        | Node::SetColumn { input, .. }
        | Node::WithColumnsRenamed { input, .. }
        | Node::Drop { input, .. }
        | Node::ToDf { input, .. }
        | Node::ToSchema { input, .. }
        | Node::Transpose { input, .. }
        | Node::Alias { input, .. }
        | Node::Repartition { input, .. }
        | Node::RepartitionByExpression { input, .. }
        | Node::Hint { input, .. }
        | Node::NaFill { input, .. }
        | Node::NaDrop { input, .. }
        | Node::NaReplace { input, .. }
        | Node::Summary { input, .. }
        | Node::Describe { input, .. }
        | Node::Crosstab { input, .. }
        | Node::Cov { input, .. }
        | Node::Corr { input, .. }
        | Node::ApproxQuantile { input, .. }
        | Node::FreqItems { input, .. }
        | Node::SampleBy { input, .. }
        | Node::ShowString { input, .. }
        | Node::HtmlString { input, .. }
        | Node::CollectMetrics { input, .. }
        | Node::Parse { input, .. }
        | Node::MapPartitions { input, .. }
        | Node::GroupMap { input, .. } => vec![input],
        Node::Sample(sample) => vec![&sample.input],
        Node::Aggregate(aggregate) | Node::PipeAggregate(aggregate) => vec![&aggregate.input],
        Node::LateralView(view) => vec![&view.input],
        Node::Unpivot(unpivot) => vec![&unpivot.input],
        Node::Pivot(pivot) => vec![&pivot.input],
        Node::Join(join) => vec![&join.left, &join.right],
        Node::SetOperation(operation) => vec![&operation.left, &operation.right],
        Node::AsOfJoin(join) => vec![&join.left, &join.right],
        Node::CoGroupMap(map) => vec![&map.left, &map.right],
        Node::With(with) => {
            with.tables.iter().map(|table| &table.query).chain([&with.input]).collect()
        }
        Node::WithRelations { root, references } => {
            std::iter::once(root).chain(references).collect()
        }
        Node::NearestByJoin(join) => vec![&join.left, &join.right],
        Node::Graph(call) => vec![&call.vertices, &call.edges],
        // Leaves.
        _ => Vec::new(),
    }
}

fn details(node: &RelationNode) -> String {
    use RelationNode as Node;
    match node {
        Node::NamedTable(table) => format!("[{}]", table.name.join(".")),
        Node::DataSource(source) => {
            let format = source.format.as_deref().unwrap_or_default();
            format!("{format} [{}]", source.paths.join(", "))
        }
        Node::Range(range) => format!("({}, {}, step={})", range.start, range.end, range.step),
        Node::TableFunction(function) => {
            format!("{}({})", function.name.join("."), list(&function.args))
        }
        Node::PythonTableFunction(function) => {
            format!("{}({})", function.name, list(&function.args))
        }
        Node::Project { exprs, .. } => format!("[{}]", list(exprs)),
        Node::Filter { condition, .. }
        | Node::Having { condition, .. }
        | Node::Qualify { condition, .. } => expr(condition),
        Node::Sort { order, global, .. } => {
            let keys = order.iter().map(sort_key).collect::<Vec<_>>().join(", ");
            format!("[{keys}], {global}")
        }
        Node::Limit { limit: count, .. }
        | Node::Offset { offset: count, .. }
        | Node::Tail { limit: count, .. } => expr(count),
        Node::Aggregate(aggregate) | Node::PipeAggregate(aggregate) => {
            format!("[{}], [{}]", grouping(&aggregate.grouping), list(&aggregate.aggregates))
        }
        Node::Deduplicate { columns, .. } => format!("[{}]", columns.join(", ")),
        Node::SetColumn { name, value, .. } => format!("[{} AS {name}]", expr(value)),
        Node::WithColumns { columns, .. } => {
            let columns =
                columns.iter().map(|(name, value, _)| format!("{} AS {name}", expr(value)));
            format!("[{}]", columns.collect::<Vec<_>>().join(", "))
        }
        Node::WithColumnsRenamed { renames, .. } => {
            let renames = renames.iter().map(|(from, to)| format!("{from} AS {to}"));
            format!("[{}]", renames.collect::<Vec<_>>().join(", "))
        }
        Node::Drop { columns, names, .. } => {
            let columns = columns.iter().map(expr).chain(names.iter().cloned());
            format!("[{}]", columns.collect::<Vec<_>>().join(", "))
        }
        Node::ToDf { names, .. } => format!("[{}]", names.join(", ")),
        Node::Join(join) => {
            let condition = match &join.condition {
                JoinCondition::None => String::new(),
                JoinCondition::On(condition) => format!(", {}", expr(condition)),
                JoinCondition::Using(columns) => format!(", using [{}]", columns.join(", ")),
                JoinCondition::Natural => ", natural".to_owned(),
            };
            format!("{:?}{condition}", join.join_type)
        }
        Node::SetOperation(operation) => {
            format!("{:?}, all={}, byName={}", operation.op, operation.all, operation.by_name)
        }
        Node::Alias { name, .. } => name.clone(),
        Node::With(with) => {
            let names = with.tables.iter().map(|table| table.name.as_str());
            format!("[{}]", names.collect::<Vec<_>>().join(", "))
        }
        Node::Repartition { partitions, shuffle, .. } => format!("{partitions}, {shuffle}"),
        Node::RepartitionByExpression { exprs, partitions, .. } => {
            let partitions = partitions.map(|count| format!(", {count}")).unwrap_or_default();
            format!("[{}]{partitions}", list(exprs))
        }
        Node::Hint { name, parameters, .. } => format!("{name}, [{}]", list(parameters)),
        Node::CollectMetrics { name, metrics, .. } => format!("{name}, [{}]", list(metrics)),
        _ => String::new(),
    }
}

fn grouping(grouping: &Grouping) -> String {
    match grouping {
        Grouping::By(exprs) => list(exprs),
        Grouping::All => "ALL".to_owned(),
        Grouping::Rollup(exprs) => format!("ROLLUP({})", list(exprs)),
        Grouping::Cube(exprs) => format!("CUBE({})", list(exprs)),
        Grouping::Sets { exprs, .. } => format!("GROUPING SETS({})", list(exprs)),
        Grouping::Product(parts) => parts.iter().map(self::grouping).collect::<Vec<_>>().join(", "),
    }
}

fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn sort_key(order: &SortOrder) -> String {
    let direction = if order.ascending { "ASC" } else { "DESC" };
    let nulls = match order.nulls_first.unwrap_or(order.ascending) {
        true => "FIRST",
        false => "LAST",
    };
    format!("{} {direction} NULLS {nulls}", expr(&order.child))
}

fn expr(own: &Expr) -> String {
    match &own.node {
        ExprNode::Literal(value) => literal(value),
        ExprNode::Attribute { name, .. } => format!("'{}", name.join(".")),
        ExprNode::LambdaVariable(name) => name.join("."),
        ExprNode::Star { target: Some(target), .. } => format!("{}.*", target.join(".")),
        ExprNode::Star { target: None, .. } => "*".to_owned(),
        ExprNode::Regex { pattern, .. } => format!("`{pattern}`"),
        ExprNode::Function(function) => {
            let name = function.name.join(".");
            let is_operator = !name.starts_with(|c: char| c.is_alphabetic() || c == '_');
            match function.args.as_slice() {
                [left, right] if is_operator => {
                    format!("({} {name} {})", expr(left), expr(right))
                }
                [left, right] if ["and", "or"].contains(&name.as_str()) => {
                    format!("({} {} {})", expr(left), name.to_uppercase(), expr(right))
                }
                args => {
                    let distinct = if function.distinct { "distinct " } else { "" };
                    format!("'{name}({distinct}{})", list(args))
                }
            }
        }
        ExprNode::Cast { expr: inner, to, .. } => {
            format!("cast({} as {})", expr(inner), to.simple_string())
        }
        ExprNode::Alias { expr: inner, names, .. } => {
            format!("{} AS {}", expr(inner), names.join(", "))
        }
        ExprNode::SortOrder(order) => sort_key(order),
        ExprNode::Lambda { body, params } => {
            format!("lambda({}, {})", params.join(", "), expr(body))
        }
        ExprNode::Window(window) => format!("{} OVER (...)", expr(&window.function)),
        ExprNode::ExtractValue { child, key } => format!("{}[{}]", expr(child), expr(key)),
        ExprNode::UpdateField { child, name, .. } => {
            format!("update_fields({}, {name})", expr(child))
        }
        ExprNode::Subquery(subquery) => match &subquery.plan {
            SubqueryPlan::Inline(_) => "subquery(...)".to_owned(),
            SubqueryPlan::PlanId(id) => format!("subquery#{id}"),
        },
        ExprNode::Sql(text) => text.clone(),
        ExprNode::Named { name, value } => format!("{name} => {}", expr(value)),
        ExprNode::Parameter(parameter) => format!("{parameter:?}"),
        ExprNode::Identifier(inner) => format!("identifier({})", expr(inner)),
        ExprNode::Python(function) => format!("{}({})", function.name, list(&function.args)),
        ExprNode::Row(values) => format!("({})", list(values)),
        ExprNode::DirectShufflePartitionId(inner) => expr(inner),
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Null(_) => "null".to_owned(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Byte(value) => value.to_string(),
        Literal::Short(value) => value.to_string(),
        Literal::Integer(value) => value.to_string(),
        Literal::Long(value) => value.to_string(),
        Literal::Float(value) => value.to_string(),
        Literal::Double(value) => value.to_string(),
        Literal::String(value) => value.clone(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Plan, Relation};
    use crate::sql::parse_statement;

    fn lines(relation: &Relation, out: &mut Vec<String>) {
        let outline = relation.outline();
        out.push(outline.line);
        outline.inputs.into_iter().for_each(|input| lines(input, out));
    }

    #[test]
    fn shows_what_was_written() {
        let text = "SELECT a, sum(b) AS s FROM t JOIN u USING (k) WHERE a > 5 GROUP BY a";
        let Plan::Query(query) = parse_statement(text).unwrap() else { panic!("a query") };
        let mut found = Vec::new();
        lines(&query, &mut found);
        let expected = [
            "'Aggregate ['a], ['a, 'sum('b) AS s]",
            "'Filter ('a > 5)",
            "'Join Inner, using [k]",
            "'NamedTable [t]",
            "'NamedTable [u]",
        ];
        assert_eq!(found, expected);
    }
}
