//! `aes_encrypt`, `aes_decrypt` and `try_aes_decrypt`: AES in the modes ECB, CBC and GCM (Spark's `ExpressionImplUtils`).
//!
//! What is encrypted begins with its initialization vector, 16 bytes for CBC and 12 for GCM; GCM ends with a tag of 16
//! bytes, the others are padded as PKCS #7 says.

use crate::call::Call;
use crate::columns::{binaries, get};
use crate::implicit::implicit;
use crate::scalar_kernel::{Input, Kind, Nullable};
use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockDecrypt, BlockEncrypt, BlockSizeUser, KeyInit, KeySizeUser, consts::U16};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::{Aead, Payload, consts::U12};
use arrow::array::{Array, ArrayRef, BinaryArray, StringArray};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};

const BLOCK: usize = 16;
const GCM_IV: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Ecb,
    Cbc,
    Gcm,
}

pub(super) fn encrypt(call: Call<'_>) -> Result<Expr> {
    build(call, "aes_encrypt", &ENCRYPT, 6)
}

pub(super) fn decrypt(call: Call<'_>) -> Result<Expr> {
    build(call, "aes_decrypt", &DECRYPT, 5)
}

pub(super) fn try_decrypt(call: Call<'_>) -> Result<Expr> {
    build(call, "try_aes_decrypt", &TRY_DECRYPT, 5)
}

/// `(input, key [, mode [, padding [, iv [, aad]]]])`; who decrypts finds the vector in the input.
fn build(
    call: Call<'_>,
    name: &'static str,
    kind: &'static Kind<()>,
    n_args_max: usize,
) -> Result<Expr> {
    call.check_arity(2, n_args_max)?;
    let settings = call.settings;
    let args = call.args.into_iter().enumerate().map(|(position, arg)| {
        let target = match position {
            2 | 3 => SparkType::string(),
            _ => SparkType::Binary,
        };
        implicit(name, position, arg, &target, settings)
    });
    let kernel = kind.kernel((), &SparkType::Binary).nullable(Nullable::Always);
    Ok(kernel.call(args.collect::<Result<Vec<_>>>()?))
}

pub(super) static ENCRYPT: Kind<()> = Kind::new("aes_encrypt", |(), input| {
    let columns = Columns::of(input, true)?;
    binaries(input.n_rows, |row| match columns.row(row) {
        Some(arguments) => encrypted(&arguments).map(Some),
        None => Ok(None),
    })
});

pub(super) static DECRYPT: Kind<()> =
    Kind::new("aes_decrypt", |(), input| decrypt_all(input, false));

pub(super) static TRY_DECRYPT: Kind<()> =
    Kind::new("try_aes_decrypt", |(), input| decrypt_all(input, true));

fn decrypt_all(input: &Input<'_>, tolerant: bool) -> Result<ArrayRef> {
    let columns = Columns::of(input, false)?;
    binaries(input.n_rows, |row| match columns.row(row).map(|arguments| decrypted(&arguments)) {
        Some(Err(_)) if tolerant => Ok(None),
        Some(answer) => answer.map(Some),
        None => Ok(None),
    })
}

struct Columns<'a> {
    input: &'a BinaryArray,
    key: &'a BinaryArray,
    mode: Option<&'a StringArray>,
    padding: Option<&'a StringArray>,
    iv: Option<&'a BinaryArray>,
    aad: Option<&'a BinaryArray>,
    encrypts: bool,
}

/// One call.
struct Request<'a> {
    input: &'a [u8],
    key: &'a [u8],
    mode: &'a str,
    padding: &'a str,
    iv: &'a [u8],
    aad: &'a [u8],
    encrypts: bool,
}

impl<'a> Columns<'a> {
    fn of(input: &'a Input<'_>, encrypts: bool) -> Result<Self> {
        let n_args = input.args.len();
        let text = |position| (n_args > position).then(|| input.text(position)).transpose();
        let bytes = |position| (n_args > position).then(|| input.bytes(position)).transpose();
        Ok(Self {
            input: input.bytes(0)?,
            key: input.bytes(1)?,
            mode: text(2)?,
            padding: text(3)?,
            iv: if encrypts { bytes(4)? } else { None },
            aad: if encrypts { bytes(5)? } else { bytes(4)? },
            encrypts,
        })
    }

    /// None if any of them is null.
    fn row(&self, row: usize) -> Option<Request<'a>> {
        let text = |column: Option<&'a StringArray>, default: &'static str| match column {
            Some(column) => get!(column, row),
            None => Some(default),
        };
        let bytes = |column: Option<&'a BinaryArray>| match column {
            Some(column) => get!(column, row),
            None => Some(&[] as &[u8]),
        };
        Some(Request {
            input: bytes(Some(self.input))?,
            key: bytes(Some(self.key))?,
            mode: text(self.mode, "GCM")?,
            padding: text(self.padding, "DEFAULT")?,
            iv: bytes(self.iv)?,
            aad: bytes(self.aad)?,
            encrypts: self.encrypts,
        })
    }
}

