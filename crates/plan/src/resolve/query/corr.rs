//! `df.corr`: Pearson's correlation of two columns, as one row.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Literal, Relation, RelationNode};
use firesteel_common::{ErrorKind, Result, SparkError};

impl Resolver<'_> {
    /// NaN where there is no correlation (fewer than two rows, or a constant column).
    pub(super) fn corr(
        &mut self,
        input: &Relation,
        column1: &str,
        column2: &str,
        method: Option<&str>,
    ) -> Result<Resolved> {
        let method = method.unwrap_or("pearson");
        if method != "pearson" {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                format!(
                    "Currently only the calculation of the Pearson Correlation coefficient is supported, got {method}."
                ),
            ));
        }
        let input = self.relation(input)?;
        let columns = self.numeric_columns(&input, &[column1, column2], "correlation", true)?;
        let nan = Expr::literal(Literal::Double(f64::NAN));
        let corr = Expr::call("coalesce", vec![Expr::call("corr", columns), nan]).alias("corr");
        let project = RelationNode::Project { input: self.given(input), exprs: vec![corr] };
        self.relation(&project.into())
    }
}
