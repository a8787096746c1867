//! UNPIVOT: columns become rows.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Unpivot;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn unpivot(&mut self, _unpivot: &Unpivot) -> Result<Resolved> {
        Err(SparkError::unsupported("UNPIVOT"))
    }
}
