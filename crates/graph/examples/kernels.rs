//! Runs kernels alone on request, for `benchmarks/graph.py`.
//!
//! `kernels FILE N_VERTICES N_THREADS` reads edges (pairs of little-endian u32), answers `ready`, then one line for each
//! line of input, which is the name of a kernel.

use std::io::{BufRead, Read, Write};

use firesteel_common::{Result, SparkError};
use firesteel_graph::csr::{Direction, Graph};
use firesteel_graph::kernel::{self, NONE, Unwatched, Watch};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, n, n_threads] = arguments.as_slice() else {
        return Err(failed("kernels FILE N_VERTICES N_THREADS"));
    };
    let graph = read(file, n.parse().map_err(failed)?)?;
    let watch = Unwatched(n_threads.parse().map_err(failed)?);
    answer("ready")?;
    for line in std::io::stdin().lock().lines() {
        answer(&run(&graph, line.map_err(failed)?.trim(), &watch)?)?;
    }
    Ok(())
}

fn read(file: &str, n: usize) -> Result<Graph> {
    const PIECE: usize = 8 << 20;
    let mut source = std::fs::File::open(file).map_err(failed)?;
    let mut pieces = Vec::new();
    loop {
        let mut bytes = Vec::with_capacity(PIECE);
        Read::by_ref(&mut source).take(PIECE as u64).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.is_empty() {
            return Graph::new(n, pieces);
        }
        let end =
            |bytes: &[u8]| bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        pieces.push(bytes.chunks_exact(8).map(|pair| [end(&pair[..4]), end(&pair[4..])]).collect());
    }
}

fn run(graph: &Graph, name: &str, watch: &dyn Watch) -> Result<String> {
    let roots = |labels: &[u32]| {
        labels.iter().zip(0..).filter(|(label, vertex)| **label == *vertex).count()
    };
    let reached = |levels: &[u32]| levels.iter().filter(|level| **level != NONE).count();
    Ok(match name {
        "pagerank" => kernel::page_rank(graph, 0.15, None, 10, watch)?.len().to_string(),
        "components" => roots(&kernel::connected_components(graph, watch)?).to_string(),
        "strong components" => {
            roots(&kernel::strongly_connected_components(graph, usize::MAX, watch)?).to_string()
        }
        "triangles" => (kernel::triangle_count(graph, watch)?.iter().sum::<u64>() / 3).to_string(),
        "labels" => kernel::label_propagation(graph, 10, Direction::Both, watch)?.len().to_string(),
        "bfs" => {
            reached(&kernel::levels(graph, &[0], Direction::Out, NONE - 1, watch)?).to_string()
        }
        "landmarks" => {
            let found = kernel::shortest_paths(graph, &[0, 1, 2, 3, 4], true, watch)?;
            found.iter().map(|levels| reached(levels)).sum::<usize>().to_string()
        }
        "cores" => kernel::k_core(graph, watch)?.into_iter().max().unwrap_or(0).to_string(),
        "adjacency" => {
            // What a first kernel pays on a graph that has just been read.
            let edges = Graph::new(graph.len(), graph.edges().to_vec())?;
            let started = std::time::Instant::now();
            edges.adjacency(Direction::Out, watch.n_threads())?;
            let out = started.elapsed();
            edges.adjacency(Direction::Both, watch.n_threads())?;
            format!(
                "out {:.3} s, both {:.3} s",
                out.as_secs_f64(),
                (started.elapsed() - out).as_secs_f64()
            )
        }
        other => return Err(failed(format!("no kernel is called {other}"))),
    })
}

fn answer(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(failed)
}

fn failed(reason: impl ToString) -> SparkError {
    SparkError::internal(reason.to_string())
}
