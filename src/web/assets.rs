//! The page: the files that the build made of `static/`, and those of other versions that nodes serve.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::asset::{Asset, FOR_EVER, kind};
use super::shelf::OtherVersions;

/// A file as it is served.
pub struct File {
    pub path: &'static str,
    /// Changes with the content.
    pub tag: &'static str,
    /// The `Cache-Control`.
    pub keep: &'static str,
    pub identity: &'static [u8],
    pub brotli: Option<&'static [u8]>,
    pub gzip: Option<&'static [u8]>,
}

/// Written by `build/`: `FILES`, by path, and the hashes of what stands in the HTML.
mod built {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

pub use built::{INLINE_SCRIPT, INLINE_STYLE};

impl File {
    fn asset(&self) -> Asset {
        Asset {
            tag: self.tag.to_owned(),
            kind: kind(self.path),
            keep: self.keep,
            identity: Bytes::from_static(self.identity),
            brotli: self.brotli.map(Bytes::from_static),
            gzip: self.gzip.map(Bytes::from_static),
        }
    }
}

/// Returns the files whose names change with their content, by path: other versions have others.
pub fn kept_for_ever() -> impl Iterator<Item = (&'static str, Asset)> {
    built::FILES.iter().filter(|file| file.keep == FOR_EVER).map(|file| (file.path, file.asset()))
}

/// Serves a file of this version, or one of another version that other nodes have.
pub async fn serve(request: HttpRequest, others: Data<Option<Arc<OtherVersions>>>) -> HttpResponse {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish();
    }
    // What is left of the path behind the server's base path.
    let path = match request.match_info().unprocessed().trim_start_matches('/') {
        "" => "index.html",
        "compare" => "compare.html",
        path => path,
    };
    if let Some(file) =
        built::FILES.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| built::FILES.get(at))
    {
        return file.asset().answer(&request);
    }
    let other = match &**others {
        Some(others) => others.find(path).await,
        None => None,
    };
    match other {
        Some(asset) => asset.answer(&request),
        None => HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("404: there is no such page\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> &'static File {
        built::FILES.iter().find(|file| file.path == path).unwrap()
    }

    #[test]
    fn every_file_has_a_type() {
        for file in built::FILES {
            assert_ne!(kind(file.path), "application/octet-stream", "{}", file.path);
        }
    }

    #[test]
    fn files_are_sorted_and_found() {
        assert!(built::FILES.is_sorted_by(|one, other| one.path < other.path));
        for path in
            ["index.html", "client.js", "client/outbox.js", "js/session.js", "sw.js", "robots.txt", "favicon.ico"]
        {
            assert!(!file(path).identity.is_empty());
        }
    }

    #[test]
    fn the_page_asks_for_one_script_that_is_kept_for_ever() {
        let html = std::str::from_utf8(file("index.html").identity).unwrap();
        let (_, rest) = html.split_once("<script type=\"module\" src=\"").unwrap();
        let (app, _) = rest.split_once('"').unwrap();
        assert!(file(app).keep.contains("immutable"), "{app}");
        assert_eq!(file("index.html").keep, "no-cache");
        assert!(!html.contains("rel=\"stylesheet\""));
    }

    /// A page may get its files from nodes of several versions: each name stands for one content.
    #[test]
    fn pages_and_modules_load_nothing_that_changes_under_its_name() {
        let is_hashed = |path: &str| kept_for_ever().any(|(kept, _)| kept == path);
        let text = |path: &str| std::str::from_utf8(file(path).identity).unwrap();
        for (page, mark) in
            [("compare.html", "<script"), ("compare.html", "rel=\"stylesheet\""), ("client.js", "\nimport ")]
        {
            let mut found = 0;
            for line in text(page).split(mark).skip(1).filter_map(|rest| rest.lines().next()) {
                let path =
                    line.split(['"', '\'']).find(|part| part.ends_with(".js") || part.ends_with(".css")).unwrap();
                assert!(is_hashed(path.trim_start_matches("./")), "{page} loads {path}");
                found += 1;
            }
            assert!(found > 0, "{page}: {mark}");
        }
        for (path, _) in kept_for_ever().filter(|(path, _)| path.starts_with("client.")) {
            assert!(!text(path).contains("'../../"), "{path} stays within its folder");
        }
    }

    #[test]
    fn the_first_visit_is_light() {
        let html = file("index.html").brotli.unwrap().len();
        let app = built::FILES.iter().find(|file| file.path.starts_with("app.")).unwrap().brotli.unwrap().len();
        assert!(html + app < 60 * 1024, "{html} + {app}");
    }
}
