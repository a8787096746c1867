//! The door through which an encoder of plans, which knows no function, reaches all of them.

use datafusion_common::Result;
use datafusion_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use std::fmt::Debug;
use std::sync::Arc;

/// Functions as bytes. Each method answers to the one of the same kind in DataFusion's
/// `PhysicalExtensionCodec`.
///
/// Encoding appends to `out` and always appends something, DataFusion's own functions included: so
/// decoding needs no function registry of a session. Decoding in another process of the same binary
/// gives an equal function. `name` is the function's name beside the bytes.
///
/// # Errors
/// Encoding: the function is none that travels. Decoding: the bytes are none that encoding gives.
pub trait FunctionCodec: Debug + Send + Sync {
    fn encode_udf(&self, function: &ScalarUDF, out: &mut Vec<u8>) -> Result<()>;
    fn decode_udf(&self, name: &str, bytes: &[u8]) -> Result<Arc<ScalarUDF>>;

    fn encode_udaf(&self, function: &AggregateUDF, out: &mut Vec<u8>) -> Result<()>;
    fn decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>>;

    fn encode_udwf(&self, function: &WindowUDF, out: &mut Vec<u8>) -> Result<()>;
    fn decode_udwf(&self, name: &str, bytes: &[u8]) -> Result<Arc<WindowUDF>>;

    fn encode_higher_order(&self, function: &HigherOrderUDF, out: &mut Vec<u8>) -> Result<()>;
    fn decode_higher_order(&self, name: &str, bytes: &[u8]) -> Result<Arc<HigherOrderUDF>>;
}
