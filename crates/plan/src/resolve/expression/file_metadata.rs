//! What is known of the file that a row comes from: `_metadata`, `input_file_name()` and their kin.

use super::attribute::unresolved_in_dataframe;
use super::{ExprContext, ResolvedExpr};
use crate::resolve::scope::same_name;
use crate::resolve::{Column, Resolver};
use crate::spec::Literal;
use firesteel_common::Result;

const METADATA: &str = "_metadata";

impl Resolver<'_> {
    /// `[qualifier.]_metadata[.field]`, and how many parts of the name it took.
    pub(super) fn file_metadata(
        &self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Option<(Column, usize)> {
        let own = context.scope.file_metadata.as_ref()?;
        let at = name.iter().take(4).position(|part| same_name(self.settings, part, METADATA))?;
        let qualifier = own.qualifier.len().checked_sub(at).map(|skip| &own.qualifier[skip..])?;
        let mut pairs = qualifier.iter().zip(name);
        if !pairs.all(|(own, asked)| same_name(self.settings, own, asked)) {
            return None;
        }
        let own = own.clone();
        expose(&own, context);
        Some((own, at + 1))
    }

    /// `df.metadataColumn("_metadata")`.
    pub(super) fn metadata_column(
        &mut self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        match self.file_metadata(name, context) {
            Some((own, n_used)) => self.column_with_fields(&own, name, n_used, context),
            None => Err(unresolved_in_dataframe(name)),
        }
    }

    /// Where no file is known the name is empty and positions are -1.
    pub(super) fn input_file(
        &mut self,
        function: &str,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let shown = format!("{function}()");
        let field = match function {
            "input_file_name" => "file_path",
            "input_file_block_start" => "file_block_start",
            _ => "file_block_length",
        };
        let name = vec![METADATA.to_owned(), field.to_owned()];
        // What is found may be under a qualifier; here it needs none.
        let Some(own) = context.scope.file_metadata.clone() else {
            let unknown = match function {
                "input_file_name" => Literal::String(String::new()),
                _ => Literal::Long(-1),
            };
            let unknown = self.literal(&unknown)?;
            return self.typed(unknown.expr, shown, context);
        };
        expose(&own, context);
        let found = self.column_with_fields(&own, &name, 1, context)?;
        if function != "input_file_name" {
            return self.typed(found.expr, shown, context);
        }
        // `file:/a` is `file:///a` here.
        let start = self.literal(&Literal::Integer(6))?;
        let path = self.build_scalar("substring", vec![found.arg(), start.arg()])?;
        let path = self.typed(path, String::new(), context)?;
        let scheme = self.literal(&Literal::String("file://".to_owned()))?;
        self.call_builtin("concat", vec![scheme.arg(), path.arg()], shown, context)
    }
}

fn expose(own: &Column, context: &mut ExprContext) {
    context.fields.insert(own.to_arrow());
    if !context.exposed.contains(&own.internal) {
        context.exposed.push(own.internal.clone());
    }
}
