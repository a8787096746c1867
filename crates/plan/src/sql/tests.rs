//! Whole texts: what is accepted, what is refused, and what comes out.

use super::*;
#[test]
fn accepts_queries() {
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/tests/tpch/queries"))
            .unwrap()
    {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for statement in split_statements(&text) {
            if let Err(error) = parse_statement(&statement) {
                panic!("{path:?}: {error}");
            }
        }
    }
}
