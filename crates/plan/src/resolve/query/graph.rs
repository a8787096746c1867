//! Methods of GraphFrames that are other relations ([`crate::graph`]).

use crate::graph;
use crate::resolve::{Resolved, Resolver};
use crate::spec::GraphCall;
use firesteel_common::Result;

impl Resolver<'_> {
    pub(super) fn graph(&mut self, call: &GraphCall) -> Result<Resolved> {
        // Graphs of graphs: each level may stand in the next one several times.
        self.splice(4)?;
        match graph::relation(call)? {
            Some(relation) => self.relation(&relation),
            None => {
                let table = self.env.graph(call)?;
                self.table(table, Vec::new())
            }
        }
    }
}
