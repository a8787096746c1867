//! `|> SET name = value`.

use crate::resolve::scope::same_name;
use crate::resolve::suggestion::unresolved_column;
use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{Expr, Relation};
use firesteel_common::Result;

impl Resolver<'_> {
    /// # Errors
    /// `UNRESOLVED_COLUMN` where the input has no column of that name.
    pub(super) fn set_column(
        &mut self,
        input: &Relation,
        name: &str,
        value: &Expr,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let columns: Vec<&Column> = input.scope.columns.iter().collect();
        if !columns.iter().any(|own| same_name(self.settings, &own.field.name, name)) {
            return Err(unresolved_column(&[name.to_owned()], &columns));
        }
        self.with_columns_over(input, &[(name.to_owned(), value.clone(), None)])
    }
}
