//! The engine as a child of the user's Python process.
//!
//! Contract: the parent writes one JSON line to stdin, `{"token", "parent_pid", "conf"}`; the engine
//! answers one JSON line on stdout, `{"port", "pid"}`, and serves until stdin ends or the parent is
//! gone, whichever it learns first. Then it ends at once: nobody is left to answer to.

use crate::engine::{Engine, Runtimes};
use crate::listen::Listener;
use std::error::Error;
use std::io::{BufRead, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

/// How often the parent is looked for. A closed pipe tells at once; this is for the case that another
/// process inherited the pipe's other end.
const PARENT_CHECK_INTERVAL: Duration = Duration::from_millis(500);

const SESSION_TIMEOUT: &str = "spark.connect.session.manager.defaultSessionTimeout";

/// Runs until the parent is gone.
///
/// # Errors
/// When the options cannot be read or no port can be bound.
pub fn run(runtimes: Runtimes) -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let options: serde_json::Value =
        serde_json::from_str(&line).map_err(|error| format!("bad options on stdin: {error}"))?;
    let token = options["token"].as_str().filter(|token| !token.is_empty());
    let token = token.ok_or("no token on stdin")?.to_owned();
    let parent_pid = options["parent_pid"].as_u64();
    let conf = options["conf"].as_object().into_iter().flatten().map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), value)
    });
    let mut conf: Vec<(String, String)> = conf.collect();
    // A notebook may rest overnight: the engine's life is its parent's, and so is the session's.
    if !conf.iter().any(|(key, _)| key == SESSION_TIMEOUT) {
        conf.push((SESSION_TIMEOUT.to_owned(), "-1".to_owned()));
    }

    crate::log::start(&conf);
    let listener = runtimes.calls.block_on(Listener::bind(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))?;
    let engine = Engine::start(conf, runtimes.queries.handle().clone())?;
    let ready = serde_json::json!({"port": listener.port(), "pid": std::process::id()});
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    drop(stdout);

    end_with_pipe(Arc::clone(&engine))?;
    if let Some(parent_pid) = parent_pid {
        end_with_parent(parent_pid, Arc::clone(&engine))?;
    }
    let calls = listener.serve(Arc::clone(&engine), token, std::future::pending());
    runtimes.calls.block_on(calls)?;
    engine.clean_up();
    Ok(())
}

/// Ends the process when stdin does.
fn end_with_pipe(engine: Arc<Engine>) -> std::io::Result<()> {
    let wait = move || {
        let mut rest = [0; 256];
        loop {
            match std::io::stdin().lock().read(&mut rest) {
                Ok(0) | Err(_) => leave(&engine),
                Ok(_) => {}
            }
        }
    };
    std::thread::Builder::new().name("parent-pipe".into()).spawn(wait).map(drop)
}

/// Ends the process when its parent is no longer the one that started it.
fn end_with_parent(parent_pid: u64, engine: Arc<Engine>) -> std::io::Result<()> {
    let watch = move || {
        loop {
            if u64::from(std::os::unix::process::parent_id()) != parent_pid {
                leave(&engine);
            }
            std::thread::sleep(PARENT_CHECK_INTERVAL);
        }
    };
    std::thread::Builder::new().name("parent-watch".into()).spawn(watch).map(drop)
}

fn leave(engine: &Engine) -> ! {
    engine.clean_up();
    std::process::exit(0)
}
