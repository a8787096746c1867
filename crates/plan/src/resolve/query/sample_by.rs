//! `sampleBy`: a share of the rows of each stratum.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Literal, Relation, RelationNode};
use firesteel_common::{ErrorKind, Result, SparkError};

impl Resolver<'_> {
    /// Strata without a fraction are left out.
    pub(super) fn sample_by(
        &mut self,
        input: &Relation,
        column: &Expr,
        fractions: &[(Literal, f64)],
        seed: Option<i64>,
    ) -> Result<Resolved> {
        if let Some((_, wrong)) = fractions.iter().find(|(_, f)| !(0.0..=1.0).contains(f)) {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                format!("requirement failed: Fractions must be in [0, 1], but got {wrong}."),
            ));
        }
        let mut branches = Vec::with_capacity(2 * fractions.len() + 1);
        for (stratum, fraction) in fractions {
            branches.push(Expr::call("=", vec![column.clone(), Expr::literal(stratum.clone())]));
            branches.push(Expr::literal(Literal::Double(*fraction)));
        }
        branches.push(Expr::literal(Literal::Double(0.0)));
        let share = Expr::call("when", branches);
        let random = match seed {
            Some(seed) => Expr::call("rand", vec![Expr::literal(Literal::Long(seed))]),
            None => Expr::call("rand", Vec::new()),
        };
        let condition = Expr::call("<", vec![random, share]);
        let filter = RelationNode::Filter { input: input.clone(), condition };
        self.relation(&filter.into())
    }
}
