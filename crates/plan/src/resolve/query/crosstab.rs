//! `crosstab`: how often each pair of values occurs.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Aggregate, CastMode, Expr, ExprNode, Grouping, Literal, Relation, RelationNode};
use firesteel_common::{Result, SparkType};

impl Resolver<'_> {
    /// A row per value of `column1`, a column per value of `column2`, in order of the values.
    pub(super) fn crosstab(
        &mut self,
        input: &Relation,
        column1: &str,
        column2: &str,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let names = [column1.to_owned(), column2.to_owned()];
        let positions = self.named_positions(&input, &names)?;
        // Backquotes around a name are part of the new one only.
        let mut own = positions.iter().map(|place| input.scope.columns[*place].field.name.clone());
        let (own1, own2) = (own.next().unwrap_or_default(), own.next().unwrap_or_default());
        let without_quotes =
            Expr::call("replace", vec![text(&own2), Expr::string("`"), Expr::string("")]);
        let count = Expr::call("count", vec![Expr::literal(Literal::Integer(1))]).alias("count");
        let counts = RelationNode::Aggregate(Aggregate {
            input: self.given(input),
            grouping: Grouping::By(vec![text(&own1).alias(format!("{column1}_{column2}"))]),
            aggregates: vec![count],
            prepend_grouping: true,
            pivot: Some((without_quotes, Vec::new())),
        });
        let values = vec![Literal::Integer(0)];
        let filled = RelationNode::NaFill { input: counts.into(), columns: Vec::new(), values };
        self.relation(&filled.into())
    }
}

/// The value as text, `null` for a null.
fn text(column: &str) -> Expr {
    let own = Box::new(Expr::attribute([column]));
    let text = ExprNode::Cast { expr: own, to: SparkType::string(), mode: CastMode::Session };
    Expr::call("coalesce", vec![text.into(), Expr::string("null")])
}