impl Request<'_> {
    fn mode(&self) -> Result<Mode> {
        let is = |name: &str, paddings: [&str; 2]| {
            let padding = paddings.iter().any(|own| own.eq_ignore_ascii_case(self.padding));
            name.eq_ignore_ascii_case(self.mode) && padding
        };
        if is("ECB", ["PKCS", "DEFAULT"]) {
            Ok(Mode::Ecb)
        } else if is("CBC", ["PKCS", "DEFAULT"]) {
            Ok(Mode::Cbc)
        } else if is("GCM", ["NONE", "DEFAULT"]) {
            Ok(Mode::Gcm)
        } else {
            Err(SparkError::runtime(
                "UNSUPPORTED_FEATURE.AES_MODE",
                format!(
                    "The feature is not supported: AES-{} with the padding {} by the \
                     `aes_encrypt`/`aes_decrypt` function.",
                    self.mode, self.padding
                ),
            )
            .with("functionName", "`aes_encrypt`/`aes_decrypt`")
            .with("mode", self.mode)
            .with("padding", self.padding))
        }
    }

    /// The vector to encrypt with: the user's, or a random one.
    fn vector(&self, mode: Mode) -> Result<Vec<u8>> {
        let (name, n_bytes) = match mode {
            Mode::Ecb => ("ECB", 0),
            Mode::Cbc => ("CBC", BLOCK),
            Mode::Gcm => ("GCM", GCM_IV),
        };
        let function = if self.encrypts { "`aes_encrypt`" } else { "`aes_decrypt`" };
        let unsupported = |condition: &str, what: &str| {
            let text = format!(
                "The feature is not supported: {function} with AES-{name} does not support {what}."
            );
            SparkError::runtime(condition, text).with("mode", name).with("functionName", function)
        };
        if mode == Mode::Ecb && !self.iv.is_empty() {
            return Err(unsupported(
                "UNSUPPORTED_FEATURE.AES_MODE_IV",
                "initialization vectors (IVs)",
            ));
        }
        if mode != Mode::Gcm && !self.aad.is_empty() {
            return Err(unsupported(
                "UNSUPPORTED_FEATURE.AES_MODE_AAD",
                "additional authenticate data (AAD)",
            ));
        }
        if self.iv.is_empty() {
            let mut random = vec![0; if self.encrypts { n_bytes } else { 0 }];
            rand::RngCore::fill_bytes(&mut rand::rng(), &mut random);
            return Ok(random);
        }
        if self.iv.len() != n_bytes {
            let detail = format!(
                "supports 16-byte CBC IVs and 12-byte GCM IVs, but got {} bytes for {name}.",
                self.iv.len()
            );
            return Err(invalid("`iv`", "AES_IV_LENGTH", &detail)
                .with("mode", name)
                .with("actualLength", self.iv.len().to_string()));
        }
        Ok(self.iv.to_vec())
    }

    fn key_error(&self) -> SparkError {
        let detail = format!(
            "expects a binary value with 16, 24 or 32 bytes, but got {} bytes.",
            self.key.len()
        );
        invalid("`key`", "AES_KEY_LENGTH", &detail).with("actualLength", self.key.len().to_string())
    }
}

fn invalid(parameters: &str, condition: &str, detail: &str) -> SparkError {
    let text = format!(
        "The value of parameter(s) {parameters} in `aes_encrypt`/`aes_decrypt` is invalid: {detail}"
    );
    SparkError::runtime(format!("INVALID_PARAMETER_VALUE.{condition}"), text)
        .with("parameter", parameters)
        .with("functionName", "`aes_encrypt`/`aes_decrypt`")
}

fn crypto_error(detail: &str) -> SparkError {
    invalid("`expr`, `key`", "AES_CRYPTO_ERROR", &format!("detail message: {detail}"))
        .with("detailMessage", detail)
}

/// Calls `$body` with the cipher of the key's length.
macro_rules! with_cipher {
    ($call:expr, |$cipher:ident| $body:expr) => {
        match $call.key.len() {
            16 => {
                type $cipher = Aes128;
                $body
            }
            24 => {
                type $cipher = Aes192;
                $body
            }
            32 => {
                type $cipher = Aes256;
                $body
            }
            _ => Err($call.key_error()),
        }
    };
}

fn encrypted(call: &Request<'_>) -> Result<Vec<u8>> {
    let mode = call.mode()?;
    let vector = call.vector(mode)?;
    with_cipher!(call, |Cipher| match mode {
        Mode::Gcm => {
            let cipher = AesGcm::<Cipher, U12>::new(GenericArray::from_slice(call.key));
            let payload = Payload { msg: call.input, aad: call.aad };
            let sealed = cipher.encrypt(GenericArray::from_slice(&vector), payload);
            let sealed = sealed.map_err(|_| crypto_error("the input is too long"))?;
            Ok([vector, sealed].concat())
        }
        Mode::Ecb | Mode::Cbc => Ok(blocks_encrypted::<Cipher>(call, vector)),
    })
}

trait BlockCipher:
    BlockEncrypt + BlockDecrypt + KeyInit + KeySizeUser + BlockSizeUser<BlockSize = U16>
{
}

