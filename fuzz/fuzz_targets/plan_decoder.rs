//! Any bytes, taken for a plan as AnalyzePlan takes them: nesting check, decoding, conversion, resolution; then
//! `explain`, which also optimises it and makes the physical plan. Nothing is run.
//!
//! The service turns a panic into an error, but libFuzzer's hook ends the process first: each panic is a finding.

#![no_main]

use firesteel_proto::nesting;
use firesteel_proto::spark::connect as proto;
use firesteel_server::connect::ConnectService;
use firesteel_server::engine::Engine;
use libfuzzer_sys::fuzz_target;
use prost::Message;
use proto::analyze_plan_request::explain::ExplainMode;
use proto::analyze_plan_request::{Analyze, Explain, Schema};
use proto::spark_connect_service_server::SparkConnectService;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::{Builder, Runtime};
use tonic::Request;

/// As much as the engine's own threads have.
const STACK_BYTES: usize = 256 << 20;
/// A session keeps what its plans leave behind (persisted marks, errors): a new one now and then.
const INPUTS_PER_SESSION: u64 = 1_000;

struct Server {
    runtime: Runtime,
    service: ConnectService,
    inputs: AtomicU64,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .expect("a runtime");
    let conf = vec![("spark.master".to_owned(), "local[1]".to_owned())];
    let engine = Engine::start(conf, runtime.handle().clone()).expect("an engine");
    Server { runtime, service: ConnectService::new(engine), inputs: AtomicU64::new(0) }
});

fuzz_target!(|bytes: &[u8]| {
    stacker::grow(STACK_BYTES, || analyze(bytes));
});

fn analyze(bytes: &[u8]) {
    if nesting::check("spark.connect.Plan", bytes).is_err() {
        return;
    }
    let Ok(plan) = proto::Plan::decode(bytes) else { return };
    let server = &*SERVER;
    let session = server.inputs.fetch_add(1, Ordering::Relaxed) / INPUTS_PER_SESSION;
    let ask = |analyze| {
        let request = proto::AnalyzePlanRequest {
            session_id: format!("00000000-0000-0000-0000-{session:012}"),
            analyze: Some(analyze),
            ..Default::default()
        };
        drop(server.runtime.block_on(server.service.analyze_plan(Request::new(request))));
    };
    let explain_mode = ExplainMode::Simple.into();
    ask(Analyze::Schema(Schema { plan: Some(plan.clone()) }));
    ask(Analyze::Explain(Explain { plan: Some(plan), explain_mode }));
}
