//! `approxQuantile`: quantiles of numeric columns, as one row with an array of arrays.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{CastMode, Expr, ExprNode, Function, Literal, Relation, RelationNode};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

impl Resolver<'_> {
    /// Nulls and NaN are left out; a column without values has no quantiles. A relative error of 0
    /// asks for exact quantiles.
    pub(super) fn approx_quantile(
        &mut self,
        input: &Relation,
        columns: &[String],
        probabilities: &[f64],
        relative_error: f64,
    ) -> Result<Resolved> {
        if let Some(wrong) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(illegal(format!("probability must be in [0, 1], got {wrong}")));
        }
        if relative_error.is_nan() || relative_error < 0.0 {
            return Err(illegal(format!("relativeError must be >= 0, got {relative_error}")));
        }
        let input = self.relation(input)?;
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let values = self.numeric_columns(&input, &names, "quantile", false)?;
        let accuracy = (1.0 / relative_error).min(f64::from(i32::MAX)) as i32;
        let quantiles: Vec<Expr> = values
            .into_iter()
            .map(|value| quantiles(value, probabilities, accuracy.max(1)))
            .collect();
        let all = Expr::call("array", quantiles).alias("approx_quantile");
        let project = RelationNode::Project { input: self.given(input), exprs: vec![all] };
        self.relation(&project.into())
    }
}

fn quantiles(value: Expr, probabilities: &[f64], accuracy: i32) -> Expr {
    let empty = ExprNode::Cast {
        expr: Box::new(Expr::call("array", Vec::new())),
        to: SparkType::array(SparkType::Double),
        mode: CastMode::Session,
    };
    if probabilities.is_empty() {
        return empty.into();
    }
    let wanted = probabilities.iter().map(|p| Expr::literal(Literal::Double(*p))).collect();
    let is_number = Expr::call("not", vec![Expr::call("isnan", vec![value.clone()])]);
    let accuracy = Expr::literal(Literal::Integer(accuracy));
    let mut call =
        Function::new("percentile_approx", vec![value, Expr::call("array", wanted), accuracy]);
    call.filter = Some(Box::new(is_number));
    Expr::call("coalesce", vec![ExprNode::Function(call).into(), empty.into()])
}

fn illegal(message: String) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}
