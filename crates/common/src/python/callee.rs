//! What scalar and aggregate Python functions are to DataFusion.

use super::PythonFunction;
use crate::types::StructField;
use arrow::datatypes::FieldRef;
use datafusion_expr::{Signature, TypeSignature, Volatility};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A Python function and how its arguments are given. Equal ones give equal values for equal arguments.
#[derive(Debug, Clone)]
pub struct Callee {
    pub function: Arc<PythonFunction>,
    /// The keyword of each argument; none: by position.
    pub keywords: Vec<Option<String>>,
    /// Name in plans, where equal names must mean equal functions.
    pub(super) name: String,
    field: FieldRef,
    pub(super) signature: Signature,
}

impl Callee {
    pub(super) fn new(function: Arc<PythonFunction>, keywords: Vec<Option<String>>) -> Self {
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

impl PartialEq for Callee {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function && self.keywords == other.keywords
    }
}

impl Eq for Callee {}

impl Hash for Callee {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.function, &self.keywords).hash(state);
    }
}
