//! `cov`: sample covariance of two columns, as one row.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{CastMode, Expr, ExprNode, Relation, RelationNode};
use firesteel_common::{Result, SparkError, SparkType};

impl Resolver<'_> {
    pub(super) fn cov(
        &mut self,
        input: &Relation,
        column1: &str,
        column2: &str,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let columns = self.numeric_columns(&input, &[column1, column2], "covariance", true)?;
        // Without two rows to compare there is nothing that varies.
        let zero = Expr::literal(crate::spec::Literal::Double(0.0));
        let cov = Expr::call("coalesce", vec![Expr::call("covar_samp", columns), zero]);
        let cov = cov.alias("cov");
        let project = RelationNode::Project { input: self.given(input), exprs: vec![cov] };
        self.relation(&project.into())
    }

    /// The columns as doubles.
    ///
    /// # Errors
    /// When one does not exist or is not a number.
    pub(super) fn numeric_columns(
        &self,
        input: &Resolved,
        names: &[&str],
        purpose: &str,
        null_is_zero: bool,
    ) -> Result<Vec<Expr>> {
        let owned: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let positions = self.named_positions(input, &owned)?;
        let columns = positions.into_iter().map(|position| {
            let field = &input.scope.columns[position].field;
            if !field.data_type.is_numeric() && purpose == "quantile" {
                return Err(SparkError::new(
                    firesteel_common::ErrorKind::IllegalArgument,
                    "",
                    format!(
                        "requirement failed: Quantile calculation for column {} with data type {} is \
                         not supported.",
                        field.name,
                        field.data_type.scala_string()
                    ),
                ));
            }
            if !field.data_type.is_numeric() {
                return Err(SparkError::new(
                    firesteel_common::ErrorKind::IllegalArgument,
                    "",
                    format!(
                        "requirement failed: Currently {purpose} calculation for columns with dataType {} not supported.",
                        field.data_type.simple_string()
                    ),
                ));
            }
            let own = Box::new(Expr::attribute([field.name.clone()]));
            let double = SparkType::Double;
            let value = ExprNode::Cast { expr: own, to: double, mode: CastMode::Session }.into();
            // Covariances and correlations take a null for zero.
            let zero = Expr::literal(crate::spec::Literal::Double(0.0));
            Ok(match null_is_zero {
                true => Expr::call("coalesce", vec![value, zero]),
                false => value,
            })
        });
        columns.collect()
    }
}
