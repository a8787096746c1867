//! A call of a Python function as an expression.
//!
//! It stands in logical plans only: a rule of the engine (`rules/extract_python.rs`) makes operators of all
//! of them before anything else looks at the plan. Spark's `PythonUDF`.

use super::PythonFunction;
use super::callee::Callee;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
};
use std::ops::Deref;
use std::sync::Arc;

/// The function of such an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonUdf(Callee);

impl PythonUdf {
    pub fn new(function: Arc<PythonFunction>, keywords: Vec<Option<String>>) -> Self {
        Self(Callee::new(function, keywords))
    }
}

impl Deref for PythonUdf {
    type Target = Callee;

    fn deref(&self) -> &Callee {
        &self.0
    }
}

impl ScalarUDFImpl for PythonUdf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.field().data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::clone(self.field()))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let name = &self.function.name;
        Err(DataFusionError::from(crate::SparkError::unsupported(format!(
            "the Python function {name} at this place of a query"
        ))))
    }
}
