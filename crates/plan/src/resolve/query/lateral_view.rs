//! LATERAL VIEW: each row beside the rows that a generator makes of it.

use crate::resolve::{Resolved, Resolver};
use crate::spec::LateralView;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn lateral_view(&mut self, _view: &LateralView) -> Result<Resolved> {
        Err(SparkError::unsupported("LATERAL VIEW"))
    }
}
