//! What goes wrong with a worker, as Spark says it.

use datafusion::common::DataFusionError;
use firesteel_common::SparkError;
use firesteel_common::error::ErrorKind;
use std::io;

/// The user's function raised; `traceback` is Python's text.
pub fn raised(traceback: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Python,
        "PYTHON_EXCEPTION",
        format!("An exception was thrown from the Python worker: {traceback}"),
    )
    .with("msg", "An exception was thrown from the Python worker")
    .with("traceback", traceback)
}

/// The worker ended in the middle of its task. As an I/O error: the kind that a cluster tries again.
pub fn died(partition: usize, attempts: u32) -> DataFusionError {
    let text = format!(
        "Job aborted due to stage failure: Task {partition} failed {attempts} times, most recent failure: \
         org.apache.spark.SparkException: Python worker exited unexpectedly (crashed). Consider setting \
         'spark.sql.execution.pyspark.udf.faulthandler.enabled' or'spark.python.worker.faulthandler.enabled' \
         configuration to 'true' for the better Python traceback."
    );
    DataFusionError::IoError(io::Error::other(SparkError::new(ErrorKind::Execution, "", text)))
}

/// The worker said and took nothing for so long.
pub fn silent(seconds: u64) -> SparkError {
    let text = format!(
        "Python worker has been idle for {seconds} seconds and was killed \
         (spark.sql.execution.pyspark.udf.killOnIdleTimeout)."
    );
    SparkError::new(ErrorKind::Execution, "", text)
}

/// Whether `error` is the death of a worker, after which a task may be tried again.
pub fn is_death(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::IoError(_))
}

/// `error` of a task that was tried `attempts` times, in Spark's words: clients that try whole jobs again look for them.
pub fn after_attempts(error: DataFusionError, partition: usize, attempts: u32) -> DataFusionError {
    let DataFusionError::External(inner) = &error else {
        // A death tells it already.
        return error;
    };
    let Some(inner) = inner.downcast_ref::<SparkError>() else { return error };
    let text = format!(
        "Job aborted due to stage failure: Task {partition} failed {attempts} times, most recent failure: {}",
        inner.raw_message()
    );
    let told = SparkError::new(inner.kind(), inner.condition(), text);
    let parameters = inner.parameters().iter();
    parameters.fold(told, |told, (name, value)| told.with(name, value.as_str())).into()
}