impl BlockCipher for Aes128 {}
impl BlockCipher for Aes192 {}
impl BlockCipher for Aes256 {}

/// ECB; CBC if there is a vector, which stays in front.
fn blocks_encrypted<C: BlockCipher>(call: &Request<'_>, vector: Vec<u8>) -> Vec<u8> {
    let cipher = C::new(GenericArray::from_slice(call.key));
    let n_padding = BLOCK - call.input.len() % BLOCK;
    let padding = std::iter::repeat_n(n_padding as u8, n_padding);
    let padded: Vec<u8> = call.input.iter().copied().chain(padding).collect();
    let mut out = vector;
    for plain in padded.chunks_exact(BLOCK) {
        let mut block = *GenericArray::from_slice(plain);
        if let Some(start) = out.len().checked_sub(BLOCK).filter(|_| call.is_chained()) {
            block.iter_mut().zip(&out[start..]).for_each(|(own, before)| *own ^= before);
        }
        cipher.encrypt_block(&mut block);
        out.extend_from_slice(&block);
    }
    out
}

impl Request<'_> {
    fn is_chained(&self) -> bool {
        self.mode.eq_ignore_ascii_case("CBC")
    }
}

fn decrypted(call: &Request<'_>) -> Result<Vec<u8>> {
    let mode = call.mode()?;
    call.vector(mode)?;
    with_cipher!(call, |Cipher| match mode {
        Mode::Gcm => {
            let Some((vector, sealed)) = call.input.split_at_checked(GCM_IV) else {
                return Err(crypto_error("Invalid buffer arguments"));
            };
            if sealed.len() < BLOCK {
                return Err(crypto_error("Invalid buffer arguments"));
            }
            let cipher = AesGcm::<Cipher, U12>::new(GenericArray::from_slice(call.key));
            let payload = Payload { msg: sealed, aad: call.aad };
            let plain = cipher.decrypt(GenericArray::from_slice(vector), payload);
            plain.map_err(|_| crypto_error("Tag mismatch!"))
        }
        Mode::Ecb => blocks_decrypted::<Cipher>(call, &[], call.input),
        Mode::Cbc => match call.input.split_at_checked(BLOCK) {
            Some((vector, rest)) => blocks_decrypted::<Cipher>(call, vector, rest),
            None => Err(crypto_error("Invalid input length")),
        },
    })
}

fn blocks_decrypted<C: BlockCipher>(
    call: &Request<'_>,
    vector: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>> {
    if sealed.len() % BLOCK != 0 {
        return Err(crypto_error(
            "Input length must be multiple of 16 when decrypting with padded cipher",
        ));
    }
    let cipher = C::new(GenericArray::from_slice(call.key));
    let mut plain = Vec::with_capacity(sealed.len());
    let mut before = vector;
    for chunk in sealed.chunks_exact(BLOCK) {
        let mut block = *GenericArray::from_slice(chunk);
        cipher.decrypt_block(&mut block);
        // Without a vector there is nothing before, and nothing is mixed in.
        block.iter_mut().zip(before).for_each(|(own, before)| *own ^= before);
        plain.extend_from_slice(&block);
        if call.is_chained() {
            before = chunk;
        }
    }
    let Some(&n_padding) = plain.last() else { return Ok(plain) };
    let n = usize::from(n_padding);
    let kept = plain.len().checked_sub(n).filter(|_| (1..=BLOCK).contains(&n));
    match kept.filter(|kept| plain[*kept..].iter().all(|byte| *byte == n_padding)) {
        Some(kept) => {
            plain.truncate(kept);
            Ok(plain)
        }
        None => Err(crypto_error(
            "Given final block not properly padded. Such issues can arise if a bad key is used \
             during decryption.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'a>(input: &'a [u8], mode: &'a str, iv: &'a [u8], encrypts: bool) -> Request<'a> {
        let key = b"abcdefghijklmnop";
        Request { input, key, mode, padding: "DEFAULT", iv, aad: &[], encrypts }
    }

    #[test]
    fn what_is_encrypted_can_be_decrypted() {
        for mode in ["ECB", "cbc", "GCM"] {
            for text in
                [b"" as &[u8], b"Spark", b"sixteen bytes ..", b"more than one block of text"]
            {
                let sealed = encrypted(&call(text, mode, &[], true)).expect("encrypts");
                let plain = decrypted(&call(&sealed, mode, &[], false)).expect("decrypts");
                assert_eq!(plain, text, "{mode}");
            }
        }
        // Spark's answer.
        let sealed = encrypted(&call(b"Spark", "ECB", &[], true)).expect("encrypts");
        assert_eq!(sealed[..4], [0xe0, 0x7b, 0xf4, 0x50]);
    }

    #[test]
    fn damage_is_noticed() {
        let mut sealed = encrypted(&call(b"Spark", "GCM", &[7; 12], true)).expect("encrypts");
        sealed[13] ^= 1;
        let error = decrypted(&call(&sealed, "GCM", &[], false)).expect_err("a wrong tag");
        assert_eq!(error.condition(), "INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR");
    }
}
