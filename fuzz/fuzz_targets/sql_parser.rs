//! Any text, read as a script, as a statement and as the other things that a client sends as SQL text.

#![no_main]

use firesteel_plan::sql;
use libfuzzer_sys::fuzz_target;

/// As much as the engine's own threads have, of which the parser's bound on nesting is a share.
const STACK_BYTES: usize = 256 << 20;

fuzz_target!(|text: &str| {
    stacker::grow(STACK_BYTES, || {
        for statement in sql::split_statements(text) {
            drop(sql::parse_statement(&statement));
        }
        drop(sql::parse_statement(text));
        drop(sql::parse_expression(text));
        drop(sql::parse_type(text));
        drop(sql::parse_name(text));
        drop(sql::parse_schema(text));
    });
});
