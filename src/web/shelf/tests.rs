use actix_web::http::header;
use actix_web::test::TestRequest;

use super::*;
use crate::web::assets;

/// A shelf in memory, which counts how often it is asked.
#[derive(Clone, Default)]
struct InMemory(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    files: BTreeMap<String, Vec<u8>>,
    asked: usize,
}

impl InMemory {
    fn put(&self, name: &str, value: Vec<u8>) {
        self.0.lock().unwrap().files.insert(name.to_owned(), value);
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

impl Shelf for InMemory {
    fn find(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let mut inside = self.0.lock().unwrap();
        inside.asked += 1;
        if name.starts_with("broken") { Err("it is broken".into()) } else { Ok(inside.files.get(name).cloned()) }
    }
}

fn asset(text: &str) -> Asset {
    Asset {
        tag: "0123456789abcdef".into(),
        kind: "text/javascript; charset=utf-8",
        keep: FOR_EVER,
        identity: Bytes::copy_from_slice(text.as_bytes()),
        brotli: Some("brotli".into()),
        gzip: None,
    }
}

#[actix::test]
async fn a_file_of_another_version_is_served_as_its_own_node_serves_it() {
    let shelf = InMemory::default();
    let versions = OtherVersions::new(shelf.clone());
    let old = asset("the old script");
    shelf.put("app.0123456789ab.js", pack(&old));
    for _ in 0..3 {
        let found = versions.find("app.0123456789ab.js").await.unwrap();
        assert_eq!(*found, old);
        let request = TestRequest::get().insert_header((header::ACCEPT_ENCODING, "br")).to_http_request();
        let [theirs, ours] = [&*found, &old].map(|asset| format!("{:?}", asset.answer(&request).headers()));
        assert_eq!(theirs, ours);
    }
    assert_eq!(shelf.asked(), 1, "it is kept");
}

#[actix::test]
async fn everything_that_is_kept_for_ever_can_be_found() {
    let shelf = InMemory::default();
    let versions = OtherVersions::new(shelf.clone());
    let mut count = 0;
    for (path, asset) in assets::kept_for_ever() {
        shelf.put(path, pack(&asset));
        assert_eq!(versions.find(path).await.as_deref(), Some(&asset), "{path}");
        count += 1;
    }
    assert!((5..=NAMES).contains(&count), "{count} files don't fit into memory together");
}

#[actix::test]
async fn junk_costs_nothing_and_a_guess_is_looked_for_once() {
    let shelf = InMemory::default();
    let versions = OtherVersions::new(shelf.clone());
    for path in [
        "",
        "wp-login.php",
        "app.js",
        "app.0123456789AB.js",
        "app.0123456789abc.js",
        "0123456789ab.js",
        "a b.0123456789ab.js",
    ] {
        assert_eq!(versions.find(path).await, None, "{path}");
    }
    assert_eq!(versions.find(&format!("{}.0123456789ab.js", "a".repeat(128))).await, None);
    assert_eq!(shelf.asked(), 0);
    for _ in 0..3 {
        assert_eq!(versions.find("app.0123456789ab.js").await, None);
    }
    assert_eq!(shelf.asked(), 1);
    for n in 0..3 * NAMES {
        versions.find(&format!("app.{n:012x}.js")).await;
    }
    assert_eq!(versions.seen.lock().unwrap().len(), NAMES);
}

#[actix::test]
async fn what_was_found_stays_when_junk_is_asked_for() {
    let shelf = InMemory::default();
    let versions = OtherVersions::new(shelf.clone());
    shelf.put("app.0123456789ab.js", pack(&asset("old")));
    versions.find("app.0123456789ab.js").await.unwrap();
    for n in 0..3 * NAMES {
        versions.find(&format!("app.{n:012x}.js")).await;
    }
    let asked = shelf.asked();
    versions.find("app.0123456789ab.js").await.unwrap();
    assert_eq!(shelf.asked(), asked);
}

#[actix::test]
async fn a_shelf_that_fails_is_asked_again() {
    let shelf = InMemory::default();
    let versions = OtherVersions::new(shelf.clone());
    for _ in 0..2 {
        assert_eq!(versions.find("broken.0123456789ab.js").await, None);
    }
    assert_eq!(shelf.asked(), 2);
    assert_eq!(versions.lookups.load(Ordering::Relaxed), 0);
}

#[test]
fn anything_else_is_no_file() {
    let packed = pack(&asset("text"));
    for end in 0..packed.len() {
        assert_eq!(unpack("a.js", packed[..end].to_vec()), None, "{end}");
    }
    assert_eq!(unpack("a.js", [&packed[..], b"more"].concat()), Some(asset("text")));
    let mut odd = asset("text");
    odd.tag = "\"\r\nSet-Cookie: a".into();
    assert_eq!(unpack("a.js", pack(&odd)), None);
}
