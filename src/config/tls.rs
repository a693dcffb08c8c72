//! TLS: the certificate, and what is told to browsers about it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::define::settings;
use super::optional_address::OptionalAddress;
use super::setting::{Bounds, Shape};
use super::value::Value;

settings! {
    /// TLS. Without a certificate the server speaks plain HTTP, for this machine or behind a proxy that speaks TLS.
    pub struct TlsSettings, "TLS" {
        /// PEM file with the certificate and its chain, the server's own first; with it the server speaks https: and wss: alone.
        ///
        /// The files are read again when they change (within 10 s) and on SIGHUP, for new connections. `parlor dev-cert` makes
        /// a pair for trying out.
        tls_cert: PemFile = "none";

        /// PEM file with the certificate's private key, without a password.
        tls_key: PemFile = "none";

        /// Address and port that send plain HTTP to https:, such as 0.0.0.0:80; none listens nowhere else.
        redirect_http: OptionalAddress = "none";

        /// Time for which browsers take nothing but https: for this host name (HSTS, RFC 6797); none says nothing.
        ///
        /// It can't be taken back before its time: begin with 5m. Never sent for IP addresses and localhost.
        hsts: Option<Duration> = "none", from "1s" to "730d";
    }
}

/// The path of a PEM file, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemFile(Option<PathBuf>);

impl PemFile {
    pub fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl Value for PemFile {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "PATH";

    fn allowed(_: Bounds) -> String {
        "none, or the path of a file".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text == "none" {
            return Some(PemFile(None));
        }
        // A system's path ends at a zero byte. A path that ends with a slash is a directory.
        let is_path = !text.is_empty() && !text.contains('\0') && !text.ends_with('/');
        is_path.then(|| PemFile(Some(PathBuf::from(text))))
    }

    fn print(&self) -> String {
        self.0.as_ref().map_or_else(|| "none".to_owned(), |path| path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_path_or_is_none() {
        let parsed = |text| PemFile::parse(text, Bounds { min: "", max: "" }).map(|file| file.print());
        for text in ["none", "cert.pem", "/etc/parlor/cert.pem"] {
            assert_eq!(parsed(text).as_deref(), Some(text));
        }
        for text in ["", "certs/", "a\0b"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
