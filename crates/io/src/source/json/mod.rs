//! JSON files (being written).
