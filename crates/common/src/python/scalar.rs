//! A call of a Python function as an expression.
//!
//! It stands in logical plans only: a rule of the engine (`rules/extract_python.rs`) makes operators of all
//! of them before anything else looks at the plan. Spark's `PythonUDF`.

use super::PythonFunction;
use crate::types::StructField;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The function of such an expression.
#[derive(Debug, Clone)]
pub struct PythonUdf {
    pub function: Arc<PythonFunction>,
    /// The keyword of each argument; none: by position.
    pub keywords: Vec<Option<String>>,
    /// Name in plans, where equal names must mean equal functions.
    name: String,
    field: FieldRef,
    signature: Signature,
}

impl PythonUdf {
    pub fn new(function: Arc<PythonFunction>, keywords: Vec<Option<String>>) -> Self {
        let volatility = match function.deterministic {
            true => Volatility::Immutable,
            false => Volatility::Volatile,
        };
        // Whatever the user said, a function may return None.
        let field = StructField::new(&function.name, function.output_type.clone(), true).to_arrow();
        let mut hasher = DefaultHasher::new();
        (&function, &keywords).hash(&mut hasher);
        let name = format!("{}@{:016x}", function.name, hasher.finish());
        let any = vec![TypeSignature::VariadicAny, TypeSignature::Nullary];
        Self { function, keywords, name, field, signature: Signature::one_of(any, volatility) }
    }

    /// Type and tags of the values.
    pub fn field(&self) -> &FieldRef {
        &self.field
    }
}

impl PartialEq for PythonUdf {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function && self.keywords == other.keywords
    }
}

impl Eq for PythonUdf {}

impl Hash for PythonUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.function, &self.keywords).hash(state);
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
        Ok(self.field.data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::clone(&self.field))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let name = &self.function.name;
        Err(DataFusionError::from(crate::SparkError::unsupported(format!(
            "the Python function {name} at this place of a query"
        ))))
    }
}
