//! R's model formulae as far as Spark reads them: `label ~ terms`, with `+ - : * ^ . 0 1` and parentheses.

use crate::error;
use firesteel_common::Result;

/// A factor of an interaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Factor {
    Column(String),
    /// All columns but the label.
    Dot,
}

/// A piece of the right side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    Dot,
    /// A column, or columns multiplied.
    Interaction(Vec<Factor>),
    /// 1, or 0 for a model without it.
    Intercept(bool),
    /// Takes out what stands before it.
    Deletion(Box<Term>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Formula {
    /// Empty if there is none.
    pub label: String,
    pub terms: Vec<Term>,
}

/// # Errors
/// Spark's, with the whole formula.
pub(super) fn parse(text: &str) -> Result<Formula> {
    let mut parser = Parser { rest: text };
    parser.formula().ok_or_else(|| error::illegal(format!("Could not parse formula: {text}")))
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn formula(&mut self) -> Option<Formula> {
        let label = self.column().unwrap_or_default();
        if !self.eat('~') {
            return None;
        }
        let terms = self.sum()?;
        self.skip();
        self.rest.is_empty().then_some(Formula { label, terms })
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.skip();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A name: letters, digits, dots and underscores, beginning with a letter, or a dot and no digit.
    fn column(&mut self) -> Option<String> {
        self.skip();
        let mut letters = self.rest.chars();
        let first = letters.next()?;
        let second = letters.next();
        let begins = first.is_ascii_alphabetic()
            || (first == '.' && second.is_some_and(|c| c.is_ascii_alphabetic() || c == '_'));
        if !begins {
            return None;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(name.to_owned())
    }

    fn sum(&mut self) -> Option<Vec<Term>> {
        let mut left = self.product()?;
        loop {
            if self.eat('+') {
                left.extend(self.product()?);
            } else if self.eat('-') {
                let right = self.product()?;
                left.extend(right.into_iter().map(|term| Term::Deletion(Box::new(term))));
            } else {
                return Some(left);
            }
        }
    }

    fn product(&mut self) -> Option<Vec<Term>> {
        let mut left = self.interaction()?;
        while self.eat('*') {
            let right = self.interaction()?;
            left = cross(&left, &right);
        }
        Some(left)
    }

    fn interaction(&mut self) -> Option<Vec<Term>> {
        let mut left = self.power()?;
        while self.eat(':') {
            let right = self.power()?;
            left = interact(&left, &right);
        }
        Some(left)
    }

    fn power(&mut self) -> Option<Vec<Term>> {
        let base = self.term()?;
        if !self.eat('^') {
            return Some(base);
        }
        self.skip();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        if digits.starts_with('0') {
            return None;
        }
        let degree: u32 = digits.parse().ok().filter(|degree| *degree <= 64)?;
        self.rest = rest;
        let mut all = base.clone();
        for _ in 1..degree {
            all = cross(&all, &base);
        }
        Some(all)
    }

    fn term(&mut self) -> Option<Vec<Term>> {
        if self.eat('(') {
            let inner = self.sum()?;
            return self.eat(')').then_some(inner);
        }
        if self.eat('1') {
            return Some(vec![Term::Intercept(true)]);
        }
        if self.eat('0') {
            return Some(vec![Term::Intercept(false)]);
        }
        if let Some(name) = self.column() {
            return Some(vec![Term::Interaction(vec![Factor::Column(name)])]);
        }
        self.eat('.').then(|| vec![Term::Dot])
    }
}

/// `a * b`: both, and what they make together.
fn cross(left: &[Term], right: &[Term]) -> Vec<Term> {
    let mut all = [left, right].concat();
    all.extend(interact(left, right));
    let mut distinct: Vec<Term> = Vec::with_capacity(all.len());
    // Repetitions would be dropped later; here they would grow with every power.
    for term in all {
        if !distinct.contains(&term) {
            distinct.push(term);
        }
    }
    distinct
}

/// `a : b`: each term of one with each of the other.
fn interact(left: &[Term], right: &[Term]) -> Vec<Term> {
    let factors = |term: &Term| match term {
        Term::Dot => Some(vec![Factor::Dot]),
        Term::Interaction(factors) => Some(factors.clone()),
        // An intercept multiplies nothing.
        Term::Intercept(_) | Term::Deletion(_) => None,
    };
    let mut all = Vec::new();
    for a in left.iter().filter_map(factors) {
        for b in right.iter().filter_map(factors) {
            let mut both = a.clone();
            both.extend(b);
            all.push(Term::Interaction(both));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let column = |name: &str| Term::Interaction(vec![Factor::Column(name.to_owned())]);
        let parsed = parse("y ~ a + b.c - 1").ok();
        let terms =
            vec![column("a"), column("b.c"), Term::Deletion(Box::new(Term::Intercept(true)))];
        assert_eq!(parsed, Some(Formula { label: "y".to_owned(), terms }));
        assert_eq!(parse("~ (a + b)^2").map(|formula| formula.terms.len()).ok(), Some(6));
        for wrong in ["y", "y ~", "y ~~ a", "y ~ a +", "y ~ `a`", "y ~ (a", "y ~ a^0"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
