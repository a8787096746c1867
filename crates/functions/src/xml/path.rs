//! XPath 1.0 expressions as trees.

/// Expressions are refused beyond this many levels.
const DEPTH_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    Call(String, Vec<Expr>),
    /// What `from` gives, filtered, then the steps; without `from` the steps start at the context, or at the
    /// document.
    Path {
        from: Option<Box<Expr>>,
        filters: Vec<Expr>,
        absolute: bool,
        steps: Vec<Step>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    Union,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub axis: Axis,
    pub test: Test,
    pub predicates: Vec<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
    Itself,
    Parent,
    Ancestor,
    AncestorOrSelf,
    Attribute,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Name(String),
    AnyName,
    AnyNode,
    Text,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Symbol(&'static str),
}

/// The expression, or none where the text is none.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.level(0)?;
    (parser.at == parser.tokens.len()).then_some(expr)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    const SYMBOLS: [&str; 24] = [
        "//", "::", "..", "<=", ">=", "!=", "/", "(", ")", "[", "]", "@", ",", "|", "+", "-", "=",
        "<", ">", "*", ".", "$", ":", "!",
    ];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let second_digit = rest.chars().nth(1).is_some_and(|letter| letter.is_ascii_digit());
        if first == '"' || first == '\'' {
            let (inner, after) = rest[1..].split_once(first)?;
            tokens.push(Token::Text(inner.to_owned()));
            rest = after;
        } else if first.is_ascii_digit() || (first == '.' && second_digit) {
            let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
            let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
            tokens.push(Token::Number(digits.parse().ok()?));
            rest = after;
        } else if first.is_alphabetic() || first == '_' {
            let inside =
                |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
            let mut end = rest.find(|letter| !inside(letter)).unwrap_or(rest.len());
            // A prefix, but not an axis.
            if let Some(after) = rest[end..].strip_prefix(':')
                && after.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
            {
                end += 1 + after.find(|letter| !inside(letter)).unwrap_or(after.len());
            }
            let (name, after) = rest.split_at(end);
            tokens.push(Token::Name(name.to_owned()));
            rest = after;
        } else {
            let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol))?;
            tokens.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn symbol(&self) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Symbol(symbol)) => Some(symbol),
            _ => None,
        }
    }

    fn name(&self) -> Option<&str> {
        match self.tokens.get(self.at) {
            Some(Token::Name(name)) => Some(name),
            _ => None,
        }
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.symbol() == Some(symbol);
        self.at += usize::from(found);
        found
    }

    fn is_next(&self, symbol: &str) -> bool {
        matches!(self.tokens.get(self.at + 1), Some(Token::Symbol(next)) if *next == symbol)
    }

    /// The operator at the cursor, if it belongs to this level of binding.
    fn operator(&self, level: usize) -> Option<Operator> {
        use Operator::*;
        let operator = match (self.symbol(), self.name()) {
            (_, Some("or")) => Or,
            (_, Some("and")) => And,
            (Some("="), _) => Equal,
            (Some("!="), _) => NotEqual,
            (Some("<"), _) => Less,
            (Some("<="), _) => LessEqual,
            (Some(">"), _) => Greater,
            (Some(">="), _) => GreaterEqual,
            (Some("+"), _) => Plus,
            (Some("-"), _) => Minus,
            (Some("*"), _) => Times,
            (_, Some("div")) => Divide,
            (_, Some("mod")) => Modulo,
            _ => return None,
        };
        let its = match operator {
            Or => 0,
            And => 1,
            Equal | NotEqual => 2,
            Less | LessEqual | Greater | GreaterEqual => 3,
            Plus | Minus => 4,
            _ => 5,
        };
        (its == level).then_some(operator)
    }

    fn level(&mut self, level: usize) -> Option<Expr> {
        const UNARY: usize = 6;
        if level == 0 {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return None;
            }
        }
        let expr = if level == UNARY {
            if self.take("-") {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return None;
                }
                Expr::Negative(Box::new(self.level(UNARY)?))
            } else {
                let mut left = self.path()?;
                while self.take("|") {
                    left = Expr::Binary(Operator::Union, Box::new(left), Box::new(self.path()?));
                }
                left
            }
        } else {
            let mut left = self.level(level + 1)?;
            while let Some(operator) = self.operator(level) {
                self.at += 1;
                let right = self.level(level + 1)?;
                left = Expr::Binary(operator, Box::new(left), Box::new(right));
            }
            left
        };
        if level == 0 {
            self.depth -= 1;
        }
        Some(expr)
    }

    fn path(&mut self) -> Option<Expr> {
        let primary = match self.tokens.get(self.at)? {
            Token::Number(number) => Some(Expr::Number(*number)),
            Token::Text(text) => Some(Expr::Text(text.clone())),
            Token::Name(name)
                if self.is_next("(") && !matches!(name.as_str(), "text" | "node" | "comment") =>
            {
                let name = name.clone();
                self.at += 2;
                let mut args = Vec::new();
                if !self.take(")") {
                    loop {
                        args.push(self.level(0)?);
                        if self.take(")") {
                            break;
                        }
                        self.take(",").then_some(())?;
                    }
                }
                self.at -= 1;
                Some(Expr::Call(name, args))
            }
            Token::Symbol("(") => {
                self.at += 1;
                let inner = self.level(0)?;
                (self.symbol() == Some(")")).then_some(inner)
            }
            _ => None,
        };
        if let Some(primary) = primary {
            self.at += 1;
            let filters = self.predicates()?;
            let steps = match self.symbol() {
                Some("/" | "//") => self.steps(false)?,
                _ => Vec::new(),
            };
            if filters.is_empty() && steps.is_empty() {
                return Some(primary);
            }
            return Some(Expr::Path {
                from: Some(Box::new(primary)),
                filters,
                absolute: false,
                steps,
            });
        }
        let absolute = matches!(self.symbol(), Some("/" | "//"));
        if self.symbol() == Some("/") && !self.starts_step(self.at + 1) {
            self.at += 1;
            return Some(Expr::Path {
                from: None,
                filters: Vec::new(),
                absolute,
                steps: Vec::new(),
            });
        }
        let steps = self.steps(!absolute)?;
        Some(Expr::Path { from: None, filters: Vec::new(), absolute, steps })
    }

    fn starts_step(&self, at: usize) -> bool {
        matches!(self.tokens.get(at), Some(Token::Name(_) | Token::Symbol("*" | "@" | "." | "..")))
    }

    /// Steps, each behind a slash; the first without one if `bare`.
    fn steps(&mut self, bare: bool) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        if bare {
            steps.push(self.step()?);
        }
        loop {
            if self.take("//") {
                steps.push(Step {
                    axis: Axis::DescendantOrSelf,
                    test: Test::AnyNode,
                    predicates: vec![],
                });
            } else if !self.take("/") {
                return Some(steps);
            }
            steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Option<Step> {
        if self.take(".") {
            return Some(Step { axis: Axis::Itself, test: Test::AnyNode, predicates: vec![] });
        }
        if self.take("..") {
            return Some(Step { axis: Axis::Parent, test: Test::AnyNode, predicates: vec![] });
        }
        let mut axis = if self.take("@") { Axis::Attribute } else { Axis::Child };
        if self.is_next("::") {
            axis = match self.name()? {
                "child" => Axis::Child,
                "descendant" => Axis::Descendant,
                "descendant-or-self" => Axis::DescendantOrSelf,
                "self" => Axis::Itself,
                "parent" => Axis::Parent,
                "ancestor" => Axis::Ancestor,
                "ancestor-or-self" => Axis::AncestorOrSelf,
                "attribute" => Axis::Attribute,
                "following-sibling" => Axis::FollowingSibling,
                "preceding-sibling" => Axis::PrecedingSibling,
                "following" => Axis::Following,
                "preceding" => Axis::Preceding,
                _ => return None,
            };
            self.at += 2;
        }
        let test = if self.take("*") {
            Test::AnyName
        } else {
            let name = self.name()?.to_owned();
            self.at += 1;
            if self.take("(") {
                self.take(")").then_some(())?;
                match name.as_str() {
                    "text" => Test::Text,
                    "node" => Test::AnyNode,
                    _ => return None,
                }
            } else {
                Test::Name(name)
            }
        };
        Some(Step { axis, test, predicates: self.predicates()? })
    }

    fn predicates(&mut self) -> Option<Vec<Expr>> {
        let mut predicates = Vec::new();
        while self.take("[") {
            predicates.push(self.level(0)?);
            self.take("]").then_some(())?;
        }
        Some(predicates)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// A finding of the fuzzer: a letter of two bytes that begins nothing.
    #[test]
    fn strange_letters_are_no_expression() {
        assert!(parse("\u{61e}\u{423})").is_none());
        assert!(parse("a/\u{423}").is_some());
        assert!(parse(".5").is_some());
    }
}
