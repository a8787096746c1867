//! Java's pattern in Rust's words.
//!
//! All flags are worked into the pattern: Rust's have other meanings (`(?i)` of Java knows ASCII only,
//! `.` and `$` know more line terminators).

use super::properties::{property, shorthand};

/// Why Java refuses a pattern, and at which letter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) at: usize,
}

/// A pattern in Rust's words.
#[derive(Debug)]
pub(super) struct Translated {
    /// For texts that do not end with a line terminator.
    pub(super) plain: String,
    /// For the others, where the pattern makes a difference.
    pub(super) before_terminator: Option<String>,
}

const LINE_END: &str = r"(?=\r\n\z|[\r\x{85}\x{2028}\x{2029}]\z|(?<!\r)\n\z|\z)";
const LINE_END_UNIX: &str = r"(?=\n?\z)";
const LINES_END: &str = r"(?=[\r\x{85}\x{2028}\x{2029}]|(?<!\r)\n|\z)";
const LINES_END_UNIX: &str = r"(?=\n|\z)";
const LINES_START: &str = r"(?:\A|(?<=[\n\x{85}\x{2028}\x{2029}])|(?<=\r)(?!\n))(?!\z)";
const LINES_START_UNIX: &str = r"(?:\A|(?<=\n))(?!\z)";
const LETTER: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";
const LETTER_UNIX: &str = r"[^\n]";
const NEVER: &str = r"(?!)";
const LINE_BREAK: &str = r"(?:\r\n|[\n-\r\x{85}\x{2028}\x{2029}])";
/// A letter with its marks, approximately.
const CLUSTER: &str = r"(?>\r\n|\p{Cc}|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:[\p{M}\p{Emoji_Modifier}]*\x{200D}\p{Extended_Pictographic})*[\p{M}\p{Emoji_Modifier}\x{200D}]*|(?s:.)[\p{M}\x{200D}]*)";

/// # Errors
/// Java has no such pattern.
pub(super) fn translate(pattern: &str) -> Result<Translated, Refused> {
    let plain = Translator::new(pattern, r"\z").whole()?;
    let before_terminator = if pattern.contains('$') || pattern.contains(r"\Z") {
        Some(Translator::new(pattern, LINE_END).whole()?)
    } else {
        None
    };
    Ok(Translated { plain, before_terminator })
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    unicode_case: bool,
    unicode_sets: bool,
    lines: bool,
    dot_all: bool,
    comments: bool,
    unix_lines: bool,
}

impl Flags {
    fn set(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'i' => self.ignore_case = on,
            'u' => self.unicode_case = on,
            'U' => {
                self.unicode_sets = on;
                self.unicode_case = on;
            }
            'm' => self.lines = on,
            's' => self.dot_all = on,
            'x' => self.comments = on,
            'd' => self.unix_lines = on,
            _ => return false,
        }
        true
    }

    fn ignores_ascii_case(self) -> bool {
        self.ignore_case && !self.unicode_case
    }

    fn ignores_all_case(self) -> bool {
        self.ignore_case && self.unicode_case
    }
}

struct Translator<'p> {
    letters: Vec<char>,
    at: usize,
    flags: Flags,
    out: String,
    /// What `$` means where lines do not matter.
    end: &'p str,
    names: Vec<String>,
    n_groups: usize,
}

impl<'p> Translator<'p> {
    fn new(pattern: &str, end: &'p str) -> Self {
        Self {
            letters: pattern.chars().collect(),
            at: 0,
            flags: Flags::default(),
            out: String::with_capacity(pattern.len() + 16),
            end,
            names: Vec::new(),
            n_groups: 0,
        }
    }

