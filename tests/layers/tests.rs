//! The rules themselves, tried on sources that break them in every form that Rust has for it.

use std::collections::BTreeMap;
use std::path::Path;

use super::bans::{BANS, Ban, IMPURE, violations};
use super::circles::{circles, needs};
use super::resolve::Crate;
use super::source::parse;

/// A crate of files: path in `src` without `.rs`, and text.
fn of(files: &[(&str, &str)]) -> Crate {
    let mut modules = BTreeMap::new();
    for (path, text) in files {
        let inside = path.split_once("src/").unwrap().1.trim_end_matches("lib").trim_end_matches("/mod");
        let segments = ["crate"].into_iter().chain(inside.split('/').filter(|part| !part.is_empty()));
        parse(&mut modules, segments.map(str::to_owned).collect(), Path::new(&format!("{path}.rs")), text);
    }
    Crate(modules)
}

fn is_broken(ban: &Ban, path: &str, text: &str) -> bool {
    !violations(&of(&[("crates/kit/src/lib", "mod server; mod session; mod transport;"), (path, text)]), ban).is_empty()
}

#[test]
fn a_banned_folder_is_found_in_every_form() {
    for text in [
        "use crate::session::Session;",
        "use crate::{server::{Worker, Slots}, session::Session};",
        "use crate as me; use me::session as others;",
        "use super::super::session;",
        "use {crate::{self as top}}; fn f() { top::session::begin() }",
        "fn f(_: &crate::session::Session) {}",
        "fn f() { g!(a, { crate::session::begin() }) }",
        "impl crate::session::Opens for A {}",
        "mod inner { use super::super::super::session; }",
        "pub use crate::session::*;",
    ] {
        assert!(is_broken(&BANS[0], "crates/kit/src/server/worker", text), "{text}");
    }
    for text in [
        "use crate::server::session_count;",
        "/// [`crate::session::Session`]\nfn f() {}",
        "const WORDS: &str = \"crate::session::Session\";",
        "pub(in crate::session) fn f() {}",
        "use self::session::Inner; mod session {}",
    ] {
        assert!(!is_broken(&BANS[0], "crates/kit/src/server/worker", text), "{text}");
    }
    assert!(!is_broken(&BANS[0], "crates/kit/src/transport/io", "use crate::session::Session;"));
}

#[test]
fn a_banned_crate_is_found_in_every_form() {
    for text in [
        "use actix_web_actors::ws;",
        "extern crate actix_web_actors as ws;",
        "use {std::fmt, actix_web_actors::{ws as socket}};",
        "fn f() { actix_web_actors::ws::handshake() }",
        "fn f() { ::actix_web_actors::ws::handshake() }",
    ] {
        assert!(is_broken(&BANS[3], "crates/kit/src/session/mod", text), "{text}");
        assert!(!is_broken(&BANS[3], "crates/kit/src/transport/handshake", text), "{text}");
    }
    let config = "use parlor_kit::Limits;";
    assert!(!violations(&of(&[("src/config/limits", config)]), &BANS[2]).is_empty());
    assert!(violations(&of(&[("src/run/limits", config)]), &BANS[2]).is_empty());
}

#[test]
fn impurity_is_found_in_every_form() {
    let ban = Ban { from: "crates/core/src", names: IMPURE, except: &[], why: "" };
    for text in [
        "use std::time::{Duration, Instant};",
        "use std::{time::{self as t}}; fn f() { t::SystemTime::now(); }",
        "use std::time; fn f(at: time::Instant) {}",
        "use std::*; fn f() { fs::read(\"\"); }",
        "fn f() { std::thread::spawn(|| {}); }",
        "fn f() { println!(\"{}\", std::env::args().count()) }",
        "use std as library; use library::net::TcpStream;",
    ] {
        assert!(!violations(&of(&[("crates/core/src/lib", text)]), &ban).is_empty(), "{text}");
    }
    for text in ["use std::time::Duration;", "use std::net::IpAddr;", "use crate::time::Instant;", "use std::fmt::*;"] {
        assert!(violations(&of(&[("crates/core/src/lib", text)]), &ban).is_empty(), "{text}");
    }
}

fn circle(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let found = circles(&needs(&of(files)));
    found.into_iter().map(|circle| circle.into_iter().collect()).collect()
}

#[test]
fn circles_are_found_through_reexports_aliases_and_macros() {
    let top = ("src/lib", "mod a; mod b; mod c;");
    let a = ("src/a", "pub struct A; fn f(_: crate::b::B) {}");
    assert_eq!(circle(&[top, a, ("src/b", "pub struct B; use super::a::A;")]), [["src/a.rs", "src/b.rs"]]);
    assert_eq!(circle(&[top, a, ("src/b", "pub struct B; fn g() { h!(crate::a::A) }")]), [["src/a.rs", "src/b.rs"]]);
    assert_eq!(circle(&[top, a, ("src/b", "pub struct B; use crate::{a as other}; fn g(_: other::A) {}")]).len(), 1);
    let facade = ("src/c/mod", "mod x; mod y; pub use x::X; pub use y::*;");
    let through =
        [top, facade, ("src/c/x", "pub struct X; use crate::c::Y;"), ("src/c/y", "pub struct Y; use super::X;")];
    assert_eq!(circle(&through), [["src/c/x.rs", "src/c/y.rs"]]);
    let three = [
        ("src/lib", "mod a; mod b; mod c; pub use c::C;"),
        ("src/a", "pub struct A; use crate::b::B;"),
        ("src/b", "pub struct B; use crate::C;"),
        ("src/c", "pub struct C; mod inner { fn f(_: super::super::a::A) {} }"),
    ];
    assert_eq!(circle(&three), [["src/a.rs", "src/b.rs", "src/c.rs"]]);
    let parent = [
        ("src/lib", "mod a; mod b;"),
        ("src/a", "mod part; pub struct A(part::Part);"),
        ("src/a/part", "pub struct Part(super::A);"),
        ("src/b", ""),
    ];
    assert_eq!(circle(&parent), [["src/a.rs", "src/a/part.rs"]]);
}

#[test]
fn declaring_reexporting_and_testing_make_no_circle() {
    let files = [
        ("src/lib", "mod a; mod b; pub use a::A; pub use b::*;"),
        ("src/a", "pub struct A; #[cfg(test)] mod tests;"),
        ("src/a/tests", "use super::*; fn f(_: A) {}"),
        ("src/b", "use crate::A; pub struct B(A); mod inner { use super::B; }"),
    ];
    assert_eq!(circle(&files), [[""; 0]; 0]);
}
