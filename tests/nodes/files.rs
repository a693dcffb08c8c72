//! The page's files while nodes of two versions run.

use parlor_testkit::redis::Reply;
use parlor_testkit::{Redis, http};

use super::node;

/// A file as a node puts it on the shelf.
fn packed(tag: &str, identity: &str) -> String {
    let part = |part: &str| {
        let length = u32::try_from(part.len()).unwrap().to_le_bytes();
        String::from_utf8(length.to_vec()).unwrap() + part
    };
    [tag, identity, "", ""].map(part).concat()
}

#[test]
fn a_node_serves_the_scripts_of_another_version() {
    let redis = Redis::start();
    let server = node(&redis).start();
    let name = "app.0123456789ab.js";
    assert_eq!(server.get(&format!("/{name}")).status, 404);
    redis.ask(&["SET", &format!("{{parlor}}:asset:other/{name}"), &packed("abc", "export {};")]);
    let found = server.get(&format!("/other/{name}"));
    assert_eq!((found.status, &found.body[..]), (200, "export {};"));
    for (header, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("etag", "\"abc\""),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(found.header(header), Some(value));
    }
    assert_eq!(server.get("/other/app.js").status, 404, "only names with a hash are looked for");
}

#[test]
fn each_node_leaves_its_scripts_where_others_find_them() {
    let redis = Redis::start();
    let server = node(&redis).start();
    let page = http::send(server.address, "GET", "/", "", "").body;
    let (_, rest) = page.split_once("<script type=\"module\" src=\"").unwrap();
    let (script, _) = rest.split_once('"').unwrap();
    let key = format!("{{parlor}}:asset:{script}");
    assert_eq!(redis.ask(&["EXISTS", &key]), Reply::Number(1));
    let Reply::Number(seconds) = redis.ask(&["TTL", &key]) else { panic!() };
    assert!((6 * 86_400..=7 * 86_400).contains(&seconds), "{seconds}");
}
