//! PIVOT and UNPIVOT.

use super::parser::Parser;
use crate::spec::{Expr, ExprNode, Pivot, Relation, RelationNode, Unpivot};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn is_pivot_or_unpivot(&self) -> bool {
        let has_nulls = matches!(self.word_ahead(1), "INCLUDE" | "EXCLUDE");
        self.is_all(&["PIVOT", "("])
            || (self.is("UNPIVOT") && (self.word_ahead(1) == "(" || has_nulls))
    }

    /// PIVOT or UNPIVOT over `input`; one of the two is next.
    pub(super) fn pivot_or_unpivot(&mut self, input: Relation) -> Result<Relation> {
        if self.is("PIVOT") { self.pivot(input) } else { self.unpivot(input) }
    }

    /// `PIVOT (aggregates FOR column IN (values))`.
    fn pivot(&mut self, input: Relation) -> Result<Relation> {
        self.expect_all(&["PIVOT", "("])?;
        let aggregates = self.list(Self::named_expression)?;
        self.expect("FOR")?;
        let start = self.start();
        let names = if self.is("(") { self.name_list()? } else { vec![self.name()?] };
        let columns = names
            .into_iter()
            .map(|name| {
                let attribute = Expr::attribute([name]).node;
                self.expr(attribute, start)
            })
            .collect();
        self.expect("IN")?;
        let values = self.paren_list(|p| {
            let named = p.named_expression()?;
            Ok(match named.node {
                ExprNode::Alias { expr, mut names, .. } => (*expr, names.pop()),
                _ => (named, None),
            })
        })?;
        self.expect(")")?;
        let pivot = RelationNode::Pivot(Pivot { input, aggregates, columns, values }).into();
        self.aliased(pivot, None)
    }

    /// `UNPIVOT [INCLUDE NULLS] (value FOR name IN (a, b))`, also with rows of several values.
    fn unpivot(&mut self, input: Relation) -> Result<Relation> {
        self.expect("UNPIVOT")?;
        let include_nulls = match self.take_one_of(&["INCLUDE", "EXCLUDE"]) {
            Some(word) => {
                self.expect("NULLS")?;
                word == "INCLUDE"
            }
            None => false,
        };
        self.expect("(")?;
        let is_multiple = self.is("(");
        let value_columns = if is_multiple { self.name_list()? } else { vec![self.plain_name()?] };
        self.expect("FOR")?;
        let variable_column = self.plain_name()?;
        self.expect("IN")?;
        let values = self.paren_list(|p| {
            let columns = if is_multiple {
                p.paren_list(Self::column_reference)?
            } else {
                vec![p.column_reference()?]
            };
            let alias = if p.take("AS") || p.is_name() { Some(p.name()?) } else { None };
            Ok((columns, alias))
        })?;
        self.expect(")")?;
        let unpivot = RelationNode::Unpivot(Unpivot {
            input,
            ids: None,
            values: Some(values),
            variable_column,
            value_columns,
            include_nulls,
        })
        .into();
        self.aliased(unpivot, None)
    }

    fn column_reference(&mut self) -> Result<Expr> {
        let start = self.start();
        let name = self.multipart_name()?;
        let attribute = Expr::attribute(name).node;
        Ok(self.expr(attribute, start))
    }
}
