//! A pickle as objects: the values that functions return, by the opcodes of protocols 2 to 5.
//!
//! Nothing is called but the constructors that Spark knows. An object of another class is an error if it is made
//! of arguments, as in Spark, and an object that no type takes if not.

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use std::collections::HashMap;

/// Place of an object among all of a pickle.
pub(super) type Id = usize;

/// An object.
#[derive(Debug)]
pub(super) enum Object {
    None,
    Bool(bool),
    Int(i64),
    /// Beyond 64 bits, as a text.
    Big(String),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A `decimal.Decimal`, as a text.
    Decimal(String),
    /// A class or function: what it is called.
    Global(String),
    /// An instance of a class that no type takes.
    Other(String),
}

/// All objects of a pickle.
#[derive(Debug)]
pub(super) struct Objects {
    pub all: Vec<Object>,
    pub root: Id,
}

impl Objects {
    /// # Errors
    /// When `bytes` are no pickle; Spark's error for an object of an unknown class.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut machine = Machine {
            rest: bytes,
            all: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        let root = machine.run()?;
        Ok(Self { all: machine.all, root })
    }

    pub fn get(&self, id: Id) -> &Object {
        &self.all[id]
    }
}

struct Machine<'b> {
    rest: &'b [u8],
    all: Vec<Object>,
    stack: Vec<Id>,
    /// Heights of the stack at marks.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl Machine<'_> {
    fn run(&mut self) -> Result<Id> {
        loop {
            match self.byte()? {
                0x80 => {
                    self.take(1)?;
                }
                0x95 => {
                    self.take(8)?;
                }
                b'.' => return self.pop(),
                b'(' => self.marks.push(self.stack.len()),
                b'0' => {
                    self.pop()?;
                }
                b'1' => {
                    self.popped()?;
                }
                b'2' => {
                    let top = self.top()?;
                    self.stack.push(top);
                }
                b'N' => self.push(Object::None),
                0x88 => self.push(Object::Bool(true)),
                0x89 => self.push(Object::Bool(false)),
                b'K' => {
                    let value = self.byte()?;
                    self.push(Object::Int(value.into()));
                }
                b'M' => {
                    let value = u16::from_le_bytes(self.array()?);
                    self.push(Object::Int(value.into()));
                }
                b'J' => {
                    let value = i32::from_le_bytes(self.array()?);
                    self.push(Object::Int(value.into()));
                }
                0x8a => {
                    let length = self.byte()?.into();
                    self.long(length)?;
                }
                0x8b => {
                    let length = self.u32()?;
                    self.long(length)?;
                }
                b'G' => {
                    let value = f64::from_be_bytes(self.array()?);
                    self.push(Object::Float(value));
                }
                0x8c => {
                    let length = self.byte()?.into();
                    self.text(length)?;
                }
                b'X' => {
                    let length = self.u32()?;
                    self.text(length)?;
                }
                0x8d => {
                    let length = self.u64()?;
                    self.text(length)?;
                }
                b'C' => {
                    let length = self.byte()?.into();
                    self.bytes(length)?;
                }
                b'B' => {
                    let length = self.u32()?;
                    self.bytes(length)?;
                }
                0x8e | 0x96 => {
                    let length = self.u64()?;
                    self.bytes(length)?;
                }
                b']' => self.push(Object::List(Vec::new())),
                b')' => self.push(Object::Tuple(Vec::new())),
                b'}' => self.push(Object::Dict(Vec::new())),
                0x8f => self.push(Object::Set(Vec::new())),
                b'a' => {
                    let item = self.pop()?;
                    self.extend(vec![item])?;
                }
                b'e' | 0x90 => {
                    let items = self.popped()?;
                    self.extend(items)?;
                }
                b's' => {
                    let (value, key) = (self.pop()?, self.pop()?);
                    self.extend(vec![key, value])?;
                }
                b'u' => {
                    let items = self.popped()?;
                    self.extend(items)?;
                }
                b'l' => {
                    let items = self.popped()?;
                    self.push(Object::List(items));
                }
                b't' => {
                    let items = self.popped()?;
                    self.push(Object::Tuple(items));
                }
                b'd' => {
                    let items = self.popped()?;
                    self.push(Object::Dict(pairs(&items)));
                }
                0x91 => {
                    let items = self.popped()?;
                    self.push(Object::Set(items));
                }
                length @ 0x85..=0x87 => {
                    let at = self.stack.len().checked_sub(usize::from(length - 0x84));
                    let items = self.stack.split_off(at.ok_or_else(broken)?);
                    self.push(Object::Tuple(items));
                }
                b'q' => {
                    let place = self.byte()?.into();
                    self.memo.insert(place, self.top()?);
                }
                b'r' => {
                    let place = u32::from_le_bytes(self.array()?);
                    self.memo.insert(place, self.top()?);
                }
                0x94 => {
                    let place = u32::try_from(self.memo.len()).map_err(|_| broken())?;
                    self.memo.insert(place, self.top()?);
                }
                b'h' => {
                    let place = self.byte()?.into();
                    self.recall(place)?;
                }
                b'j' => {
                    let place = u32::from_le_bytes(self.array()?);
                    self.recall(place)?;
                }
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.push(Object::Global(format!("{module}.{name}")));
                }
                0x93 => {
                    let (name, module) = (self.pop()?, self.pop()?);
                    let (Object::Text(module), Object::Text(name)) =
                        (&self.all[module], &self.all[name])
                    else {
                        return Err(broken());
                    };
                    let name = format!("{module}.{name}");
                    self.push(Object::Global(name));
                }
                b'R' | 0x81 => {
                    let (args, class) = (self.pop()?, self.pop()?);
                    let object = self.made(class, args)?;
                    self.push(object);
                }
                0x92 => {
                    let _keywords = self.pop()?;
                    let (args, class) = (self.pop()?, self.pop()?);
                    let object = self.made(class, args)?;
                    self.push(object);
                }
                // An object's state, which no type takes.
                b'b' => {
                    self.pop()?;
                }
                _ => return Err(broken()),
            }
        }
    }

    /// What `class(*args)` is.
    fn made(&self, class: Id, args: Id) -> Result<Object> {
        let (Object::Global(class), Object::Tuple(args)) = (&self.all[class], &self.all[args])
        else {
            return Err(broken());
        };
        let first = args.first().map(|id| &self.all[*id]);
        match (class.as_str(), first) {
            ("decimal.Decimal", Some(Object::Text(value))) => Ok(Object::Decimal(value.clone())),
            ("builtins.bytearray" | "__builtin__.bytearray", Some(Object::Bytes(value))) => {
                Ok(Object::Bytes(value.clone()))
            }
            ("builtins.set" | "builtins.frozenset", Some(Object::List(items))) => {
                Ok(Object::Set(items.clone()))
            }
            (_, None) => Ok(Object::Other(class.clone())),
            _ if class.starts_with("datetime.") => Ok(Object::Other(class.clone())),
            _ => Err(unknown(class)),
        }
    }

    fn extend(&mut self, items: Vec<Id>) -> Result<()> {
        let top = self.top()?;
        match &mut self.all[top] {
            Object::List(own) | Object::Set(own) => own.extend(items),
            Object::Dict(own) => own.extend(pairs(&items)),
            // What a subclass of a container holds.
            Object::Other(_) => {}
            _ => return Err(broken()),
        }
        Ok(())
    }

    fn push(&mut self, object: Object) {
        self.stack.push(self.all.len());
        self.all.push(object);
    }

    fn pop(&mut self) -> Result<Id> {
        self.stack.pop().ok_or_else(broken)
    }

    fn top(&self) -> Result<Id> {
        self.stack.last().copied().ok_or_else(broken)
    }

    /// All above the last mark.
    fn popped(&mut self) -> Result<Vec<Id>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len());
        Ok(self.stack.split_off(mark.ok_or_else(broken)?))
    }

    fn recall(&mut self, place: u32) -> Result<()> {
        let id = self.memo.get(&place).copied().ok_or_else(broken)?;
        self.stack.push(id);
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(broken)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| broken())
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| broken())
    }

    fn u64(&mut self) -> Result<usize> {
        usize::try_from(u64::from_le_bytes(self.array()?)).map_err(|_| broken())
    }

    fn line(&mut self) -> Result<String> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let line = String::from_utf8_lossy(self.take(end)?).into_owned();
        self.take(1)?;
        Ok(line)
    }

    fn text(&mut self, length: usize) -> Result<()> {
        // Surrogates by themselves, which Python's texts may hold and ours may not.
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.push(Object::Text(text));
        Ok(())
    }

    fn bytes(&mut self, length: usize) -> Result<()> {
        let bytes = self.take(length)?.to_vec();
        self.push(Object::Bytes(bytes));
        Ok(())
    }

    /// A number of this many bytes, two's complement, the lowest first.
    fn long(&mut self, length: usize) -> Result<()> {
        let bytes = self.take(length)?;
        let is_negative = bytes.last().is_some_and(|last| *last >= 0x80);
        let object = if length <= 8 {
            let mut all = [if is_negative { 0xff } else { 0 }; 8];
            all[..length].copy_from_slice(bytes);
            Object::Int(i64::from_le_bytes(all))
        } else {
            Object::Big(digits(bytes, is_negative))
        };
        self.push(object);
        Ok(())
    }
}