    fn refused<T>(&self, why: impl Into<String>) -> Result<T, Refused> {
        Err(Refused { why: why.into(), at: self.at })
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn peek_second(&self) -> Option<char> {
        self.letters.get(self.at + 1).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek();
        self.at += usize::from(letter.is_some());
        letter
    }

    fn eat(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        self.at += usize::from(found);
        found
    }

    fn whole(mut self) -> Result<String, Refused> {
        self.alternatives(0)?;
        if self.at < self.letters.len() {
            return self.refused("Unmatched closing ')'");
        }
        Ok(self.out)
    }

    /// Everything up to the end of the group.
    fn alternatives(&mut self, depth: usize) -> Result<(), Refused> {
        const DEPTH_MAX: usize = 500;
        if depth > DEPTH_MAX {
            return self.refused("Groups are nested too deeply");
        }
        let outer = self.flags;
        loop {
            self.skip_comments();
            match self.peek() {
                None | Some(')') => break,
                Some('|') => {
                    self.at += 1;
                    self.out.push('|');
                }
                Some('(') => {
                    if self.group(depth)? {
                        self.repetition()?;
                    }
                }
                Some('*' | '+' | '?') => {
                    let letter = self.letters[self.at];
                    return self.refused(format!("Dangling meta character '{letter}'"));
                }
                Some('{') => return self.refused("Illegal repetition"),
                Some(_) => {
                    let nothing = self.atom()?;
                    if !nothing {
                        self.repetition()?;
                    }
                }
            }
        }
        self.flags = outer;
        Ok(())
    }

    fn skip_comments(&mut self) {
        while self.flags.comments {
            match self.peek() {
                Some(c) if c.is_ascii_whitespace() || c == '\x0B' => self.at += 1,
                Some('#') => {
                    while self.peek().is_some_and(|c| !matches!(c, '\n' | '\r' | '\u{85}')) {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// From `(` to `)`. False: it was only flags, which nothing can repeat.
    fn group(&mut self, depth: usize) -> Result<bool, Refused> {
        self.at += 1;
        let outer = self.flags;
        if self.eat('?') {
            match self.next() {
                Some(kind @ (':' | '=' | '!' | '>')) => {
                    self.out.push_str("(?");
                    self.out.push(kind);
                }
                Some('<') if matches!(self.peek(), Some('=' | '!')) => {
                    self.out.push_str("(?<");
                    let kind = self.next();
                    self.out.extend(kind);
                }
                Some('<') => {
                    let name = self.group_name()?;
                    if self.names.contains(&name) {
                        return self
                            .refused(format!("Named capturing group <{name}> is already defined"));
                    }
                    self.out.push_str("(?<");
                    self.out.push_str(&name);
                    self.out.push('>');
                    self.names.push(name);
                    self.n_groups += 1;
                }
                _ => {
                    self.at -= 1;
                    let mut on = true;
                    loop {
                        match self.next() {
                            Some('-') if on => on = false,
                            Some(')') => return Ok(false),
                            Some(':') => break,
                            Some(letter) if self.flags.set(letter, on) => {}
                            _ => return self.refused("Unknown inline modifier"),
                        }
                    }
                    self.out.push_str("(?:");
                }
            }
        } else {
            self.out.push('(');
            self.n_groups += 1;
        }
        self.alternatives(depth + 1)?;
        if !self.eat(')') {
            return self.refused("Unclosed group");
        }
        self.out.push(')');
        self.flags = outer;
        Ok(true)
    }

    fn group_name(&mut self) -> Result<String, Refused> {
        let mut name = String::new();
        while let Some(letter) = self.next() {
            match letter {
                '>' if !name.is_empty() => return Ok(name),
                'a'..='z' | 'A'..='Z' => name.push(letter),
                '0'..='9' if !name.is_empty() => name.push(letter),
                _ => break,
            }
        }
        if name.is_empty() {
            return self.refused("capturing group name does not start with a Latin letter");
        }
        self.refused("named capturing group is missing trailing '>'")
    }

    /// What may follow an atom: `* + ? {n} {n,} {n,m}`, then `?` or `+`.
    fn repetition(&mut self) -> Result<(), Refused> {
        self.skip_comments();
        match self.peek() {
            Some(letter @ ('*' | '+' | '?')) => {
                self.at += 1;
                self.out.push(letter);
            }
            Some('{') => {
                self.at += 1;
                let least = self.digits();
                if least.is_empty() {
                    return self.refused("Illegal repetition");
                }
                self.out.push('{');
                self.out.push_str(&least);
                if self.eat(',') {
                    self.out.push(',');
                    let most = self.digits();
                    if most
                        .parse::<u64>()
                        .is_ok_and(|most| least.parse().is_ok_and(|least: u64| most < least))
                    {
                        return self.refused("Illegal repetition range");
                    }
                    self.out.push_str(&most);
                }
                if !self.eat('}') {
                    return self.refused("Unclosed counted closure");
                }
                self.out.push('}');
            }
            _ => return Ok(()),
        }
        if let Some(letter @ ('?' | '+')) = self.peek() {
            self.at += 1;
            self.out.push(letter);
        }
        Ok(())
    }

    fn digits(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.letters[start..self.at].iter().collect()
    }

    /// One letter, set or place, or quoted text. True: nothing that could be repeated.
    fn atom(&mut self) -> Result<bool, Refused> {
        let flags = self.flags;
        match self.next() {
            Some('^') if flags.lines => {
                self.out.push_str("(?:");
                self.out.push_str(if flags.unix_lines { LINES_START_UNIX } else { LINES_START });
                self.out.push(')');
            }
            Some('^') => self.out.push_str(r"\A"),
            Some('$') => self.line_end(flags.lines),
            Some('.') if flags.dot_all => self.out.push_str("(?s:.)"),
            Some('.') => self.out.push_str(if flags.unix_lines { LETTER_UNIX } else { LETTER }),
            Some('[') => {
                let class = self.class(0)?;
                if flags.ignores_all_case() {
                    self.out.push_str(&format!("(?i:{class})"));
                } else {
                    self.out.push_str(&class);
                }
            }
            Some('\\') => return self.escape(),
            Some(letter) => self.letter(letter),
            None => {}
        }
        Ok(false)
    }

    fn line_end(&mut self, lines: bool) {
        let place = match (lines, self.flags.unix_lines) {
            (true, true) => LINES_END_UNIX,
            (true, false) => LINES_END,
            (false, true) if self.end == LINE_END => LINE_END_UNIX,
            (false, _) => self.end,
        };
        self.out.push_str(place);
    }

    fn letter(&mut self, letter: char) {
        if self.flags.ignores_all_case() {
            self.out.push_str("(?i:");
            push_letter(&mut self.out, letter);
            self.out.push(')');
        } else if self.flags.ignores_ascii_case() && letter.is_ascii_alphabetic() {
            self.out.push('[');
            self.out.push(letter.to_ascii_lowercase());
            self.out.push(letter.to_ascii_uppercase());
            self.out.push(']');
        } else {
            push_letter(&mut self.out, letter);
        }
    }

    /// What follows a backslash outside classes; true as in [`Translator::atom`].
    fn escape(&mut self) -> Result<bool, Refused> {
        let Some(letter) = self.next() else {
            return self.refused("Unexpected internal error");
        };
        match letter {
            'Q' => {
                let mut n_letters = 0;
                while self.peek().is_some() && !self.at_quote_end() {
                    if let Some(quoted) = self.next() {
                        self.letter(quoted);
                        n_letters += 1;
                    }
                }
                if self.peek().is_some() {
                    self.at += 2;
                }
                return Ok(n_letters == 0);
            }
            'E' => return self.refused("Illegal/unsupported escape sequence"),
            'A' => self.out.push_str(r"\A"),
            'z' => self.out.push_str(r"\z"),
            'Z' => self.line_end(false),
            'G' => self.out.push_str(r"\G"),
            'b' if self.peek() == Some('{') => {
                return self.refused("Unknown word boundary specification");
            }
            'b' | 'B' => {
                self.out.push('\\');
                self.out.push(letter);
            }
            'R' => self.out.push_str(LINE_BREAK),
            'X' => self.out.push_str(CLUSTER),
            '1'..='9' => self.back_reference(letter),
            'k' => {
                if !self.eat('<') {
                    return self.refused("\\k is not followed by '<' for named capturing group");
                }
                let name = self.group_name()?;
                if !self.names.contains(&name) {
                    return self.refused(format!("named capturing group <{name}> does not exist"));
                }
                let reference = format!(r"\k<{name}>");
                self.reference(&reference);
            }
            _ => match self.set_after(letter)? {
                Some(set) => self.out.push_str(&format!("[{set}]")),
                None => {
                    let meant = self.escaped_letter(letter)?;
                    self.letter(meant);
                }
            },
        }
        Ok(false)
    }

    fn at_quote_end(&self) -> bool {
        self.peek() == Some('\\') && self.peek_second() == Some('E')
    }

    /// `\1`: Java takes further digits while there are such groups; a group that was not opened yet
    /// never matches.
    fn back_reference(&mut self, first: char) {
        let mut group = first as usize - '0' as usize;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let longer = group * 10 + digit as usize;
            if longer > self.n_groups {
                break;
            }
            group = longer;
            self.at += 1;
        }
        if group > self.n_groups {
            self.out.push_str(NEVER);
        } else {
            self.reference(&format!(r"(?:\{group})"));
        }
    }

    fn reference(&mut self, reference: &str) {
        if self.flags.ignore_case {
            self.out.push_str(&format!("(?i:{reference})"));
        } else {
            self.out.push_str(reference);
        }
    }

    /// The set that `\` and a letter name, as the inside of a class. None: they name a letter.
    fn set_after(&mut self, letter: char) -> Result<Option<String>, Refused> {
        let set = match letter {
            'd' | 'w' | 's' | 'h' | 'v' => shorthand(letter, self.flags.unicode_sets).to_owned(),
            'D' | 'W' | 'S' | 'H' | 'V' => {
                let members = shorthand(letter.to_ascii_lowercase(), self.flags.unicode_sets);
                format!("[^{members}]")
            }
            'p' | 'P' => {
                let name: String = if self.eat('{') {
                    let start = self.at;
                    while self.peek().is_some_and(|c| c != '}') {
                        self.at += 1;
                    }
                    let name = self.letters[start..self.at].iter().collect();
                    if !self.eat('}') {
                        return self.refused("Unclosed character family");
                    }
                    name
                } else {
                    self.next().into_iter().collect()
                };
                let flags = self.flags;
                let Some(set) = property(&name, flags.unicode_sets, flags.ignore_case) else {
                    return self.refused(format!("Unknown character property name {{{name}}}"));
                };
                if letter == 'P' { format!("[^{set}]") } else { set }
            }
            _ => return Ok(None),
        };
        Ok(Some(set))
    }

    /// The letter that `\` and these letters mean.
    fn escaped_letter(&mut self, letter: char) -> Result<char, Refused> {
        let code = match letter {
            't' => return Ok('\t'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            'f' => return Ok('\x0C'),
            'a' => return Ok('\x07'),
            'e' => return Ok('\x1B'),
            'c' => match self.next() {
                Some(control) => control as u32 ^ 64,
                None => return self.refused("Illegal control escape sequence"),
            },
            '0' => self.octal()?,
            'x' if self.eat('{') => {
                let start = self.at;
                while self.peek().is_some_and(|c| c.is_ascii_hexdigit()) {
                    self.at += 1;
                }
                let digits: String = self.letters[start..self.at].iter().collect();
                match u32::from_str_radix(&digits, 16) {
                    Ok(code) if self.eat('}') => code,
                    _ => return self.refused("Unclosed hexadecimal escape sequence"),
                }
            }
            'x' => self.hex(2)?,
            'u' => {
                let high = self.hex(4)?;
                let is_pair = (0xD800..0xDC00).contains(&high)
                    && self.peek() == Some('\\')
                    && self.peek_second() == Some('u');
                if is_pair {
                    self.at += 2;
                    let low = self.hex(4)?;
                    0x10000 + ((high - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF)
                } else {
                    high
                }
            }
            letter if letter.is_ascii_alphabetic() => {
                return self.refused("Illegal/unsupported escape sequence");
            }
            letter => return Ok(letter),
        };
        match char::from_u32(code) {
            Some(letter) => Ok(letter),
            None => self.refused("Hexadecimal codepoint is too big"),
        }
    }

    fn hex(&mut self, n_digits: usize) -> Result<u32, Refused> {
        let mut code = 0;
        for _ in 0..n_digits {
            match self.next().and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return self.refused("Illegal hexadecimal escape sequence"),
            }
        }
        Ok(code)
    }

    /// `\0` and one to three octal digits, at most 377.
    fn octal(&mut self) -> Result<u32, Refused> {
        let Some(first) = self.peek().and_then(|c| c.to_digit(8)) else {
            return self.refused("Illegal octal escape sequence");
        };
        self.at += 1;
        let mut code = first;
        for _ in 0..if first <= 3 { 2 } else { 1 } {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// A class after its `[`, with its brackets.
    fn class(&mut self, depth: usize) -> Result<String, Refused> {
        const DEPTH_MAX: usize = 100;
        if depth > DEPTH_MAX {
            return self.refused("Classes are nested too deeply");
        }
        let mut out = String::from(if self.eat('^') { "[^" } else { "[" });
        let mut is_empty = true;
        loop {
            self.skip_comments();
            let Some(letter) = self.next() else {
                return self.refused("Unclosed character class");
            };
            match letter {
                ']' if !is_empty => {
                    out.push(']');
                    return Ok(out);
                }
                '[' => out.push_str(&self.class(depth + 1)?),
                '&' if self.peek() == Some('&') => {
                    while self.eat('&') {}
                    // Nothing to the right of `&&` takes nothing away.
                    if !is_empty && self.peek() != Some(']') {
                        out.push_str("&&");
                    }
                    continue;
                }
                '\\' if self.peek() == Some('Q') => {
                    self.at += 1;
                    while self.peek().is_some() && !self.at_quote_end() {
                        if let Some(quoted) = self.next() {
                            self.class_range(&mut out, quoted, quoted);
                        }
                    }
                    if self.peek().is_some() {
                        self.at += 2;
                    }
                }
                '\\' => {
                    let Some(escaped) = self.next() else {
                        return self.refused("Unclosed character class");
                    };
                    match self.set_after(escaped)? {
                        Some(set) => out.push_str(&set),
                        None => {
                            let first = self.escaped_letter(escaped)?;
                            self.range_from(&mut out, first)?;
                        }
                    }
                }
                first => self.range_from(&mut out, first)?,
            }
            is_empty = false;
        }
    }

    /// A letter in a class, or the range that begins with it.
    fn range_from(&mut self, out: &mut String, first: char) -> Result<(), Refused> {
        let is_range = self.peek() == Some('-')
            && self.peek_second().is_some_and(|next| next != ']' && next != '[');
        if !is_range {
            self.class_range(out, first, first);
            return Ok(());
        }
        self.at += 1;
        let last = match self.next() {
            Some('\\') => {
                let Some(escaped) = self.next() else {
                    return self.refused("Unclosed character class");
                };
                if let Some(set) = self.set_after(escaped)? {
                    // `[a-\d]`: three things.
                    self.class_range(out, first, first);
                    self.class_range(out, '-', '-');
                    out.push_str(&set);
                    return Ok(());
                }
                self.escaped_letter(escaped)?
            }
            Some(last) => last,
            None => return self.refused("Unclosed character class"),
        };
        if last < first {
            return self.refused("Illegal character range");
        }
        self.class_range(out, first, last);
        Ok(())
    }

    fn class_range(&self, out: &mut String, first: char, last: char) {
        push_range(out, first, last);
        if self.flags.ignores_ascii_case() {
            for (from, to, other) in [('a', 'z', 'A'), ('A', 'Z', 'a')] {
                let (low, high) = (first.max(from), last.min(to));
                if low <= high {
                    let moved = |c: char| (c as u8 - from as u8 + other as u8) as char;
                    push_range(out, moved(low), moved(high));
                }
            }
        }
    }
}

fn push_range(out: &mut String, first: char, last: char) {
    push_letter(out, first);
    if last > first {
        out.push('-');
        push_letter(out, last);
    }
}

/// A letter that means itself, in a class and outside.
fn push_letter(out: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() || (!letter.is_ascii() && !letter.is_control()) {
        out.push(letter);
    } else {
        out.push_str(&format!(r"\x{{{:X}}}", letter as u32));
    }
}
