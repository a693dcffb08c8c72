//! A client as an app first sees it: its handshake, and the client that comes of it.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::ids::ClientId;

/// A request to connect, before it is answered: [`App::admit`](crate::app::App::admit) decides on it, and
/// [`Client`] carries it along.
///
/// ```
/// # use parlor_core::Handshake;
/// let mut handshake = Handshake::new("192.0.2.7".parse()?, "/rooms/tea");
/// handshake.query = "name=Ann+Lee&lang=en".into();
/// handshake.headers.push(("cookie".into(), "theme=dark; session=f00d".into()));
/// handshake.path_params.push(("room".into(), "tea".into())); // as the path `/rooms/{room}` does
///
/// assert_eq!(handshake.query("name").as_deref(), Some("Ann Lee"));
/// assert_eq!(handshake.cookie("session"), Some("f00d"));
/// assert_eq!(handshake.header("Cookie"), Some("theme=dark; session=f00d"));
/// assert_eq!(handshake.path_param("room"), Some("tea"));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handshake {
    /// The client's address; IPv4-mapped IPv6 addresses come as IPv4. Behind a trusted proxy, the address that the proxy
    /// gives.
    pub address: IpAddr,
    /// The TCP port of the peer: the client's own, or its proxy's.
    pub port: u16,
    /// The path of the request below the server's base path, not percent-decoded: `/ws`.
    pub path: String,
    /// The query without its `?`, not decoded; empty if there is none.
    pub query: String,
    /// The headers that are text, with lower-case names, in their order; at most 16 KiB in all, those beyond are left out.
    pub headers: Vec<(String, String)>,
    /// The named parts of the path's pattern, percent-decoded: `room` for `/rooms/{room}`.
    pub path_params: Vec<(String, String)>,
    /// The subprotocols that the client offers, best first (RFC 6455 §1.9).
    pub subprotocols: Vec<String>,
}

impl Handshake {
    /// Makes a handshake from `address` to `path`, with nothing else: for tests of [`App::admit`](crate::app::App::admit).
    pub fn new(address: IpAddr, path: impl Into<String>) -> Self {
        Handshake {
            address,
            port: 0,
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            path_params: Vec::new(),
            subprotocols: Vec::new(),
        }
    }

    /// Returns the first header of this name, compared without case. `None` also for a header whose value is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the value of the first cookie of this name (RFC 6265 §4.2), as it was sent: without the quotes around it, not
    /// percent-decoded.
    ///
    /// ```
    /// # use parlor_core::Handshake;
    /// # let mut handshake = Handshake::new("192.0.2.7".parse()?, "/");
    /// handshake.headers.push(("cookie".into(), "a=1; user=\"ann\"".into()));
    /// assert_eq!(handshake.cookie("user"), Some("ann"));
    /// assert_eq!(handshake.cookie("User"), None);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lists = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case("cookie"));
        let pairs = lists.flat_map(|(_, list)| list.split(';')).filter_map(|pair| pair.split_once('='));
        let value = pairs.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == name)?.1;
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    }

    /// Returns the value of the first parameter of this name in the query, decoded as a form (`+` is a space, `%XX` a byte).
    ///
    /// ```
    /// # use parlor_core::Handshake;
    /// # let mut handshake = Handshake::new("192.0.2.7".parse()?, "/");
    /// handshake.query = "room=tea%20%26%20cake&quiet".into();
    /// assert_eq!(handshake.query("room").as_deref(), Some("tea & cake"));
    /// assert_eq!(handshake.query("quiet").as_deref(), Some(""));
    /// assert_eq!(handshake.query("loud"), None);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns a named part of the path's pattern, percent-decoded.
    pub fn path_param(&self, name: &str) -> Option<&str> {
        self.path_params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A client that has connected. Everything of its [`Handshake`] can be read on it directly.
///
/// ```
/// # use parlor_core::{*, harness::Harness};
/// # struct Chat;
/// # impl App for Chat {
/// #     type Request = Message;
/// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
///     let room = client.query("room").unwrap_or("lobby".into());
///     hub.send(client.id, format!("you are in {room}, from {}", client.address));
/// }
/// # }
///
/// let mut server = Harness::new(Chat, 1);
/// let ann = server.connect_as(|handshake| handshake.query = "room=tea".into()).unwrap();
/// assert_eq!(server.heard(ann), ["you are in tea, from 127.0.0.1"]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Client {
    /// Its id, under which the app sends to it.
    pub id: ClientId,
    /// The request that it connected with.
    pub handshake: Handshake,
    /// The subprotocol that both speak, if one was agreed on.
    pub subprotocol: Option<String>,
    /// The value that [`App::admit`](crate::app::App::admit) gave along.
    pub admitted: Admitted,
}

impl Client {
    /// Makes a client with this id and handshake, and nothing agreed on: for those who drive an
    /// [`Engine`](crate::engine::Engine) themselves.
    pub fn new(id: ClientId, handshake: Handshake) -> Self {
        Client { id, handshake, subprotocol: None, admitted: Admitted::default() }
    }

