//! LATERAL VIEW: each row beside the rows that a generator makes of it.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver, Scope};
use crate::spec::LateralView;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn lateral_view(&mut self, view: &LateralView) -> Result<Resolved> {
        let input = self.relation(&view.input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Other);
        let Some((mut generator, _)) = self.generator(&view.generator, &mut context)? else {
            return Err(SparkError::analysis(
                "UNSUPPORTED_GENERATOR.NOT_GENERATOR",
                "The generator is not supported: the function of LATERAL VIEW is expected to be a \
                 generator.",
            ));
        };
        generator.outer |= view.outer;
        let names = generator.column_names(&view.column_aliases)?;
        let input = self.with_partition_columns(input, &mut context)?;
        let qualifier = view.table_alias.iter().cloned().collect();
        let (plan, columns) = self.generate(input.plan, &generator, &names, qualifier)?;
        let scope = Scope {
            columns: input.scope.columns.iter().cloned().chain(columns).collect(),
            hidden: input.scope.hidden.clone(),
            file_metadata: None,
            below: None,
        };
        Ok(Resolved { plan, scope: Arc::new(scope) })
    }
}
