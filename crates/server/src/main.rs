//! The engine binary: `firesteel-engine embedded` (a child of the user's Python) and
//! `firesteel-engine server` (for many clients).

use clap::{Parser, Subcommand};
use firesteel_server::{Runtimes, embedded, standalone};
use std::net::IpAddr;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stack of every thread of the runtime. Address space only: pages are taken when touched. Plans are
/// up to a thousand levels deep, and decoding, resolving, optimizing and dropping them all recurse.
const THREAD_STACK_BYTES: usize = 256 << 20;

#[derive(Parser)]
#[command(name = "firesteel-engine", version, about = "The Firesteel engine")]
struct Arguments {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Serve the process that started this one: options as a JSON line on stdin, port on stdout.
    Embedded,
    /// Serve many clients until SIGTERM. The token comes from FIRESTEEL_TOKEN.
    Server {
        #[arg(long, default_value = "127.0.0.1")]
        host: IpAddr,
        #[arg(long, default_value_t = 15002)]
        port: u16,
        /// Configuration, `key=value`; may be repeated.
        #[arg(long = "conf")]
        conf: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = runtimes().map_err(Into::into).and_then(|runtimes| match arguments.mode {
        Mode::Embedded => embedded::run(runtimes),
        Mode::Server { host, port, conf } => standalone::run(runtimes, host, port, &conf),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("firesteel-engine: {error}");
            ExitCode::FAILURE
        }
    }
}

fn runtimes() -> std::io::Result<Runtimes> {
    let build = |name: &str| {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name(name)
            .thread_stack_size(THREAD_STACK_BYTES)
            .build()
    };
    Ok(Runtimes { calls: build("firesteel")?, queries: build("firesteel-query")? })
}
