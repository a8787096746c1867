//! `freqItems`: values that occur often, as one row with an array per column.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{
    Aggregate, Expr, ExprNode, Grouping, Join, JoinCondition, JoinType, Literal, Relation,
    RelationNode, Window,
};
use firesteel_common::{ErrorKind, Result, SparkError};

/// Spark's default support.
const SUPPORT: f64 = 0.01;
/// Smallest support: memory grows with its inverse.
const SUPPORT_MIN: f64 = 1e-4;

impl Resolver<'_> {
    /// Every value whose share of the rows is at least `support`, and all values of a column with no
    /// more than `1 / support` of them (Karp, Schenker, Papadimitriou: what their counters keep).
    pub(super) fn freq_items(
        &mut self,
        input: &Relation,
        columns: &[String],
        support: Option<f64>,
    ) -> Result<Resolved> {
        let support = support.unwrap_or(SUPPORT);
        if !(SUPPORT_MIN..=1.0).contains(&support) {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                format!(
                    "requirement failed: Support must be in [1e-4, 1], but got {}.",
                    firesteel_functions::java_double_text(support)
                ),
            ));
        }
        let input = self.relation(input)?;
        let positions = self.named_positions(&input, columns)?;
        let names: Vec<String> = positions
            .into_iter()
            .map(|position| input.scope.columns[position].field.name.clone())
            .collect();
        let given = self.given(input);
        let all = names.iter().map(|name| frequent(given.clone(), name, support)).reduce(
            |left, right| {
                let (join_type, condition) = (JoinType::Cross, JoinCondition::None);
                let join = Join { left, right, join_type, condition, lateral: false };
                RelationNode::Join(join).into()
            },
        );
        self.relation(&all.unwrap_or_else(|| RelationNode::OneRow.into()))
    }
}

fn frequent(input: Relation, name: &str, support: f64) -> Relation {
    let value = || Expr::attribute([name]).alias("value");
    let count = || Expr::call("count", vec![Expr::literal(Literal::Integer(1))]);
    let counts = RelationNode::Aggregate(Aggregate {
        input,
        grouping: Grouping::By(vec![Expr::attribute([name])]),
        aggregates: vec![value(), count().alias("n")],
        prepend_grouping: false,
        pivot: None,
    });
    let over_all = |function: Expr| -> Expr {
        let window = Window {
            function,
            partition_by: Vec::new(),
            order_by: Vec::new(),
            frame: None,
            reference: None,
        };
        ExprNode::Window(Box::new(window)).into()
    };
    let total = over_all(Expr::call("sum", vec![Expr::attribute(["n"])])).alias("total");
    let distinct = over_all(count()).alias("n_values");
    let totals = RelationNode::Project {
        input: counts.into(),
        exprs: vec![Expr::attribute(["value"]), Expr::attribute(["n"]), total, distinct],
    };
    let least =
        Expr::call("*", vec![Expr::attribute(["total"]), Expr::literal(Literal::Double(support))]);
    let often = Expr::call(">=", vec![Expr::attribute(["n"]), least]);
    let n_counters = Expr::literal(Literal::Long((1.0 / support) as i64));
    let few = Expr::call("<=", vec![Expr::attribute(["n_values"]), n_counters]);
    let kept = RelationNode::Filter {
        input: totals.into(),
        condition: Expr::call("or", vec![often, few]),
    };
    let items = Expr::call("collect_list", vec![Expr::attribute(["value"])]);
    let exprs = vec![items.alias(format!("{name}_freqItems"))];
    RelationNode::Project { input: kept.into(), exprs }.into()
}
