//! TLS 1.2 and 1.3: a certificate and its key from files, and from the same files again when they change.

mod certificate;
mod error;
mod watch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use log::{info, warn};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};

use crate::wall_clock;
use certificate::{Pair, Pem};
pub use error::TlsError;
use parlor_core::Time;
pub(crate) use watch::watch;

/// A certificate chain and its private key, from PEM files. A clone is the same pair: [`reload`](Tls::reload) holds for both.
///
/// TLS 1.2 and 1.3, with the cipher suites that rustls allows, for HTTP/1.1 (which the WebSocket handshake needs). A server
/// that was given a pair with [`Server::tls`](crate::Server::tls) looks at the files every 10 s, and takes a new pair
/// from then on for new connections. Connections that are open go on. A new pair that can't be used is told in the log, and
/// the old one stays.
///
/// ```no_run
/// # use parlor_kit::{App, Client, ClientId, Close, Hub};
/// # struct Chat;
/// # impl App for Chat {
/// #     type Request = String;
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
/// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// # }
/// use parlor_kit::{Server, Tls};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = Tls::from_pem_files("fullchain.pem", "privkey.pem")?;
/// let server = Server::new().app(&["/chat"], || Chat).tls(tls);
/// server.run_blocking(std::net::TcpListener::bind("0.0.0.0:443")?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    config: Arc<ServerConfig>,
    served: Arc<Served>,
    certificate: PathBuf,
    key: PathBuf,
    /// The files' text as it was last looked at, usable or not.
    seen: Mutex<Pem>,
}

/// The pair that new connections get.
#[derive(Debug)]
struct Served(Mutex<Arc<CertifiedKey>>);

impl Tls {
    /// Reads a certificate chain, the server's own certificate first, and its private key (PKCS#8, PKCS#1 or SEC1, without a
    /// password). One file may hold both.
    ///
    /// # Errors
    /// If a file can't be read or holds no such thing, the key belongs to another certificate, or the certificate is expired
    /// or not valid yet. The error names the file.
    pub fn from_pem_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.as_ref().to_owned(), key.as_ref().to_owned());
        let provider = Arc::new(ring::default_provider());
        let pem = Pem::read(&certificate, &key)?;
        let pair = Pair::parse(&pem, &certificate, &key, &provider, wall_clock())?;
        report(&pair, &certificate);
        let served = Arc::new(Served(Mutex::new(pair.key)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| TlsError::new(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&served) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let inner = Inner { config: Arc::new(config), served, certificate, key, seen: Mutex::new(pem) };
        Ok(Tls(Arc::new(inner)))
    }

    /// Reads the files again, and gives their pair to connections that come from now on. Returns whether the files had
    /// changed.
    ///
    /// # Errors
    /// As [`from_pem_files`](Tls::from_pem_files). The pair stays as it was.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let pem = Pem::read(&self.0.certificate, &self.0.key)?;
        self.take(pem)
    }

    /// As [`reload`](Tls::reload); files that were looked at before are left alone, so that a mistake is told once.
    fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let pem = Pem::read(&self.0.certificate, &self.0.key)?;
        if *self.seen() == pem { Ok(false) } else { self.take(pem) }
    }

    fn take(&self, pem: Pem) -> Result<bool, TlsError> {
        let has_changed = std::mem::replace(&mut *self.seen(), pem.clone()) != pem;
        let Inner { config, served, certificate, key, .. } = &*self.0;
        let pair = Pair::parse(&pem, certificate, key, config.crypto_provider(), wall_clock())?;
        report(&pair, certificate);
        *served.lock() = pair.key;
        Ok(has_changed)
    }

    /// Returns a warning, if the certificate ends within two weeks or has ended.
    fn warning(&self, now: Time) -> Option<String> {
        let Inner { config, certificate, key, .. } = &*self.0;
        let pem = self.seen().clone();
        match Pair::parse(&pem, certificate, key, config.crypto_provider(), now) {
            Ok(pair) => warning(&pair, certificate),
            Err(error) => Some(error.to_string()),
        }
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config)
    }

    fn seen(&self) -> MutexGuard<'_, Pem> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Days before its end at which a certificate is worth a warning. Certificates of 90 days are renewed 30 days before.
const DAYS_TO_WARN: u64 = 14;

fn report(pair: &Pair, certificate: &Path) {
    match warning(pair, certificate) {
        Some(words) => warn!("{words}"),
        None => info!("TLS: the certificate in {} is valid until {}", certificate.display(), pair.valid_until),
    }
}

fn warning(pair: &Pair, certificate: &Path) -> Option<String> {
    let (file, until, days) = (certificate.display(), &pair.valid_until, pair.days_left);
    (days < DAYS_TO_WARN)
        .then(|| format!("the certificate in {file} is valid until {until}, for {days} more days: renew it"))
}

impl Served {
    fn lock(&self) -> MutexGuard<'_, Arc<CertifiedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.lock()))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("certificate", &self.0.certificate)
            .field("key", &self.0.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
