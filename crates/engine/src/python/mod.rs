//! Python workers: unmodified `pyspark.daemon` and `pyspark.worker` processes that run users' functions.
//!
//! ```text
//!   operator ──▶ Stage ──▶ attempts ──Job──▶ run::Session ──▶ pool::Worker ── forked by ── daemon::Daemon (one per WorkerKey.daemon)
//!     daemon.py  starts a daemon, spares its workers collections of garbage
//!     start.rs   what is said before the data            (socket)
//!     ipc.rs     Arrow streams, batch by batch
//!     pickle/    pickled rows, for functions that use no Arrow
//!     columns.rs our columns as Python sees them, and back
//!     analyze.rs table functions say what they give, before a query is planned
//!     data_source.rs sources in Python say what they hold
//!     frames.rs  rows that a function over a window sees
//!     groups.rs  groups and pairs of groups as streams
//!     replay.rs  what a task needs to be tried again
//!     graves.rs  what dead workers leave on disk
//!     stage.rs   what the tasks of an operator share, and how each runs
//!     keyed_order.rs groups in sorted rows
//!     barrier.rs tasks that wait for one another
//!     waiting.rs rows that wait for what Python makes of them
//!     gate.rs    how many workers of an operator are busy at once
//!     failure.rs what goes wrong, as Spark says it
//! ```
//!
//! To run another kind of function:
//! - **Another payload** (table functions): `start::head`, then the payload into the same [`Message`].
//! - **Another framing** (groups): the input of [`Stage::answers`] is a stream of bytes that go out as they are. For `group(1)` send
//!   int 1 and one whole Arrow stream ([`ipc::Encoder`], `finish` included) per group, for `group(2)` int 2 and two
//!   streams, at last int 0. Pickles are frames: [`Message::blob`], at last int -1. The end of stream is added.
//! - **Answers** are told apart by themselves: [`Answer::Batch`], [`Answer::Frame`], [`Answer::End`].
//! - **Another module** (`pyspark.sql.worker.analyze_udtf`, …): `worker_key` takes its name; its conversation is
//!   not a task's: take a [`Worker`] and speak over `take_stream`; `keep` it if it ends with -4, else `retire`.
//!
//! A [`Worker`] that is dropped is killed: whatever goes wrong between, nobody has to remember it.

mod analyze;
mod attempt;
mod attempts;
mod barrier;
pub mod columns;
mod daemon;
mod data_source;
mod failure;
pub mod frames;
mod gate;
mod graves;
pub mod groups;
pub mod ipc;
mod keyed_order;
mod message;
pub mod pickle;
mod pool;
mod replay;
mod run;
mod stage;
pub mod start;
pub mod stream;
pub mod waiting;

pub use analyze::analyze_table_function;
pub use attempt::Barrier;
pub use barrier::too_few_slots;
pub use daemon::DaemonKey;
pub use data_source::{
    commit_data_source_write, create_data_source, plan_data_source_read, plan_data_source_write,
    push_data_source_filters,
};
pub use failure::{died, is_death, raised};
pub use gate::{Gate, Permit};
pub use keyed_order::{KeyedOrder, KeyedOrderParts};
pub use message::{Message, special};
pub use pool::{Worker, WorkerKey, forget_isolation, use_directory};
pub use run::{Answer, Summary};
pub use stage::{Chunks, Rows, Stage, StageId, computed};
pub use start::{Attempt, WORKER_MODULE, worker_key};
