//! Functions of DataFusion and `datafusion-spark`: found again by library and name.

use super::{FOREIGN, no_travel};
use datafusion_expr::{AggregateUDF, ScalarUDF, WindowUDF};
use firesteel_common::{Result, SparkError};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The functions of one sort: for each library, which is known by its position, those by name.
#[derive(Debug)]
pub(super) struct Libraries<F>(Vec<HashMap<String, Arc<F>>>);

pub(super) static SCALARS: LazyLock<Libraries<ScalarUDF>> = LazyLock::new(|| {
    let mut plain = datafusion_functions::all_default_functions();
    plain.extend(datafusion_functions_nested::all_default_nested_functions());
    Libraries::new([plain, datafusion_spark::all_default_scalar_functions()])
});

pub(super) static AGGREGATES: LazyLock<Libraries<AggregateUDF>> = LazyLock::new(|| {
    let plain = datafusion_functions_aggregate::all_default_aggregate_functions();
    Libraries::new([plain, datafusion_spark::all_default_aggregate_functions()])
});

pub(super) static WINDOWS: LazyLock<Libraries<WindowUDF>> = LazyLock::new(|| {
    let plain = datafusion_functions_window::all_default_window_functions();
    Libraries::new([plain, datafusion_spark::all_default_window_functions()])
});

/// What the three sorts of functions have in common.
pub(super) trait Named: PartialEq {
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($function:ty),*) => {$(
        impl Named for $function {
            fn name(&self) -> &str {
                <$function>::name(self)
            }
        }
    )*};
}
named!(ScalarUDF, AggregateUDF, WindowUDF);

impl<F: Named> Libraries<F> {
    fn new(libraries: [Vec<Arc<F>>; 2]) -> Self {
        let by_name = |library: Vec<Arc<F>>| {
            library.into_iter().map(|function| (function.name().to_owned(), function)).collect()
        };
        Self(libraries.into_iter().map(by_name).collect())
    }

    /// # Errors
    /// An internal error: no library has just this function.
    pub(super) fn encode(&self, function: &F, out: &mut Vec<u8>) -> Result<()> {
        let name = function.name();
        let found = self
            .0
            .iter()
            .position(|library| library.get(name).is_some_and(|known| known.as_ref() == function))
            .ok_or_else(|| no_travel(name))?;
        out.extend([FOREIGN, found as u8]);
        Ok(())
    }

    /// # Errors
    /// An internal error: the library has no function of this name.
    pub(super) fn decode(&self, name: &str, library: u8) -> Result<Arc<F>> {
        let library = self.0.get(usize::from(library));
        let found = library.and_then(|library| library.get(name)).cloned();
        found.ok_or_else(|| SparkError::internal(format!("no library has the function {name}")))
    }
}
