//! Choices for a client.

use std::time::Duration;

/// Choices for a new client. [`Default`] is right for most programs.
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    #[cfg(feature = "rustls")]
    pub(crate) tls: Option<std::sync::Arc<rustls::ClientConfig>>,
    pub(crate) token: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) patience: Duration,
    pub(crate) updates_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            #[cfg(feature = "rustls")]
            tls: None,
            token: None,
            headers: Vec::new(),
            patience: Duration::from_secs(30),
            updates_max: 1024,
        }
    }
}

impl Options {
    /// The token of an earlier client, to be the same user again. None unless set: a new guest.
    pub fn token(self, token: impl Into<String>) -> Self {
        Options { token: Some(token.into()), ..self }
    }

    /// A header of the WebSocket handshake, such as `Origin` or `Authorization`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The configuration of TLS: other roots, a client's certificate. Mozilla's roots unless set.
    #[cfg(feature = "rustls")]
    pub fn tls(self, config: std::sync::Arc<rustls::ClientConfig>) -> Self {
        Options { tls: Some(config), ..self }
    }

    /// The time within which a request must be answered, waiting for a connection included. 30 seconds unless set.
    pub fn request_timeout(self, patience: Duration) -> Self {
        Options { patience, ..self }
    }

    /// The number of updates that wait for the program at most. 1024 unless set, and at least 1.
    pub fn updates_max(self, updates_max: usize) -> Self {
        Options { updates_max: updates_max.max(1), ..self }
    }
}
