//! A call of a Python function that makes one value of a group.
//!
//! It stands in logical plans only, as [`super::PythonUdf`] does: a rule of the engine
//! (`rules/extract_python_groups.rs`) makes operators of aggregations and windows that call them. Spark's `PythonUDAF`.

use super::PythonFunction;
use crate::types::StructField;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::function::AccumulatorArgs;
use datafusion_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The function of such an expression.
#[derive(Debug, Clone)]
pub struct PythonUdaf {
    pub function: Arc<PythonFunction>,
    /// The keyword of each argument; none: by position.
    pub keywords: Vec<Option<String>>,
    /// Name in plans, where equal names must mean equal functions.
    name: String,
    field: FieldRef,
    signature: Signature,
}

impl PythonUdaf {
    pub fn new(function: Arc<PythonFunction>, keywords: Vec<Option<String>>) -> Self {
        let volatility = match function.deterministic {
            true => Volatility::Immutable,
            false => Volatility::Volatile,
        };
        let field = StructField::new(&function.name, function.output_type.clone(), true).to_arrow();
        let mut hasher = DefaultHasher::new();
        (&function, &keywords).hash(&mut hasher);
        let name = format!("{}@{:016x}", function.name, hasher.finish());
        let signature = Signature::one_of(
            vec![
                datafusion_expr::TypeSignature::VariadicAny,
                datafusion_expr::TypeSignature::Nullary,
            ],
            volatility,
        );
        Self { function, keywords, name, field, signature }
    }

    /// Type and tags of the values.
    pub fn field(&self) -> &FieldRef {
        &self.field
    }
}

impl PartialEq for PythonUdaf {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function && self.keywords == other.keywords
    }
}

impl Eq for PythonUdaf {}

impl Hash for PythonUdaf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.function, &self.keywords).hash(state);
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
        Ok(self.field.data_type().clone())
    }

    fn return_field(&self, _: &[FieldRef]) -> Result<FieldRef> {
        Ok(Arc::clone(&self.field))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let name = &self.function.name;
        Err(DataFusionError::from(crate::SparkError::unsupported(format!(
            "the Python aggregate function {name} at this place of a query"
        ))))
    }
}
