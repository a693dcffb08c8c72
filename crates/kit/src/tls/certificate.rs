//! A pair of PEM files, checked.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::error::TlsError;
use parlor_core::Time;

/// The text of both files.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A chain and its key that can be served.
#[derive(Debug)]
pub struct Pair {
    pub key: Arc<CertifiedKey>,
    /// The end of the certificate's time, as a date.
    pub valid_until: String,
    pub days_left: u64,
}

/// No chain is longer. A path to something else, such as a device, is not read without end.
const FILE_BYTES_MAX: u64 = 1 << 20;

impl Pem {
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Ok(Pem { certificate: text("certificate", certificate)?, key: text("private key", key)? })
    }
}

fn text(what: &str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut text));
    let path = path.display();
    read.map_err(|error| TlsError::new(format!("the {what} {path} can't be read: {error}")))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(TlsError::new(format!("the {what} {path} is longer than 1 MiB: is it a PEM file?")));
    }
    Ok(text)
}

impl Pair {
    pub fn parse(
        pem: &Pem,
        certificate: &Path,
        key: &Path,
        provider: &Arc<CryptoProvider>,
        now: Time,
    ) -> Result<Self, TlsError> {
        let file = certificate.display();
        let chain = chain(&pem.certificate)
            .map_err(|error| TlsError::new(format!("the certificate {file} can't be used: {error}")))?;
        let private = private_key(&pem.key)
            .map_err(|error| TlsError::new(format!("the private key {} can't be used: {error}", key.display())))?;
        let (valid_until, days_left) = validity(&chain, now)
            .map_err(|error| TlsError::new(format!("the certificate {file} can't be used: {error}")))?;
        let key = CertifiedKey::from_der(chain, private, provider).map_err(|error| {
            let key = key.display();
            TlsError::new(if error == Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
                format!("the private key {key} belongs to another certificate than {file}")
            } else {
                format!("the certificate {file} and the private key {key} can't be used: {error}")
            })
        })?;
        Ok(Pair { key: Arc::new(key), valid_until, days_left })
    }
}

fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(|error| words(&error))?;
    if chain.is_empty() {
        return Err("it holds no block BEGIN CERTIFICATE".to_owned());
    }
    Ok(chain)
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        if !matches!(error, pem::Error::NoItemsFound) {
            words(&error)
        } else if contains(pem, b"BEGIN ENCRYPTED PRIVATE KEY") {
            "it is protected by a password: take the password off, for instance with openssl pkey".to_owned()
        } else {
            "it holds no block BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY".to_owned()
        }
    })
}

/// The parser's errors quote what they read. Keys are not for logs.
fn words(error: &pem::Error) -> String {
    if let pem::Error::Io(error) = error { error.to_string() } else { "a PEM block in it is damaged".to_owned() }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Returns the end of the time in which the server's certificate holds, and the days left.
fn validity(chain: &[CertificateDer<'_>], now: Time) -> Result<(String, u64), String> {
    const DAY: i64 = 24 * 60 * 60;
    let leaf = chain.first().ok_or("it is empty")?;
    let (_, leaf) =
        X509Certificate::from_der(leaf).map_err(|_| "its first block is no X.509 certificate".to_owned())?;
    let (from, until) = (leaf.validity().not_before, leaf.validity().not_after);
    let now = i64::try_from(now.as_millis() / 1000).unwrap_or(i64::MAX);
    if now < from.timestamp() {
        return Err(format!("it is not valid before {from}: is this machine's clock right?"));
    }
    match until.timestamp().checked_sub(now) {
        Some(left) if left >= 0 => Ok((until.to_string(), (left / DAY).unsigned_abs())),
        Some(_) | None => Err(format!("it has expired on {until}")),
    }
}
