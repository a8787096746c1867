//! A task as a stream of answers, tried again where the master allows it: `local[N,F]` allows a task F failures, as
//! in Spark.
//!
//! ```text
//! input ──▶ Replay ──▶ worker ✗              what had gone in goes in again, then the rest
//!             └──────▶ next worker ──▶ Passed ──▶ operator
//!                                      what was passed on before must come again, and is dropped
//! ```
//!
//! Answers pass as they come, as always: a task of whose answers none was passed on can be tried again whatever
//! its function does, any other if the function gives the same again. If it does not, the failure stands. Only the
//! attempt that ends well has its accumulators counted.

use super::attempt::next_attempt;
use super::failure;
use super::gate::Gate;
use super::replay::{Passed, Replay, Seen};
use super::run::{Answer, Job, Session};
use super::start::{Attempt, WORKER_MODULE, start, start_table, worker_key};
use datafusion::common::{DataFusionError, Result};
use firesteel_common::python::{EvalType, PythonSettings, PythonTableTask, PythonTask};
use futures::StreamExt;
use futures::stream::{BoxStream, try_unfold};
use std::path::PathBuf;
use std::sync::Arc;

/// What a worker is told first, in each attempt.
#[derive(Debug, Clone)]
pub enum Opening {
    Functions(Arc<PythonTask>),
    Table(Arc<PythonTableTask>),
}

impl Opening {
    /// The functions; those of a table function are its handler.
    pub fn task(&self) -> &PythonTask {
        match self {
            Self::Functions(task) => task,
            Self::Table(table) => &table.task,
        }
    }

    pub fn settings(&self) -> &PythonSettings {
        &self.task().settings
    }

    fn message(&self, attempt: &Attempt) -> Vec<u8> {
        match self {
            Self::Functions(task) => start(task, attempt),
            Self::Table(table) => start_table(table, attempt),
        }
    }

    /// A barrier's tasks fail and begin together, which is not this module's affair.
    fn attempts_max(&self) -> u32 {
        match self {
            Self::Functions(task) if task.is_barrier => 1,
            _ => self.settings().attempts_max.max(1),
        }
    }
}

/// Where input that may be needed again is kept.
fn directory(settings: &PythonSettings) -> PathBuf {
    let variable = settings.environment.iter().find(|(name, _)| name == "SPARK_LOCAL_DIRS");
    let place = variable.and_then(|(_, places)| places.split(',').next());
    place.map_or_else(std::env::temp_dir, PathBuf::from)
}

/// What the workers of one partition answer, once there is a place at the gate, which also learns of
/// accumulators. `input` is the data, in the framing of the eval type. Dropping the stream kills the worker.
pub fn answers(
    opening: Opening,
    attempt: Attempt,
    input: BoxStream<'static, Result<Vec<u8>>>,
    gate: Arc<Gate>,
) -> BoxStream<'static, Result<Answer>> {
    let attempts_max = opening.attempts_max();
    let input = match attempts_max {
        1 => Input::Once(input),
        _ => Input::Again(Replay::new(input, &directory(opening.settings())), Passed::default()),
    };
    let task = Task { opening, attempt, attempts_max, input, gate, session: None, failure: None };
    try_unfold(Some(Box::new(task)), |task| async move {
        let Some(mut task) = task else { return Ok(None) };
        let answer = task.next().await?;
        let is_end = matches!(answer, Answer::End(_));
        Ok(Some((answer, (!is_end).then_some(task))))
    })
    .boxed()
}

struct Task {
    opening: Opening,
    attempt: Attempt,
    attempts_max: u32,
    input: Input,
    gate: Arc<Gate>,
    session: Option<Session>,
    /// Of the last attempt.
    failure: Option<DataFusionError>,
}

enum Input {
    Once(BoxStream<'static, Result<Vec<u8>>>),
    Again(Replay, Passed),
}

impl Task {
    async fn next(&mut self) -> Result<Answer> {
        loop {
            let answer = match self.attempted().await {
                Ok(answer) => answer,
                Err(error) => {
                    self.failed(error).await?;
                    continue;
                }
            };
            if let Input::Again(_, passed) = &mut self.input {
                match passed.look(&answer) {
                    Seen::New => {}
                    Seen::Repeated => continue,
                    // Before the first failure nothing differs from anything.
                    Seen::Different => return Err(self.given_up()),
                }
            }
            if let Answer::End(mut summary) = answer {
                self.gate.accumulated(std::mem::take(&mut summary.accumulators));
                return Ok(Answer::End(summary));
            }
            return Ok(answer);
        }
    }

    /// The next answer of the running attempt, which begins if there is none.
    async fn attempted(&mut self) -> Result<Answer> {
        let session = match &mut self.session {
            Some(session) => session,
            none => {
                let settings = self.opening.settings();
                let input = match &mut self.input {
                    Input::Once(input) => {
                        std::mem::replace(input, futures::stream::empty().boxed())
                    }
                    Input::Again(replay, _) => replay.chunks(),
                };
                let job = Job {
                    key: worker_key(settings, WORKER_MODULE),
                    start: self.opening.message(&self.attempt),
                    input,
                    partition: self.attempt.partition,
                    attempt: self.attempt.number,
                    answers_rows: self.opening.task().eval_type == EvalType::BATCHED,
                    silence_max_s: settings.silence_max_s,
                    permit: Some(self.gate.enter().await),
                };
                none.insert(Session::begin(job).await?)
            }
        };
        session.next().await
    }

    /// Prepares another attempt.
    ///
    /// # Errors
    /// `error`, if there is none left or none would help.
    async fn failed(&mut self, error: DataFusionError) -> Result<()> {
        self.session = None;
        let number = self.attempt.number + 1;
        let Input::Again(replay, passed) = &mut self.input else { return Err(error) };
        if number >= self.attempts_max {
            return Err(failure::after_attempts(error, self.attempt.partition, number));
        }
        if replay.has_failed().await {
            return Err(error);
        }
        tracing::debug!(
            partition = self.attempt.partition,
            number,
            "a Python task is tried again: {error}"
        );
        passed.again();
        self.attempt = Attempt { number, id: next_attempt(), ..self.attempt.clone() };
        self.failure = Some(error);
        Ok(())
    }

    /// The failure after which the function gave something else.
    fn given_up(&mut self) -> DataFusionError {
        self.session = None;
        let partition = self.attempt.partition;
        self.failure.take().unwrap_or_else(|| failure::died(partition, self.attempt.number))
    }
}
