//! What `pyspark.worker` is told before the data of a task.

use super::{EvalType, PythonFunction, PythonSettings};
use crate::wire;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The functions of one operator. All tasks of the operator are told the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PythonTask {
    pub eval_type: EvalType,
    pub calls: Vec<PythonCall>,
    /// Configuration of the eval type itself: `input_type` and its kin.
    pub eval_conf: Vec<(String, String)>,
    /// Version of the Python that pickled the functions.
    pub version: String,
    pub settings: PythonSettings,
    pub is_barrier: bool,
}

/// A call: functions that are applied one after another, the first to arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PythonCall {
    pub args: Vec<PythonArg>,
    pub chain: Vec<Command>,
    pub result_id: i64,
}

/// Pickled `(function, return type)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Command(#[serde(with = "wire::bytes")] pub Arc<[u8]>);

/// Position of an argument among the columns that are sent, and its keyword.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PythonArg {
    pub offset: usize,
    pub name: Option<String>,
}

impl PythonTask {
    /// A task that runs `function` over whole rows, which are sent as one column of structs (`mapInArrow`).
    pub fn over_rows(function: &PythonFunction, is_barrier: bool) -> Self {
        let call = PythonCall {
            args: vec![PythonArg { offset: 0, name: None }],
            chain: vec![Command(Arc::clone(&function.command))],
            result_id: function.result_id,
        };
        Self::new(function, vec![call], is_barrier)
    }

    /// What stands for the functions where plans are shown and compared as texts.
    pub fn digest(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.eval_type.hash(&mut hasher);
        for call in &self.calls {
            (&call.args, &call.chain).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }

    /// A task of calls that are all of `function`'s eval type.
    pub fn new(function: &PythonFunction, calls: Vec<PythonCall>, is_barrier: bool) -> Self {
        let mut settings = function.settings.as_ref().clone();
        for name in &function.includes {
            if !settings.includes.contains(name) {
                settings.includes.push(name.clone());
            }
        }
        Self {
            eval_type: function.eval_type,
            calls,
            eval_conf: Vec::new(),
            version: function.version.clone(),
            settings,
            is_barrier,
        }
    }
}
