//! A file as it is served, in the encoding that the browser likes best.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// The `Cache-Control` of a file whose name changes with its content.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file with its encodings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Changes with the content.
    pub tag: String,
    /// The `Content-Type`.
    pub kind: &'static str,
    /// The `Cache-Control`.
    pub keep: &'static str,
    pub identity: Bytes,
    pub brotli: Option<Bytes>,
    pub gzip: Option<Bytes>,
}

/// An encoding's name, and what tells its entity tag from the others.
type Encoding = (&'static str, &'static str);

impl Asset {
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let (encoding, body) = self.choose(accepted.unwrap_or_default());
        // Each encoding is a representation of its own, RFC 9110 §8.8.3.
        let tag = header::EntityTag::new_strong(format!("{}{}", self.tag, encoding.map_or("", |(_, suffix)| suffix)));
        let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = known
            .is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag.to_string()));
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, tag.to_string())).insert_header((header::CACHE_CONTROL, self.keep));
        if self.brotli.is_some() || self.gzip.is_some() {
            response.insert_header((header::VARY, "accept-encoding"));
        }
        if is_known {
            return response.finish();
        }
        if let Some((name, _)) = encoding {
            response.insert_header((header::CONTENT_ENCODING, name));
        }
        response.content_type(self.kind).body(body.clone())
    }

    /// Brotli before gzip before neither, as far as the browser takes them.
    pub fn choose(&self, accepted: &str) -> (Option<Encoding>, &Bytes) {
        let takes = |name: &str| {
            accepted.split(',').any(|one| {
                let (coding, quality) = one.split_once(';').unwrap_or((one, ""));
                let refused =
                    quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0));
                coding.trim().eq_ignore_ascii_case(name) && !refused
            })
        };
        match (&self.brotli, &self.gzip) {
            (Some(body), _) if takes("br") => (Some(("br", "-br")), body),
            (_, Some(body)) if takes("gzip") => (Some(("gzip", "-gz")), body),
            (_, _) => (None, &self.identity),
        }
    }
}

/// Returns the `Content-Type` of a file by its name.
pub fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_chosen_by_what_is_taken() {
        let [brotli, gzip] = ["b", "g"].map(|body| Some(Bytes::from_static(body.as_bytes())));
        let asset = Asset { tag: "1".into(), kind: "", keep: FOR_EVER, identity: "i".into(), brotli, gzip };
        let chosen = |accepted| asset.choose(accepted).0.map(|(name, _)| name);
        assert_eq!(chosen("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(chosen("GZIP"), Some("gzip"));
        assert_eq!(chosen("br;q=0, gzip;q=0.5"), Some("gzip"));
        assert_eq!(chosen(""), None);
        assert_eq!(Asset { brotli: None, gzip: None, ..asset }.choose("br, gzip").0, None);
    }
}
