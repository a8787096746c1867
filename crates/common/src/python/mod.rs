//! Python functions as plans hold them: bytes that a worker unpickles, and what the worker is told beside
//! the data. Nothing here knows processes or sockets; `engine/python` does.

mod aggregate;
mod callee;
mod data_source;
mod function;
mod scalar;
mod settings;
mod source_filter;
mod table_function;
mod task;
mod variant;

pub use aggregate::PythonUdaf;
pub use callee::Callee;
pub use data_source::{
    DataSourceInstance, DataSourceRead, DataSourceSchema, DataSourceWrite, PythonDataSource,
};
pub use function::{EvalType, PythonFunction};
pub use scalar::PythonUdf;
pub use settings::PythonSettings;
pub use source_filter::SourceFilter;
pub use table_function::{AnalyzeArg, AnalyzeCall, Analyzed, AnalyzedOrder, PythonTableTask};
pub use task::{Command, PythonArg, PythonCall, PythonTask};
