//! Hints: `/*+ BROADCAST(t), REPARTITION(3) */`.

use super::parser::Parser;
use crate::spec::Expr;
use firesteel_common::Result;

impl Parser<'_> {
    /// All hints after SELECT: names and parameters.
    pub(super) fn hints(&mut self) -> Result<Vec<(String, Vec<Expr>)>> {
        let mut hints = Vec::new();
        while self.take("/*+") {
            loop {
                let name = self.simple_name()?;
                let parameters =
                    if self.is("(") { self.paren_list(Self::primary)? } else { Vec::new() };
                hints.push((name, parameters));
                // Commas between hints may be left out.
                self.take(",");
                if self.take("*/") {
                    break;
                }
            }
        }
        Ok(hints)
    }
}
