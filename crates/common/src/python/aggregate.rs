//! A call of a Python function that makes one value of a group.
//!
//! It stands in logical plans only, as [`super::PythonUdf`] does: a rule of the engine
//! (`rules/extract_python_groups.rs`) makes operators of aggregations and windows that call them. Spark's `PythonUDAF`.

use super::PythonFunction;
use super::callee::Callee;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::function::AccumulatorArgs;
use datafusion_expr::{Accumulator, AggregateUDFImpl, Signature};
use std::ops::Deref;
use std::sync::Arc;

/// The function of such an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonUdaf(Callee);

impl PythonUdaf {
    pub fn new(function: Arc<PythonFunction>, keywords: Vec<Option<String>>) -> Self {
        Self(Callee::new(function, keywords))
    }
}

impl Deref for PythonUdaf {
    type Target = Callee;

    fn deref(&self) -> &Callee {
        &self.0
    }
}

impl AggregateUDFImpl for PythonUdaf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.field().data_type().clone())
    }

    fn return_field(&self, _: &[FieldRef]) -> Result<FieldRef> {
        Ok(Arc::clone(self.field()))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let name = &self.function.name;
        Err(DataFusionError::from(crate::SparkError::unsupported(format!(
            "the Python aggregate function {name} at this place of a query"
        ))))
    }
}
