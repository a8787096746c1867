//! CREATE and DROP by the kind of the thing; databases.

use super::alter::schema_collation;
use super::error;
use super::parser::Parser;
use crate::spec::{Command, ViewKind};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn create(&mut self) -> Result<Command> {
        let start = self.start();
        // Modifiers come first and the kind of the thing after them.
        let mut ahead = 1;
        let replace = self.word_ahead(1) == "OR" && self.word_ahead(2) == "REPLACE";
        ahead += if replace { 2 } else { 0 };
        let global = self.word_ahead(ahead) == "GLOBAL";
        ahead += usize::from(global);
        let temporary = matches!(self.word_ahead(ahead), "TEMPORARY" | "TEMP");
        ahead += usize::from(temporary);
        let external = self.word_ahead(ahead) == "EXTERNAL";
        ahead += usize::from(external);
        let plain = ahead == 1;
        let kind = match (global, temporary) {
            (true, _) => ViewKind::GlobalTemporary,
            (false, true) => ViewKind::Temporary,
            (false, false) => ViewKind::Persistent,
        };
        let next = self.word_ahead(ahead + 1);
        match self.word_ahead(ahead) {
            "VIEW" if !external && temporary >= global => {
                (0..=ahead).for_each(|_| self.advance());
                self.create_view(kind, replace, start)
            }
            "TABLE" if !global && !(replace && (temporary || external)) => {
                (0..ahead).for_each(|_| self.advance());
                self.create_table(replace, temporary, external, start)
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" if plain => {
                self.advance();
                self.advance();
                self.create_database(start)
            }
            "FUNCTION" if !global && !external => {
                (0..=ahead).for_each(|_| self.advance());
                self.create_function(temporary, replace, start)
            }
            "MATERIALIZED" | "STREAMING" if plain => {
                self.advance();
                self.pipeline_dataset(start)
            }
            "FLOW" if plain => {
                self.advance();
                self.pipeline_flow(start)
            }
            "INDEX" if plain => {
                self.advance();
                match self.attempt(Self::create_index) {
                    Some(command) => Ok(command),
                    None => Err(self.refused_as("CREATE INDEX", start)),
                }
            }
            "ROLE" if plain => Err(self.refused_as("CREATE ROLE", start)),
            "MACRO" if temporary && ahead == 2 => {
                Err(self.refused_as("CREATE TEMPORARY MACRO", start))
            }
            "METRIC" | "PROCEDURE" | "VARIABLE" if plain && next != "" => {
                (0..ahead).for_each(|_| self.advance());
                Err(self.unexpected())
            }
            _ => {
                (0..ahead).for_each(|_| self.advance());
                Err(self.unexpected())
            }
        }
    }

    /// `[IF NOT EXISTS]`.
    pub(super) fn if_not_exists(&mut self) -> Result<bool> {
        if !(self.is("IF") && matches!(self.word_ahead(1), "NOT" | "!")) {
            return Ok(false);
        }
        self.advance();
        self.not()?;
        self.expect("EXISTS")?;
        Ok(true)
    }

    /// NOT; also `!`, which was allowed here once.
    pub(super) fn not(&mut self) -> Result<()> {
        if self.is("!") {
            let start = self.start();
            self.advance();
            let error = self.bang(start);
            self.fault(error);
            return Ok(());
        }
        self.expect("NOT")
    }

    /// After DATABASE.
    fn create_database(&mut self, start: usize) -> Result<Command> {
        let if_not_exists = self.if_not_exists()?;
        let name = self.identifier_reference()?;
        let (mut comment, mut location, mut properties) = (None, None, Vec::new());
        let mut seen = Vec::new();
        let mut words = Vec::new();
        loop {
            let clause = match self.word() {
                "COMMENT" => {
                    self.advance();
                    comment = Some(self.string()?);
                    "COMMENT"
                }
                "LOCATION" => {
                    self.advance();
                    location = Some(self.string()?);
                    "LOCATION"
                }
                "WITH" => {
                    self.advance();
                    let word = self.expect_one_of(&["DBPROPERTIES", "PROPERTIES"])?;
                    properties = self.property_list_with_values()?;
                    words.push(word);
                    word
                }
                "DEFAULT" => {
                    self.expect_all(&["DEFAULT", "COLLATION"])?;
                    self.plain_name()?;
                    let error = schema_collation(self, start);
                    self.statement_fault(error, start);
                    "DEFAULT COLLATION"
                }
                _ => break,
            };
            self.clause_once(&mut seen, clause, start);
        }
        if words.contains(&"PROPERTIES") && words.contains(&"DBPROPERTIES") {
            let message = "The feature is not supported: set PROPERTIES and DBPROPERTIES at the same \
                           time.";
            let condition = "UNSUPPORTED_FEATURE.SET_PROPERTIES_AND_DBPROPERTIES";
            let error = error::at(&self.origin(start), condition, message);
            self.statement_fault(error, start);
        }
        self.check_namespace_properties(&properties, start);
        Ok(Command::CreateDatabase { name, if_not_exists, comment, location, properties })
    }

    /// Properties of a database that have a clause of their own.
    fn check_namespace_properties(&mut self, properties: &[(String, String)], start: usize) {
        let hint = |key: &str| match key {
            "location" => Some("please use the LOCATION clause to specify it"),
            "owner" => Some("it will be set to the current user"),
            _ => None,
        };
        let Some((key, hint)) =
            properties.iter().find_map(|(key, _)| Some((key.clone(), hint(key)?)))
        else {
            return;
        };
        let message = format!(
            "The feature is not supported: {key} is a reserved namespace property, {hint}."
        );
        let condition = "UNSUPPORTED_FEATURE.SET_NAMESPACE_PROPERTY";
        let error = error::at(&self.origin(start), condition, message);
        self.statement_fault(error.with("property", key).with("msg", hint), start);
    }

    pub(super) fn drop(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("DROP")?;
        let kind = self.word();
        match kind {
            "TABLE" | "VIEW" => {
                self.advance();
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                let name = self.identifier_reference()?;
                if kind == "VIEW" {
                    return Ok(Command::DropView { name, if_exists });
                }
                let purge = self.take("PURGE");
                Ok(Command::DropTable { name, if_exists, purge })
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" => {
                self.advance();
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                let name = self.identifier_reference()?;
                let cascade = self.take_one_of(&["RESTRICT", "CASCADE"]) == Some("CASCADE");
                Ok(Command::DropDatabase { name, if_exists, cascade })
            }
            "TEMPORARY" | "TEMP" => match self.word_ahead(1) {
                "VARIABLE" | "VAR" => {
                    self.advance();
                    self.drop_variable()
                }
                "MACRO" => Err(self.refused_as("DROP TEMPORARY MACRO", start)),
                _ => {
                    self.advance();
                    self.expect("FUNCTION")?;
                    self.drop_function(true, start)
                }
            },
            "FUNCTION" => {
                self.advance();
                self.drop_function(false, start)
            }
            "INDEX" => match self.attempt(Self::drop_index) {
                Some(command) => Ok(command),
                None => Err(self.refused_as("DROP INDEX", start)),
            },
            "ROLE" => Err(self.refused_as("DROP ROLE", start)),
            _ => Err(self.unexpected()),
        }
    }
}
