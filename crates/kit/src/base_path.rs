//! The path below which a server has everything.

use std::fmt;
use std::str::FromStr;

use actix_web::http::{Method, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

/// The path below which a server has all its apps, pages and routes: for a server that shares its origin with others.
/// [`Server::base_path`](crate::Server::base_path) takes it.
///
/// `/` is the default. Else it has segments of letters, digits and `-`, `.`, `_`, `~` (those that RFC 3986 §2.3 never
/// encodes), and none of them is `.` or `..`. A slash at the end is added.
///
/// ```
/// use parlor_kit::BasePath;
///
/// assert_eq!("/chat".parse::<BasePath>()?.as_str(), "/chat/");
/// assert_eq!(BasePath::default().as_str(), "/");
/// for refused in ["chat", "//", "/a//b", "/a/../b", "/a?b", "/%61", "/{a}"] {
///     assert!(refused.parse::<BasePath>().is_err(), "{refused}");
/// }
/// # Ok::<(), parlor_kit::InvalidBasePath>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

/// A text that is no [`BasePath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidBasePath;

impl fmt::Display for InvalidBasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a base path is /, or segments of letters, digits and - . _ ~ between slashes, such as /chat/")
    }
}

impl std::error::Error for InvalidBasePath {}

impl Default for BasePath {
    fn default() -> Self {
        BasePath("/".to_owned())
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BasePath {
    type Err = InvalidBasePath;

    fn from_str(text: &str) -> Result<Self, InvalidBasePath> {
        let inside = text.strip_prefix('/').ok_or(InvalidBasePath)?;
        if inside.is_empty() {
            return Ok(BasePath::default());
        }
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let is_of_segment = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_segment = |segment: &str| !["", ".", ".."].contains(&segment) && segment.chars().all(is_of_segment);
        if inside.split('/').all(is_segment) { Ok(BasePath(format!("/{inside}/"))) } else { Err(InvalidBasePath) }
    }
}

impl BasePath {
    /// Returns the path, with a slash at its beginning and its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what a request's path is below the base, with a slash at its beginning; a path elsewhere as it is.
    pub(crate) fn strip<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(self.prefix()).filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }

    /// Adds `services` below this path. Beside it, `/` and the path without its last slash lead to it; all else is 404.
    pub(crate) fn configure(&self, config: &mut ServiceConfig, services: impl FnOnce(&mut ServiceConfig)) {
        if self.prefix().is_empty() {
            services(config);
            return;
        }
        let (bare, elsewhere) = (self.clone(), self.clone());
        let answer = |base: BasePath| {
            web::to(move |request: HttpRequest| {
                let response = base.outside(&request);
                async move { response }
            })
        };
        let scope = web::scope(self.prefix()).service(web::resource("").route(answer(bare)));
        config.service(scope.configure(services)).default_service(answer(elsewhere));
    }

    /// Answers a request outside of the path.
    fn outside(&self, request: &HttpRequest) -> HttpResponse {
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        // A client that wants a WebSocket follows no redirect.
        let is_plain = !request.headers().contains_key(header::UPGRADE);
        if is_read && is_plain && (request.path() == "/" || request.path() == self.prefix()) {
            let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
            // Not for ever: the path may be another one tomorrow.
            return HttpResponse::TemporaryRedirect()
                .insert_header((header::LOCATION, format!("{self}{query}")))
                .finish();
        }
        let words = format!("404: nothing is here: this server has everything below {self}\n");
        HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body(words)
    }

    /// The path without its last slash.
    fn prefix(&self) -> &str {
        self.0.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_stripped_where_it_is_a_whole_one() {
        let base: BasePath = "/a/b".parse().unwrap();
        for (path, below) in [("/a/b/c", "/c"), ("/a/b/", "/"), ("/a/b", "/a/b"), ("/a/bc", "/a/bc"), ("/c", "/c")] {
            assert_eq!(base.strip(path), below);
        }
        assert_eq!(BasePath::default().strip("/c"), "/c");
    }
}
