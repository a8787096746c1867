//! Generators: `explode(…)` and its kin, several rows for one.

use super::ExprContext;
use crate::resolve::Resolver;
use crate::spec::{self, ExprNode};
use arrow::datatypes::FieldRef;
use datafusion::logical_expr::Expr;
use firesteel_common::{Result, SparkError};
use firesteel_functions::{Builder, lookup};

/// A resolved generator call.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    pub rows: Expr,
    /// Names and types of its columns, before aliases.
    pub columns: Vec<FieldRef>,
    pub outer: bool,
}

impl Resolver<'_> {
    /// The generator that `expr` is, with the aliases around it; none if it is none.
    pub(crate) fn generator(
        &mut self,
        expr: &spec::Expr,
        context: &mut ExprContext,
    ) -> Result<Option<(Generator, Vec<String>)>> {
        match &expr.node {
            ExprNode::Alias { expr, names, .. } => {
                Ok(self.generator(expr, context)?.map(|(generator, _)| (generator, names.clone())))
            }
            ExprNode::Function(function) => {
                let found = self.builtin_name(function).ok().and_then(|name| lookup(&name));
                let Some(found) = found else { return Ok(None) };
                let Builder::Generator(build) = &found.builder else { return Ok(None) };
                let args = self.args(&function.args, context)?;
                let call = build(self.call(found, &args))?;
                let generator =
                    Generator { rows: call.rows, columns: call.columns, outer: call.outer };
                Ok(Some((generator, Vec::new())))
            }
            ExprNode::Sql(text) => {
                let parsed = self.parsed_text(text)?;
                self.generator(&parsed, context)
            }
            _ => Ok(None),
        }
    }
}

impl Generator {
    /// Names of the columns: the aliases, if there are any.
    pub fn column_names(&self, aliases: &[String]) -> Result<Vec<String>> {
        if aliases.is_empty() {
            return Ok(self.columns.iter().map(|field| field.name().clone()).collect());
        }
        if aliases.len() != self.columns.len() {
            return Err(SparkError::analysis(
                "UDTF_ALIAS_NUMBER_MISMATCH",
                format!(
                    "The number of aliases supplied in the AS clause does not match the number of \
                     columns output by the UDTF. Expected {} aliases, but got {}. Please ensure \
                     that the number of aliases provided matches the number of columns output by \
                     the UDTF.",
                    self.columns.len(),
                    aliases.join(",")
                ),
            )
            .with("aliasesSize", self.columns.len().to_string())
            .with("aliasesNames", aliases.join(",")));
        }
        Ok(aliases.to_vec())
    }
}
