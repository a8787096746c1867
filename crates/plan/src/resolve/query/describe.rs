//! `describe`: the five statistics of [`Resolver::summary`] that need no percentile.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::Result;

const STATISTICS: [&str; 5] = ["count", "mean", "stddev", "min", "max"];

impl Resolver<'_> {
    pub(super) fn describe(&mut self, input: &Relation, columns: &[String]) -> Result<Resolved> {
        let input = self.relation(input)?;
        let statistics: Vec<String> = STATISTICS.iter().map(|name| (*name).to_owned()).collect();
        self.statistics(input, columns, &statistics)
    }
}
