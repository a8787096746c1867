//! Statements by their first words.

use super::parser::Parser;
use crate::spec::{Command, Plan};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Plan> {
        match self.word() {
            "SELECT" | "WITH" | "FROM" | "VALUES" | "TABLE" | "(" | "MAP" | "REDUCE" => {
                Ok(Plan::Query(self.query()?))
            }
            _ => Ok(Plan::Command(Command::Unsupported { statement: self.slice().to_owned() })),
        }
    }
}