    /// Returns the value that [`App::admit`](crate::app::App::admit) gave along, if it is a `T`.
    pub fn admitted<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.admitted.0.as_ref()?.downcast_ref()
    }
}

impl Deref for Client {
    type Target = Handshake;

    fn deref(&self) -> &Handshake {
        &self.handshake
    }
}

impl DerefMut for Client {
    fn deref_mut(&mut self) -> &mut Handshake {
        &mut self.handshake
    }
}

/// Permission to connect, perhaps with a value for [`App::new_client`](crate::app::App::new_client), such as the user's record.
#[derive(Clone, Default)]
pub struct Admitted(Option<Arc<dyn Any + Send + Sync>>);

impl Admitted {
    /// Permits the client to connect, with `value` for [`Client::admitted`].
    pub fn with(value: impl Any + Send + Sync) -> Self {
        Admitted(Some(Arc::new(value)))
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Admitted(a value)" } else { "Admitted" })
    }
}

/// The answer to a handshake that is not admitted: an HTTP response instead of the upgrade.
///
/// ```
/// # use parlor_core::Denied;
/// let denied = Denied::new(429, "try again in a minute").header("Retry-After", "60");
/// assert_eq!(denied.status, 429);
/// assert_eq!(denied.headers, [("retry-after".to_owned(), "60".to_owned())]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denied {
    /// The status code, 300 to 599.
    pub status: u16,
    /// Headers of the response.
    pub headers: Vec<(String, String)>,
    /// The body, sent as plain text unless a `content-type` header says otherwise.
    pub body: String,
}

impl Denied {
    /// Makes a response with this status (300 to 599; any other number is sent as 403) and body.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        let status = if (300..600).contains(&status) { status } else { 403 };
        Denied { status, headers: Vec::new(), body: body.into() }
    }

    /// Makes a 401: the client has to say who it is, in the way that `challenge` names (RFC 9110 §11.6.1), such as `Bearer`.
    ///
    /// ```
    /// # use parlor_core::Denied;
    /// let denied = Denied::unauthorized("Bearer", "the token is not known");
    /// assert_eq!(denied.headers, [("www-authenticate".to_owned(), "Bearer".to_owned())]);
    /// ```
    pub fn unauthorized(challenge: &str, body: impl Into<String>) -> Self {
        Denied::new(401, body).header("www-authenticate", challenge)
    }

    /// Makes a 403: the client is known, and may not connect.
    pub fn forbidden(body: impl Into<String>) -> Self {
        Denied::new(403, body)
    }

    /// Makes a 302: the client has to go elsewhere first. Browsers don't follow it for a WebSocket; other clients may.
    pub fn redirect(location: &str) -> Self {
        Denied::new(302, "").header("location", location)
    }

    /// Adds a header. One that HTTP doesn't allow is left out of the response.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn with(headers: &[(&str, &str)], query: &str) -> Handshake {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Handshake { headers, query: query.into(), ..Handshake::new(Ipv4Addr::LOCALHOST.into(), "/ws") }
    }

    #[test]
    fn cookies_are_found_in_all_their_headers() {
        let handshake = with(&[("cookie", "a=1; user=\"b=c\""), ("x", "y"), ("cookie", "late=2;a=3;;=;empty=")], "");
        assert_eq!(handshake.cookie("a"), Some("1"));
        assert_eq!(handshake.cookie("user"), Some("b=c"));
        assert_eq!(handshake.cookie("late"), Some("2"));
        assert_eq!(handshake.cookie("empty"), Some(""));
        assert_eq!(handshake.cookie("A"), None);
        assert_eq!(handshake.header("X"), Some("y"));
    }

    #[test]
    fn queries_are_decoded_as_forms() {
        let handshake = with(&[], "room=a+b%26c&room=second&%C3%A9=1&flag&bad=%ff%zz");
        assert_eq!(handshake.query("room").as_deref(), Some("a b&c"));
        assert_eq!(handshake.query("é").as_deref(), Some("1"));
        assert_eq!(handshake.query("flag").as_deref(), Some(""));
        assert_eq!(handshake.query("bad").as_deref(), Some("\u{fffd}%zz"));
        assert_eq!(handshake.query("none"), None);
    }

    #[test]
    fn an_admitted_value_is_had_by_its_type() {
        let id = ClientId { worker: 0, slot: 0, generation: 0 };
        let mut client = Client::new(id, with(&[], ""));
        assert_eq!(client.admitted::<u32>(), None);
        client.admitted = Admitted::with(7_u32);
        assert_eq!(client.admitted::<u32>(), Some(&7));
        assert_eq!(client.admitted::<String>(), None);
    }

    #[test]
    fn a_denial_is_an_http_error_or_a_redirect() {
        assert_eq!(Denied::new(200, "").status, 403);
        assert_eq!(Denied::redirect("/login").headers, [("location".to_owned(), "/login".to_owned())]);
    }
}
