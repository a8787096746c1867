//! An XML document as a list of nodes in document order. Nothing is fetched: a document type is skipped, and
//! entities of its own are an error.

/// What a document may hold in one row, in levels.
const DEPTH_MAX: usize = 10_000;

/// A document. Node 0 is the document itself.
#[derive(Debug)]
pub(crate) struct Document {
    pub nodes: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub kind: Kind,
    pub parent: usize,
    /// The node after the last one below this.
    pub end: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    Document,
    Element(String),
    /// Stands right behind its element, before the element's content.
    Attribute(String, String),
    Text(String),
}

impl Document {
    /// The document, or none where the text is not well-formed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            nodes: vec![Node { kind: Kind::Document, parent: 0, end: 1 }],
            open: vec![0],
        };
        parser.run()?;
        Some(Document { nodes: parser.nodes })
    }

    /// The one element below the document.
    pub(crate) fn root(&self) -> Option<usize> {
        self.children(0).find(|child| matches!(self.nodes[*child].kind, Kind::Element(_)))
    }

    /// Elements and texts right below a node.
    pub(crate) fn children(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes[node].end;
        let mut next = node + 1;
        std::iter::from_fn(move || {
            while next < end {
                let here = next;
                next = self.nodes[here].end;
                if !matches!(self.nodes[here].kind, Kind::Attribute(..)) {
                    return Some(here);
                }
            }
            None
        })
    }

    pub(crate) fn attributes(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes[node].end;
        (node + 1..end).take_while(|place| matches!(self.nodes[*place].kind, Kind::Attribute(..)))
    }

    /// The text of a node: of an element, all text below it.
    pub(crate) fn text(&self, node: usize) -> String {
        match &self.nodes[node].kind {
            Kind::Attribute(_, value) => value.clone(),
            _ => {
                let texts =
                    self.nodes[node..self.nodes[node].end].iter().filter_map(|below| match &below
                        .kind
                    {
                        Kind::Text(text) => Some(text.as_str()),
                        _ => None,
                    });
                texts.collect()
            }
        }
    }

    /// The name of an element or attribute, with its prefix.
    pub(crate) fn name(&self, node: usize) -> &str {
        match &self.nodes[node].kind {
            Kind::Element(name) | Kind::Attribute(name, _) => name,
            Kind::Document | Kind::Text(_) => "",
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    nodes: Vec<Node>,
    open: Vec<usize>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Option<()> {
        let mut has_root = false;
        while !self.rest.is_empty() {
            if self.skip("<?", "?>")? || self.skip("<!--", "-->")? {
                continue;
            }
            if let Some(after) = self.rest.strip_prefix("<![CDATA[") {
                let (text, rest) = after.split_once("]]>")?;
                self.rest = rest;
                self.text(text)?;
            } else if self.rest.starts_with("<!DOCTYPE") && !has_root {
                self.document_type()?;
            } else if let Some(after) = self.rest.strip_prefix("</") {
                let (name, rest) = after.split_once('>')?;
                let element = self.open.pop().filter(|element| *element != 0)?;
                let end = self.nodes.len();
                let node = &mut self.nodes[element];
                node.end = end;
                if node.kind != Kind::Element(name.trim_end().to_owned()) {
                    return None;
                }
                self.rest = rest;
            } else if let Some(after) = self.rest.strip_prefix('<') {
                if self.open.len() == 1 && std::mem::replace(&mut has_root, true) {
                    return None;
                }
                self.rest = after;
                self.element()?;
            } else {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                let (raw, rest) = self.rest.split_at(end);
                self.rest = rest;
                let text = unescaped(raw)?;
                self.text(&text)?;
            }
        }
        self.nodes[0].end = self.nodes.len();
        (has_root && self.open.len() == 1).then_some(())
    }

    fn skip(&mut self, start: &str, end: &str) -> Option<bool> {
        let Some(after) = self.rest.strip_prefix(start) else { return Some(false) };
        self.rest = after.split_once(end)?.1;
        Some(true)
    }

    fn document_type(&mut self) -> Option<()> {
        let mut depth = 0usize;
        for (place, letter) in self.rest.char_indices() {
            match letter {
                '<' | '[' => depth += 1,
                ']' => depth = depth.checked_sub(1)?,
                '>' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        self.rest = &self.rest[place + 1..];
                        return Some(());
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn push(&mut self, kind: Kind) -> Option<usize> {
        let (place, parent) = (self.nodes.len(), *self.open.last()?);
        self.nodes.push(Node { kind, parent, end: place + 1 });
        Some(place)
    }

    /// Text within an element; outside of the root only white space may stand.
    fn text(&mut self, text: &str) -> Option<()> {
        if self.open.len() == 1 {
            return text.trim().is_empty().then_some(());
        }
        // Texts that a comment or CDATA parts are one.
        let parent = *self.open.last()?;
        if let Some(Node { kind: Kind::Text(before), parent: its, .. }) = self.nodes.last_mut()
            && *its == parent
        {
            before.push_str(text);
        } else if !text.is_empty() {
            self.push(Kind::Text(text.replace("\r\n", "\n")))?;
        }
        Some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let inside = |letter: char| {
            letter.is_alphanumeric() || matches!(letter, '_' | ':' | '-' | '.' | '\u{b7}')
        };
        let end = self.rest.find(|letter| !inside(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let first = name.chars().next()?;
        self.rest = rest;
        (first.is_alphabetic() || matches!(first, '_' | ':')).then_some(name)
    }

    fn element(&mut self) -> Option<()> {
        let name = self.name()?.to_owned();
        let element = self.push(Kind::Element(name))?;
        self.open.push(element);
        if self.open.len() > DEPTH_MAX {
            return None;
        }
        loop {
            let before = self.rest;
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                return Some(());
            }
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                self.open.pop();
                self.nodes[element].end = self.nodes.len();
                return Some(());
            }
            if self.rest.len() == before.len() {
                return None;
            }
            let name = self.name()?.to_owned();
            self.rest = self.rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = self.rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (raw, rest) = self.rest[1..].split_once(quote)?;
            if raw.contains('<')
                || self.nodes[element + 1..]
                    .iter()
                    .any(|known| matches!(&known.kind, Kind::Attribute(other, _) if *other == name))
            {
                return None;
            }
            let value = unescaped(raw)?.replace(['\n', '\t', '\r'], " ");
            self.push(Kind::Attribute(name, value))?;
            self.rest = rest;
        }
    }
}

/// Text with its references replaced.
fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let (reference, after) = after.split_once(';')?;
        text.push(match reference {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = reference.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code).filter(|letter| *letter != '\0')?
            }
        });
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_below_an_element() {
        let text = "<?xml version='1.0'?><a x='1 &lt; 2'><b>one</b><!-- no --><![CDATA[<&>]]></a>";
        let document = Document::parse(text).expect("well-formed");
        let root = document.root().expect("a root");
        assert_eq!(document.name(root), "a");
        assert_eq!(document.text(root), "one<&>");
        let attributes: Vec<_> =
            document.attributes(root).map(|place| document.text(place)).collect();
        assert_eq!(attributes, ["1 < 2"]);
        assert_eq!(document.children(root).count(), 2);
    }

    #[test]
    fn what_is_not_well_formed() {
        for text in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&x;</a>",
            "<a x=1/>",
            "<a x='1' x='2'/>",
            "<1/>",
        ] {
            assert!(Document::parse(text).is_none(), "{text}");
        }
    }
}
