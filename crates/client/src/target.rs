//! The server to connect to, and the opening of a connection.

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::{Close, Error, Options};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Bytes of a frame of the server. The longest are answers to joins, of about half a megabyte.
const FRAME_BYTES_MAX: usize = 8 << 20;

pub(crate) struct Target {
    request: Request,
    #[cfg(feature = "rustls")]
    tls: tokio_tungstenite::Connector,
}

impl Target {
    pub fn new(url: &str, options: &Options) -> Result<Self, Error> {
        let mut request = url.into_client_request().map_err(|error| Error::Address(error.to_string()))?;
        match request.uri().scheme_str() {
            Some("ws") => {}
            Some("wss") if cfg!(feature = "rustls") => {}
            Some("wss") => return Err(Error::Address("wss: needs the feature \"rustls\"".into())),
            _ => return Err(Error::Address(format!("{url:?} must begin with ws: or wss:"))),
        }
        for (name, value) in &options.headers {
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
                return Err(Error::Address(format!("{name:?}: {value:?} is no header")));
            };
            request.headers_mut().insert(name, value);
        }
        Ok(Target {
            request,
            #[cfg(feature = "rustls")]
            tls: tls(options)?,
        })
    }

    pub async fn open(&self) -> Result<Socket, Close> {
        let request = self.request.clone();
        let config =
            WebSocketConfig::default().max_message_size(Some(FRAME_BYTES_MAX)).max_frame_size(Some(FRAME_BYTES_MAX));
        #[cfg(not(feature = "rustls"))]
        let opened = tokio_tungstenite::connect_async_with_config(request, Some(config), true).await;
        #[cfg(feature = "rustls")]
        let opened = {
            let tls = Some(self.tls.clone());
            tokio_tungstenite::connect_async_tls_with_config(request, Some(config), true, tls).await
        };
        opened.map(|(socket, _)| socket).map_err(|error| refusal(&error))
    }
}

/// A crypto provider of its own: the program may have others in its tree.
#[cfg(feature = "rustls")]
fn tls(options: &Options) -> Result<tokio_tungstenite::Connector, Error> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring};

    if let Some(config) = &options.tls {
        return Ok(tokio_tungstenite::Connector::Rustls(config.clone()));
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Address(error.to_string()))?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok(tokio_tungstenite::Connector::Rustls(Arc::new(config)))
}

/// A handshake that failed. Only refusals that would be the same next time are final.
fn refusal(error: &tungstenite::Error) -> Close {
    let tungstenite::Error::Http(answer) = error else { return Close::broken(error) };
    let status = answer.status();
    let code = if status.is_server_error() || matches!(status.as_u16(), 408 | 429) { 1013 } else { 4500 };
    Close::new(code, format!("the server refused the connection: {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_none_are_refused_at_once() {
        for url in ["", "tea", "http://127.0.0.1/ws", "ws://"] {
            assert!(matches!(Target::new(url, &Options::default()), Err(Error::Address(_))), "{url}");
        }
        assert!(Target::new("ws://127.0.0.1:8080/ws", &Options::default()).is_ok());
        assert_eq!(Target::new("wss://localhost/ws", &Options::default()).is_ok(), cfg!(feature = "rustls"));
        let header = Options::default().header("Origin\n", "x");
        assert!(matches!(Target::new("ws://localhost/ws", &header), Err(Error::Address(_))));
    }
}
