//! TLS: the certificate, and what is told to browsers about it.

use std::time::Duration;

use super::define::settings;
use super::optional_address::OptionalAddress;
use super::optional_file::OptionalFile;

settings! {
    /// TLS. Without a certificate the server speaks plain HTTP, for this machine or behind a proxy that speaks TLS.
    pub struct TlsSettings, "TLS" {
        /// PEM file with the certificate and its chain, the server's own first; with it the server speaks https: and wss: alone.
        ///
        /// The files are read again when they change (within 10 s) and on SIGHUP, for new connections. `parlor dev-cert` makes
        /// a pair for trying out.
        tls_cert: OptionalFile = "none";

        /// PEM file with the certificate's private key, without a password.
        tls_key: OptionalFile = "none";

        /// Address and port that send plain HTTP to https:, such as 0.0.0.0:80; none listens nowhere else.
        redirect_http: OptionalAddress = "none";

        /// Time for which browsers take nothing but https: for this host name (HSTS, RFC 6797); none says nothing.
        ///
        /// It can't be taken back before its time: begin with 5m. Never sent for IP addresses and localhost.
        hsts: Option<Duration> = "none", from "1s" to "730d";
    }
}