/// The decimal digits of a long number.
fn digits(bytes: &[u8], is_negative: bool) -> String {
    let mut magnitude: Vec<u8> = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in &mut magnitude {
            (*byte, carry) = (!*byte).overflowing_add(carry.into());
        }
    }
    let mut reversed = Vec::new();
    while magnitude.iter().any(|byte| *byte != 0) {
        let mut remainder = 0_u16;
        for byte in magnitude.iter_mut().rev() {
            let value = remainder * 256 + u16::from(*byte);
            *byte = u8::try_from(value / 10).unwrap_or(u8::MAX);
            remainder = value % 10;
        }
        reversed.push(b'0' + u8::try_from(remainder).unwrap_or(0));
    }
    if is_negative {
        reversed.push(b'-');
    }
    reversed.iter().rev().map(|digit| char::from(*digit)).collect()
}

fn pairs(items: &[Id]) -> Vec<(Id, Id)> {
    items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn broken() -> SparkError {
    SparkError::internal("a Python worker sent a pickle that cannot be read")
}

fn unknown(class: &str) -> SparkError {
    let text = format!(
        "Job aborted due to stage failure: net.razorvine.pickle.PickleException: expected zero arguments for \
         construction of ClassDict (for {class}): a Python function returned an object that is no value of \
         Spark. NumPy's become values by .item() or .tolist()."
    );
    SparkError::new(ErrorKind::Pickle, "", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers() {
        // 2 ** 64 and its negative.
        assert_eq!(digits(&[0, 0, 0, 0, 0, 0, 0, 0, 1], false), "18446744073709551616");
        assert_eq!(digits(&[0, 0, 0, 0, 0, 0, 0, 0, 0xff], true), "-18446744073709551616");
    }

    #[test]
    fn shared_lists_grow_where_they_are_shared() {
        // x = []; pickle.dumps([x, x]) with x filled after it was memoized.
        let pickle = b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00]\x94(]\x94K\x07ah\x01e.";
        let objects = Objects::read(pickle).expect("a pickle");
        let Object::List(items) = objects.get(objects.root) else { panic!("no list") };
        assert_eq!(items[0], items[1]);
        assert!(matches!(objects.get(items[0]), Object::List(own) if own.len() == 1));
    }

    #[test]
    fn nonsense_is_an_error() {
        for bytes in [&b""[..], b"e.", b"\x85.", b"h\x05.", b"X\xff\xff\xff\xff."] {
            assert!(Objects::read(bytes).is_err());
        }
    }
}
