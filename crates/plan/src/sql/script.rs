//! SQL scripts: `BEGIN … END` with declarations, control flow and handlers. Read and checked, not run.

use super::error;
use super::parser::Parser;
use crate::spec::Command;
use firesteel_common::{Result, SparkError};

/// Labels of these names would hide schemas.
const FORBIDDEN_LABELS: &[&str] = &["builtin", "session", "system"];

/// What is in scope where a statement of a script stands.
#[derive(Default)]
struct Scope {
    /// Labels and FOR variables around the statement, in lower case; and whether a label is a loop's.
    labels: Vec<(String, bool)>,
    /// Conditions of each compound statement around it, in upper case.
    conditions: Vec<Vec<String>>,
}

/// How far a compound statement has come: declarations stand in this order.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Declarations,
    Handlers,
    Statements,
}

/// Where a list of statements stands.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    /// Directly in BEGIN … END: declarations are allowed.
    Compound,
    /// In a branch or a loop.
    Nested,
}

impl Parser<'_> {
    /// `BEGIN [NOT ATOMIC] … END`, the whole text.
    pub(super) fn script(&mut self) -> Result<Command> {
        let mut scope = Scope::default();
        self.compound(&mut scope)?;
        Ok(self.not_served("SQL scripts (BEGIN … END)"))
    }

    /// `BEGIN … END` without its labels.
    fn compound(&mut self, scope: &mut Scope) -> Result<()> {
        self.expect("BEGIN")?;
        if self.take("NOT") {
            self.expect("ATOMIC")?;
        }
        scope.conditions.push(Vec::new());
        if !self.is("END") {
            self.script_body(scope, Body::Compound, &["END"])?;
        }
        scope.conditions.pop();
        self.expect("END")
    }

    /// Statements, each with a semicolon after it, up to one of `ends`.
    fn script_body(&mut self, scope: &mut Scope, body: Body, ends: &[&str]) -> Result<()> {
        let mut stage = Stage::Declarations;
        loop {
            let reached = self.script_statement(scope, body, stage)?;
            if reached > stage {
                stage = reached;
            }
            self.expect(";")?;
            if self.is_one_of(ends) && !(self.is("END") && self.word_ahead(1) == "=") {
                return Ok(());
            }
            if self.is_end() {
                return Err(self.unexpected());
            }
        }
    }

    fn script_statement(&mut self, scope: &mut Scope, body: Body, stage: Stage) -> Result<Stage> {
        let start = self.start();
        let next = self.word_ahead(1);
        match self.word() {
            "DECLARE" if matches!(next, "CONTINUE" | "EXIT") && self.word_ahead(2) == "HANDLER" => {
                if body != Body::Compound || stage == Stage::Statements {
                    self.script_fault(
                        "INVALID_HANDLER_DECLARATION.WRONG_PLACE_OF_DECLARATION",
                        "Invalid handler declaration. Handlers must be declared after \
                         variable/condition/cursor declarations, and before other statements.",
                        start,
                    );
                }
                self.nested(|p| p.handler(scope))?;
                return Ok(Stage::Handlers);
            }
            "DECLARE" if self.word_ahead(2) == "CONDITION" => {
                self.condition(scope, body, stage)?;
                return Ok(Stage::Declarations);
            }
            "DECLARE" => {
                let name = self.declared_name();
                self.statement()?;
                if body != Body::Compound {
                    let message = format!(
                        "Invalid variable declaration. Declaration of the variable `{name}` is not \
                         allowed in this scope."
                    );
                    self.script_fault(
                        "INVALID_VARIABLE_DECLARATION.NOT_ALLOWED_IN_SCOPE",
                        &message,
                        start,
                    );
                } else if stage != Stage::Declarations {
                    let message = format!(
                        "Invalid variable declaration. Variable `{name}` can only be declared at the \
                         beginning of the compound."
                    );
                    self.script_fault(
                        "INVALID_VARIABLE_DECLARATION.ONLY_AT_BEGINNING",
                        &message,
                        start,
                    );
                }
                return Ok(Stage::Declarations);
            }
            "SET" => self.script_set()?,
            "IF" => self.nested(|p| p.script_if(scope))?,
            "CASE" => self.nested(|p| p.script_case(scope))?,
            "LEAVE" | "ITERATE" if next != "" => self.jump(scope)?,
            _ if self.begins_labelled() => self.nested(|p| p.labelled(scope))?,
            _ => {
                self.nested(Self::statement)?;
            }
        }
        Ok(Stage::Statements)
    }

    /// The name after DECLARE, for errors.
    fn declared_name(&self) -> String {
        let mut ahead = 1;
        if self.word_ahead(ahead) == "OR" {
            ahead += 2;
        }
        if matches!(self.word_ahead(ahead), "VARIABLE" | "VAR") && self.is_name_ahead(ahead + 1) {
            ahead += 1;
        }
        self.slice_ahead(ahead).to_owned()
    }

    /// A statement that may have a label, with it or without.
    fn begins_labelled(&self) -> bool {
        let ahead = if self.is_name() && self.word_ahead(1) == ":" { 2 } else { 0 };
        matches!(self.word_ahead(ahead), "BEGIN" | "WHILE" | "REPEAT" | "LOOP" | "FOR")
    }

    fn labelled(&mut self, scope: &mut Scope) -> Result<()> {
        let start = self.start();
        let label = if self.word_ahead(1) == ":" {
            let label = self.strict_name()?;
            self.expect(":")?;
            Some(label)
        } else {
            None
        };
        let is_loop = !self.is("BEGIN");
        if let Some(label) = &label {
            self.new_label(scope, label, start);
        }
        let n_labels = scope.labels.len();
        scope.labels.extend(label.as_ref().map(|label| (label.to_lowercase(), is_loop)));
        match self.word() {
            "BEGIN" => self.compound(scope)?,
            "WHILE" => {
                self.advance();
                self.expression()?;
                self.expect("DO")?;
                self.script_body(scope, Body::Nested, &["END"])?;
                self.expect_all(&["END", "WHILE"])?;
            }
            "REPEAT" => {
                self.advance();
                self.script_body(scope, Body::Nested, &["UNTIL"])?;
                self.expect("UNTIL")?;
                self.expression()?;
                self.expect_all(&["END", "REPEAT"])?;
            }
            "LOOP" => {
                self.advance();
                self.script_body(scope, Body::Nested, &["END"])?;
                self.expect_all(&["END", "LOOP"])?;
            }
            _ => self.script_for(scope)?,
        }
        scope.labels.truncate(n_labels);
        self.end_label(label.as_deref())
    }

    /// `FOR [variable AS] query DO … END FOR`.
    fn script_for(&mut self, scope: &mut Scope) -> Result<()> {
        let start = self.start();
        self.expect("FOR")?;
        if self.is_name() && self.word_ahead(1) == "AS" {
            let variable = self.strict_name()?;
            self.expect("AS")?;
            self.new_label(scope, &variable, start);
            scope.labels.push((variable.to_lowercase(), true));
        }
        let outer = std::mem::replace(&mut self.ends_at_do, true);
        let query = self.query();
        self.ends_at_do = outer;
        query?;
        self.expect("DO")?;
        self.script_body(scope, Body::Nested, &["END"])?;
        self.expect_all(&["END", "FOR"])
    }

    /// `IF condition THEN … [ELSEIF condition THEN …] [ELSE …] END IF`.
    fn script_if(&mut self, scope: &mut Scope) -> Result<()> {
        self.expect("IF")?;
        loop {
            self.expression()?;
            self.expect("THEN")?;
            self.script_body(scope, Body::Nested, &["ELSEIF", "ELSE", "END"])?;
            if !self.take("ELSEIF") {
                break;
            }
        }
        if self.take("ELSE") {
            self.script_body(scope, Body::Nested, &["END"])?;
        }
        self.expect_all(&["END", "IF"])
    }

    /// `CASE [value] WHEN … THEN … [ELSE …] END CASE`.
    fn script_case(&mut self, scope: &mut Scope) -> Result<()> {
        self.expect("CASE")?;
        if !self.is("WHEN") {
            self.expression()?;
        }
        self.expect("WHEN")?;
        loop {
            self.expression()?;
            self.expect("THEN")?;
            self.script_body(scope, Body::Nested, &["WHEN", "ELSE", "END"])?;
            if !self.take("WHEN") {
                break;
            }
        }
        if self.take("ELSE") {
            self.script_body(scope, Body::Nested, &["END"])?;
        }
        self.expect_all(&["END", "CASE"])
    }

    /// `SET a = 1, …`: no configuration here.
    fn script_set(&mut self) -> Result<()> {
        self.expect("SET")?;
        self.set_variables().map(|_| ())
    }

    /// `LEAVE label` or `ITERATE label`.
    fn jump(&mut self, scope: &Scope) -> Result<()> {
        let start = self.start();
        let is_leave = self.expect_one_of(&["LEAVE", "ITERATE"])? == "LEAVE";
        let label = self.strict_name()?.to_lowercase();
        let shown = label.to_uppercase();
        let begin = format!("The usage of the label {shown} is invalid.");
        match scope.labels.iter().rev().find(|(known, _)| *known == label) {
            None => {
                let word = if is_leave { "LEAVE" } else { "ITERATE" };
                let message = format!(
                    "{begin} Label was used in the {word} statement, but the label does not belong to \
                     any surrounding block."
                );
                self.script_fault("INVALID_LABEL_USAGE.DOES_NOT_EXIST", &message, start);
            }
            Some((_, false)) if !is_leave => {
                let message = format!(
                    "{begin} ITERATE statement cannot be used with a label that belongs to a compound \
                     (BEGIN...END) body."
                );
                self.script_fault("INVALID_LABEL_USAGE.ITERATE_IN_COMPOUND", &message, start);
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn new_label(&mut self, scope: &Scope, label: &str, start: usize) {
        let label = label.to_lowercase();
        let what = format!("The label or FOR variable `{label}` already exists.");
        if scope.labels.iter().any(|(known, _)| *known == label) {
            let message = format!("{what} Choose another name or rename the existing one.");
            self.script_fault("LABEL_OR_FOR_VARIABLE_ALREADY_EXISTS", &message, start);
        } else if FORBIDDEN_LABELS.contains(&label.as_str()) || label.starts_with("sys") {
            let message = format!("The label or FOR variable name `{label}` is forbidden.");
            self.script_fault("LABEL_OR_FOR_VARIABLE_NAME_FORBIDDEN", &message, start);
        }
    }

    /// `[label]` after END, which must be the one at the beginning.
    fn end_label(&mut self, begin: Option<&str>) -> Result<()> {
        if !self.is_name() {
            return Ok(());
        }
        let start = self.start();
        let end = self.strict_name()?.to_lowercase();
        match begin.map(str::to_lowercase) {
            None => {
                let message = format!("End label `{end}` can not exist without begin label.");
                self.script_fault("END_LABEL_WITHOUT_BEGIN_LABEL", &message, start);
            }
            Some(begin) if begin != end => {
                let message =
                    format!("Begin label `{begin}` does not match the end label `{end}`.");
                self.script_fault("LABELS_MISMATCH", &message, start);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// `DECLARE name CONDITION [FOR SQLSTATE [VALUE] '…']`.
    fn condition(&mut self, scope: &mut Scope, body: Body, stage: Stage) -> Result<()> {
        let start = self.start();
        self.expect("DECLARE")?;
        let name = self.strict_name()?.to_uppercase();
        self.expect("CONDITION")?;
        if self.take("FOR") {
            self.expect("SQLSTATE")?;
            self.sql_state()?;
        }
        if body != Body::Compound || stage != Stage::Declarations {
            let message = format!(
                "Invalid condition declaration. Condition `{name}` can only be declared at the start of a \
                 BEGIN END compound statement."
            );
            let condition =
                "INVALID_ERROR_CONDITION_DECLARATION.NOT_AT_START_OF_COMPOUND_STATEMENT";
            self.script_fault(condition, &message, start);
        }
        if !name.chars().all(|c| c == '_' || c.is_alphanumeric()) {
            let message = format!(
                "Invalid condition declaration. Special character found in condition name `{}`. Only \
                 alphanumeric characters and underscores are allowed.",
                name.to_lowercase()
            );
            let condition = "INVALID_ERROR_CONDITION_DECLARATION.SPECIAL_CHARACTER_FOUND";
            self.script_fault(condition, &message, start);
        }
        let is_known = scope.conditions.iter().flatten().any(|known| *known == name);
        let Some(known) = scope.conditions.last_mut() else { return Ok(()) };
        if is_known {
            let message = format!(
                "Found duplicate condition `{name}` in the scope. Please, remove one of them."
            );
            self.script_fault("DUPLICATE_CONDITION_IN_SCOPE", &message, start);
        } else {
            known.push(name);
        }
        Ok(())
    }

    /// `[VALUE] '12345'`: five letters or digits, not those of success and completion.
    fn sql_state(&mut self) -> Result<String> {
        let start = self.start();
        self.take("VALUE");
        let state = self.string()?;
        let is_valid = state.len() == 5
            && state.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            && !["00", "01", "XX"].iter().any(|class| state.starts_with(class));
        if !is_valid {
            let message = format!(
                "Invalid SQLSTATE value: '{state}'. SQLSTATE must be exactly 5 characters long and contain only A-Z and 0-9. SQLSTATE must not start with '00', '01', or 'XX'."
            );
            self.script_fault("INVALID_SQLSTATE", &message, start);
        }
        Ok(state)
    }

    /// `DECLARE EXIT HANDLER FOR condition, … statement`.
    fn handler(&mut self, scope: &mut Scope) -> Result<()> {
        let start = self.start();
        self.expect("DECLARE")?;
        let is_continue = self.expect_one_of(&["CONTINUE", "EXIT"])? == "CONTINUE";
        self.expect_all(&["HANDLER", "FOR"])?;
        let (mut names, mut states, mut n_general) = (Vec::new(), Vec::new(), 0);
        self.list(|p| {
            if p.take("SQLSTATE") {
                let state = p.sql_state()?;
                if states.contains(&state) {
                    let message = format!("Invalid handler declaration. Found duplicate sqlState {state} in the handler declaration. Please, remove one of them.");
                    p.script_fault("INVALID_HANDLER_DECLARATION.DUPLICATE_SQLSTATE_IN_HANDLER_DECLARATION", &message, start);
                }
                states.push(state);
            } else if p.take("SQLEXCEPTION") || p.take_all(&["NOT", "FOUND"]) {
                n_general += 1;
            } else {
                let name = p.multipart_name()?.join(".").to_uppercase();
                if names.contains(&name) {
                    let message = format!("Invalid handler declaration. Found duplicate condition {name} in the handler declaration. Please, remove one of them.");
                    p.script_fault("INVALID_HANDLER_DECLARATION.DUPLICATE_CONDITION_IN_HANDLER_DECLARATION", &message, start);
                }
                names.push(name);
            }
            Ok(())
        })?;
        if is_continue {
            let message = "The feature is not supported: CONTINUE exception handler is not supported. Use \
                           EXIT handler.";
            self.script_fault("UNSUPPORTED_FEATURE.CONTINUE_EXCEPTION_HANDLER", message, start);
        }
        if n_general > 1 || (n_general == 1 && !(names.is_empty() && states.is_empty())) {
            let message = "Invalid handler declaration. Invalid combination of conditions in the handler \
                           declaration. SQLEXCEPTION and NOT FOUND cannot be used together with other \
                           condition/sqlstate values.";
            self.script_fault(
                "INVALID_HANDLER_DECLARATION.INVALID_CONDITION_COMBINATION",
                message,
                start,
            );
        }
        // A condition is one of the engine's own or declared around the handler.
        let unknown = names.iter().find(|name| {
            !scope.conditions.iter().flatten().any(|known| known == *name)
                && firesteel_common::error::sql_state(name).is_none()
        });
        if let Some(name) = unknown {
            let message = format!("Invalid handler declaration. Condition {name} not found.");
            self.script_fault("INVALID_HANDLER_DECLARATION.CONDITION_NOT_FOUND", &message, start);
        }
        match self.word() {
            "BEGIN" => {
                // A handler sees no labels of the statements that it handles.
                let labels = std::mem::take(&mut scope.labels);
                self.compound(scope)?;
                scope.labels = labels;
                Ok(())
            }
            "SET" => self.script_set(),
            _ => self.statement().map(|_| ()),
        }
    }

    fn script_fault(&mut self, condition: &str, message: &str, start: usize) {
        let error: SparkError = error::at(&self.origin(start), condition, message);
        self.fault(error);
    }
}
