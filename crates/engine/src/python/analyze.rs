//! Asks a table function what it gives: `pyspark.sql.worker.analyze_udtf`.

use super::message::{Message, special};
use super::pool::Worker;
use super::{failure, worker_key};
use firesteel_common::python::{AnalyzeCall, Analyzed, AnalyzedOrder, PythonSettings};
use firesteel_common::{Result, SparkError};
use std::io::{BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

const MODULE: &str = "pyspark.sql.worker.analyze_udtf";

/// Calls `analyze`. Blocks.
///
/// # Errors
/// `TABLE_VALUED_FUNCTION_FAILED_TO_ANALYZE_IN_PYTHON` with what it raised.
pub fn analyze_table_function(settings: &PythonSettings, call: &AnalyzeCall) -> Result<Analyzed> {
    let mut message = planner_head(settings, &call.version);
    message.blob(&call.name).blob(&call.command).count(call.args.len());
    for arg in &call.args {
        message.blob(&arg.data_type).flag(arg.value.is_some());
        if let Some(value) = &arg.value {
            message.blob(value);
        }
        message.flag(arg.is_table).flag(arg.keyword.is_some());
        if let Some(keyword) = &arg.keyword {
            message.blob(keyword);
        }
    }
    converse(settings, MODULE, message, |from| {
        let schema = from.text()?;
        let pickled = Arc::from(from.blob()?);
        let with_single_partition = from.int()? == 1;
        let partition_by = from.list(Answers::text)?;
        let order_by = from.list(|from| {
            Ok(AnalyzedOrder {
                expr: from.text()?,
                ascending: from.int()? == 1,
                nulls_first: match from.int()? {
                    0 => None,
                    first => Some(first == 1),
                },
            })
        })?;
        let select = from.list(|from| Ok((from.text()?, from.text()?)))?;
        Ok(Analyzed { schema, pickled, with_single_partition, partition_by, order_by, select })
    })
    .map_err(|error| failed(&error))
}

fn failed(error: &SparkError) -> SparkError {
    let message = error.raw_message().to_owned();
    SparkError::analysis(
        "TABLE_VALUED_FUNCTION_FAILED_TO_ANALYZE_IN_PYTHON",
        format!("Failed to analyze the Python user defined table function: {message}"),
    )
    .with("msg", message)
}

/// What workers that plan are told first.
pub(super) fn planner_head(settings: &PythonSettings, version: &str) -> Message {
    let mut message = Message::default();
    message.blob(version).blob(&settings.files).count(settings.includes.len());
    for name in &settings.includes {
        message.blob(name);
    }
    // No broadcasts; the RDD layer brings its own.
    message.flag(false).int(0).pairs(settings.conf.iter());
    message
}

/// Says `message` to a worker of `module` and reads its answer.
pub(super) fn converse<T>(
    settings: &PythonSettings,
    module: &'static str,
    mut message: Message,
    read: impl FnOnce(&mut Answers) -> Result<T>,
) -> Result<T> {
    message.int(special::END_OF_STREAM);
    let mut worker = Worker::take(&worker_key(settings, module))?;
    let stream = worker.take_stream().ok_or_else(|| SparkError::internal("no connection"))?;
    stream.set_nonblocking(false).map_err(broken)?;
    let mut to = stream.try_clone().map_err(broken)?;
    // It may answer before it has read everything.
    let bytes = message.into_bytes();
    let writer = std::thread::Builder::new().name("python-planner".into());
    let writer = writer.spawn(move || to.write_all(&bytes)).map_err(broken)?;
    let mut answers = Answers(BufReader::new(stream));
    let answer = read(&mut answers);
    let _ = writer.join();
    let answer = answer?;
    // Accumulators, then whether it takes more.
    for _ in 0..answers.int()?.max(0) {
        answers.blob()?;
    }
    let takes_more = answers.int()? == special::END_OF_STREAM;
    match takes_more {
        true => worker.keep(answers.0.into_inner()),
        false => worker.retire(),
    }
    Ok(answer)
}

/// What a worker that plans says.
pub(super) struct Answers(BufReader<UnixStream>);

impl Answers {
    pub fn int(&mut self) -> Result<i32> {
        let mut bytes = [0; 4];
        self.0.read_exact(&mut bytes).map_err(broken)?;
        Ok(i32::from_be_bytes(bytes))
    }

    /// Bytes after their length, in whose place an exception may come.
    pub fn blob(&mut self) -> Result<Vec<u8>> {
        let length = self.int()?;
        if length == special::EXCEPTION {
            let text = self.blob()?;
            return Err(failure::raised(&String::from_utf8_lossy(&text)));
        }
        let length = usize::try_from(length).map_err(|_| {
            SparkError::internal(format!("a Python worker sent the length {length}"))
        })?;
        let mut bytes = Vec::new();
        let n_read = (&mut self.0).take(length as u64).read_to_end(&mut bytes).map_err(broken)?;
        if n_read < length {
            return Err(broken(std::io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(bytes)
    }

    /// The sign that all went well, in whose place an exception may come.
    pub fn status(&mut self) -> Result<()> {
        if self.int()? == special::EXCEPTION {
            let text = self.blob()?;
            return Err(failure::raised(&String::from_utf8_lossy(&text)));
        }
        Ok(())
    }

    pub fn text(&mut self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.blob()?).into_owned())
    }

    /// Things after their number.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let n = self.int()?;
        (0..n.max(0)).map(|_| read(self)).collect()
    }
}

fn broken(error: std::io::Error) -> SparkError {
    let text = format!("Python worker exited unexpectedly (crashed): {error}");
    SparkError::new(firesteel_common::error::ErrorKind::Execution, "", text)
}
