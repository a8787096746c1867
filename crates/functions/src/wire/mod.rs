//! All functions as bytes: the [`FunctionCodec`] over what the groups list.
//!
//! A function's own file has its kind and its parameters, and so its wire form; here is only what
//! they share. The first byte says whose function it is.

mod foreign;
mod name;
#[cfg(test)]
mod tests;

pub(crate) use name::Name;

use crate::lambda::LambdaKernel;
use crate::scalar_kernel::Kernel;
use datafusion_common::Result as DataFusionResult;
use datafusion_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use firesteel_common::wire::FunctionCodec;
use firesteel_common::{Result, SparkError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::sync::Arc;

/// The functions of this crate, DataFusion's and `datafusion-spark`'s as bytes.
pub fn codec() -> Arc<dyn FunctionCodec> {
    Arc::new(Functions)
}

#[derive(Debug)]
struct Functions;

/// Ours: what follows is the function's own wire form.
const OURS: u8 = 1;
/// From a library: what follows says which ([`foreign`]).
const FOREIGN: u8 = 2;

impl FunctionCodec for Functions {
    fn encode_udf(&self, function: &ScalarUDF, out: &mut Vec<u8>) -> DataFusionResult<()> {
        match (function.inner().as_ref() as &dyn Any).downcast_ref::<Kernel>() {
            Some(kernel) => ours(&kernel.encode()?, out),
            None => foreign::SCALARS.encode(function, out)?,
        }
        Ok(())
    }

    fn decode_udf(&self, name: &str, bytes: &[u8]) -> DataFusionResult<Arc<ScalarUDF>> {
        match bytes {
            [OURS, kernel @ ..] => Ok(Arc::new(ScalarUDF::new_from_impl(Kernel::decode(kernel)?))),
            [FOREIGN, library] => Ok(foreign::SCALARS.decode(name, *library)?),
            _ => Err(unknown(name).into()),
        }
    }

    fn encode_udaf(&self, function: &AggregateUDF, out: &mut Vec<u8>) -> DataFusionResult<()> {
        match crate::aggregate::encode(function)? {
            Some(bytes) => ours(&bytes, out),
            None => foreign::AGGREGATES.encode(function, out)?,
        }
        Ok(())
    }

    fn decode_udaf(&self, name: &str, bytes: &[u8]) -> DataFusionResult<Arc<AggregateUDF>> {
        match bytes {
            [OURS, function @ ..] => Ok(Arc::new(crate::aggregate::decode(function)?)),
            [FOREIGN, library] => Ok(foreign::AGGREGATES.decode(name, *library)?),
            _ => Err(unknown(name).into()),
        }
    }

    fn encode_udwf(&self, function: &WindowUDF, out: &mut Vec<u8>) -> DataFusionResult<()> {
        match crate::window::encode(function)? {
            Some(bytes) => ours(&bytes, out),
            None => foreign::WINDOWS.encode(function, out)?,
        }
        Ok(())
    }

    fn decode_udwf(&self, name: &str, bytes: &[u8]) -> DataFusionResult<Arc<WindowUDF>> {
        match bytes {
            [OURS, function @ ..] => Ok(Arc::new(crate::window::decode(function)?)),
            [FOREIGN, library] => Ok(foreign::WINDOWS.decode(name, *library)?),
            _ => Err(unknown(name).into()),
        }
    }

    fn encode_higher_order(
        &self,
        function: &HigherOrderUDF,
        out: &mut Vec<u8>,
    ) -> DataFusionResult<()> {
        match (function.inner().as_ref() as &dyn Any).downcast_ref::<LambdaKernel>() {
            Some(kernel) => ours(&kernel.encode()?, out),
            None => return Err(no_travel(function.name()).into()),
        }
        Ok(())
    }

    fn decode_higher_order(
        &self,
        name: &str,
        bytes: &[u8],
    ) -> DataFusionResult<Arc<HigherOrderUDF>> {
        match bytes {
            [OURS, kernel @ ..] => {
                Ok(Arc::new(HigherOrderUDF::new_from_impl(LambdaKernel::decode(kernel)?)))
            }
            _ => Err(unknown(name).into()),
        }
    }
}

fn ours(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(OURS);
    out.extend_from_slice(bytes);
}

fn unknown(name: &str) -> SparkError {
    SparkError::internal(format!("the bytes of the function {name} are none of ours"))
}

fn no_travel(name: &str) -> SparkError {
    SparkError::internal(format!("the function {name} has no wire form"))
}

/// # Errors
/// An internal error: the value has no JSON form.
pub(crate) fn to_bytes(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value)
        .map_err(|error| SparkError::internal(format!("a function could not be encoded: {error}")))
}

/// # Errors
/// An internal error: the bytes are no such value.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| SparkError::internal(format!("a function could not be decoded: {error}")))
}
