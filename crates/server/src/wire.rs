//! What crosses the wire in a plan besides what `engine` itself knows.

use datafusion::common::Result as DataFusionResult;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use firesteel_common::Result;
use firesteel_common::error::{ErrorKind, SparkError};
use firesteel_common::wire::FunctionCodec;
use firesteel_engine::travel::Wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// For tests, at the start of an engine: `travel` runs every query as a cluster would, each task from
/// bytes in a context of its own. Slower, and what needs one process is missing.
const RUNNER: &str = "firesteel.test.runner";

/// The lists of all crates if `conf` asks for the travelling runner.
///
/// # Errors
/// For a runner that there is not.
pub fn travelling(conf: &BTreeMap<String, String>) -> Result<Option<Wire>> {
    match conf.get(RUNNER).map(String::as_str) {
        None | Some("local") => Ok(None),
        Some("travel") => Ok(Some(wire())),
        Some(other) => Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            format!("{RUNNER} must be local or travel, got \"{other}\"."),
        )),
    }
}

fn wire() -> Wire {
    let operators = [firesteel_plan::resolve::operators(), firesteel_io::operators()];
    Wire {
        operators: operators.concat(),
        expressions: Vec::new(),
        functions: Arc::new(AllFunctions(firesteel_functions::codec())),
    }
}

/// Functions of SQL, and those of MLlib.
#[derive(Debug)]
struct AllFunctions(Arc<dyn FunctionCodec>);

impl FunctionCodec for AllFunctions {
    fn encode_udf(&self, function: &ScalarUDF, out: &mut Vec<u8>) -> DataFusionResult<()> {
        match firesteel_ml::function::encode(function)? {
            Some(bytes) => {
                out.extend(bytes);
                Ok(())
            }
            None => self.0.encode_udf(function, out),
        }
    }

    fn decode_udf(&self, name: &str, bytes: &[u8]) -> DataFusionResult<Arc<ScalarUDF>> {
        match bytes {
            [firesteel_ml::function::WIRE_TAG, own @ ..] => {
                Ok(Arc::new(firesteel_ml::function::decode(own)?))
            }
            other => self.0.decode_udf(name, other),
        }
    }

    fn encode_udaf(&self, function: &AggregateUDF, out: &mut Vec<u8>) -> DataFusionResult<()> {
        self.0.encode_udaf(function, out)
    }

    fn decode_udaf(&self, name: &str, bytes: &[u8]) -> DataFusionResult<Arc<AggregateUDF>> {
        self.0.decode_udaf(name, bytes)
    }

    fn encode_udwf(&self, function: &WindowUDF, out: &mut Vec<u8>) -> DataFusionResult<()> {
        self.0.encode_udwf(function, out)
    }

    fn decode_udwf(&self, name: &str, bytes: &[u8]) -> DataFusionResult<Arc<WindowUDF>> {
        self.0.decode_udwf(name, bytes)
    }

    fn encode_higher_order(
        &self,
        function: &HigherOrderUDF,
        out: &mut Vec<u8>,
    ) -> DataFusionResult<()> {
        self.0.encode_higher_order(function, out)
    }

    fn decode_higher_order(
        &self,
        name: &str,
        bytes: &[u8],
    ) -> DataFusionResult<Arc<HigherOrderUDF>> {
        self.0.decode_higher_order(name, bytes)
    }
}
