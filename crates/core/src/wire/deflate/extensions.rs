//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 §9.1).

use std::borrow::Cow;
use std::fmt;

/// An offer of a client: an extension with its parameters, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    pub name: &'a str,
    pub params: Vec<(&'a str, Option<Cow<'a, str>>)>,
}

/// A header that is no list of extensions: the handshake fails (RFC 6455 §9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sec-WebSocket-Extensions must be a list such as: permessage-deflate; client_max_window_bits")
    }
}

impl std::error::Error for Malformed {}

/// Reads the offers of one header. Empty elements of the list count as none (RFC 9110 §5.6.1).
///
/// # Errors
/// If it does not follow the grammar.
pub fn offers(header: &str) -> Result<Vec<Offer<'_>>, Malformed> {
    let mut cursor = Cursor(header);
    let mut offers = Vec::new();
    loop {
        cursor.skip_space();
        if cursor.0.is_empty() {
            return Ok(offers);
        }
        if cursor.take(',') {
            continue;
        }
        offers.push(cursor.offer()?);
        cursor.skip_space();
        if !cursor.0.is_empty() && !cursor.take(',') {
            return Err(Malformed);
        }
    }
}

/// The rest of a header.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn offer(&mut self) -> Result<Offer<'a>, Malformed> {
        let name = self.token()?;
        let mut params = Vec::new();
        loop {
            self.skip_space();
            if !self.take(';') {
                return Ok(Offer { name, params });
            }
            self.skip_space();
            let name = self.token()?;
            self.skip_space();
            let value = if self.take('=') { Some(self.value()?) } else { None };
            params.push((name, value));
        }
    }

    /// A token, or one in quotes: also then it has to be a token.
    fn value(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.skip_space();
        if !self.take('"') {
            return self.token().map(Cow::Borrowed);
        }
        let mut value = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return if value.is_empty() { Err(Malformed) } else { Ok(Cow::Owned(value)) };
                }
                '\\' => value.push(chars.next().map(|(_, char)| char).filter(|char| is_token(*char)).ok_or(Malformed)?),
                char if is_token(char) => value.push(char),
                _ => return Err(Malformed),
            }
        }
        Err(Malformed)
    }

    fn token(&mut self) -> Result<&'a str, Malformed> {
        let end = self.0.find(|char| !is_token(char)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        if token.is_empty() { Err(Malformed) } else { Ok(token) }
    }

    fn take(&mut self, char: char) -> bool {
        let rest = self.0.strip_prefix(char);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
}

/// As in RFC 9110 §5.6.2.
fn is_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Vec<String>, Malformed> {
        let show = |(name, value): (&str, Option<Cow<'_, str>>)| match value {
            Some(value) => format!("; {name}={value}"),
            None => format!("; {name}"),
        };
        Ok(offers(header)?
            .into_iter()
            .map(|Offer { name, params }| params.into_iter().fold(name.to_owned(), |text, param| text + &show(param)))
            .collect())
    }

    #[test]
    fn lists_of_extensions() {
        assert_eq!(read("foo"), Ok(vec!["foo".to_owned()]));
        assert_eq!(read("foo;bar; baz=2"), Ok(vec!["foo; bar; baz=2".to_owned()]));
        assert_eq!(read(" foo ; bar = 1 ,\tbar; baz"), Ok(vec!["foo; bar=1".to_owned(), "bar; baz".to_owned()]));
        assert_eq!(read("deflate-stream"), Ok(vec!["deflate-stream".to_owned()])); // RFC 6455 §9.1
        assert_eq!(read("mux; max-channels=\"4\""), Ok(vec!["mux; max-channels=4".to_owned()]));
        assert_eq!(read(r#"mux; a="\4x""#), Ok(vec!["mux; a=4x".to_owned()]));
        assert_eq!(read(", ,foo,,"), Ok(vec!["foo".to_owned()]));
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for wrong in [
            ";",
            "foo;",
            "foo;;bar",
            "foo bar",
            "foo;a=",
            "foo;=1",
            "foo;a b",
            "foo;a=1 2",
            "foo;a=\"",
            "foo;a=\"\"",
            "foo;a=\"1",
            "foo;a=\"1 2\"",
            "foo;a=\"1\"2",
            "foo;a=\"\\\"",
            "foo=1",
            "f\u{e4}",
            "foo/1",
            "\"foo\"",
            "foo,bar baz",
        ] {
            assert_eq!(read(wrong), Err(Malformed), "{wrong}");
        }
    }
}
