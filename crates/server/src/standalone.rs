//! The engine as a server of its own, for many clients.

use crate::engine::{Engine, Runtimes};
use crate::listen::Listener;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When the address cannot be bound or a `--conf` is not `key=value`.
pub fn run(
    runtimes: Runtimes,
    host: IpAddr,
    port: u16,
    conf: &[String],
) -> Result<(), Box<dyn Error>> {
    let conf = conf
        .iter()
        .map(|pair| pair.split_once('=').ok_or_else(|| format!("--conf {pair}: not key=value")))
        .map(|pair| pair.map(|(key, value)| (key.to_owned(), value.to_owned())))
        .collect::<Result<Vec<_>, _>>()?;
    crate::log::start(&conf);
    let given = std::env::var("FIRESTEEL_TOKEN").ok().filter(|token| !token.is_empty());
    let generated = given.is_none();
    let token = given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let engine = Engine::start(conf, runtimes.queries.handle().clone())?;
    runtimes.calls.block_on(async {
        let listener = Listener::bind(host, port).await?;
        let name = if host.is_loopback() { "localhost".to_owned() } else { host.to_string() };
        let secret = if generated { token.as_str() } else { "$FIRESTEEL_TOKEN" };
        println!("Firesteel serves at sc://{name}:{}/;token={secret}", listener.port());
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let engine = Arc::clone(&engine);
        let serve = listener.serve(engine, token.clone(), std::future::pending());
        // Open streams would hold a graceful shutdown back; the clients learn of the end anyway.
        tokio::select! {
            ended = serve => ended.map_err(Box::<dyn Error>::from),
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }
    })?;
    engine.clean_up();
    runtimes.calls.shutdown_background();
    runtimes.queries.shutdown_background();
    Ok(())
}
