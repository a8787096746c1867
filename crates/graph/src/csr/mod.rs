//! Graphs as compressed sparse rows.
