use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use parlor_kit::{Gauge, Mount, Server, Storage, journal::MemoryJournal};
use parlor_lounge::{Lounge, LoungeSettings, Signer};

use super::*;
use crate::run::echo::Echo;

/// Serves the product's apps until the answer has come.
fn answer(headers: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let lounge = || Lounge::new(LoungeSettings::new(Signer::new(b"a secret of thirty-two bytes....")));
    let server = Server::new();
    let (handle, apps) = (server.handle(), server.handle());
    let server = server
        .workers(1)
        .mount(Mount::new(&["/ws"], lounge).storage(Storage::Quick(Box::new(MemoryJournal::new(10)))))
        .app(&["/echo"], || Echo(parlor_kit::Limits::default()))
        .routes(move |routes| crate::web::configure(routes, &apps.clone().into(), true, crate::web::Extras::default()));
    let server = std::thread::spawn(move || server.run_blocking(listener).unwrap());
    let text = get(address, headers);
    handle.stop(parlor_kit::Close::new(1001, "the test is over"));
    server.join().unwrap();
    text
}

fn get(address: SocketAddr, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn names_types_and_helps_are_an_interface() {
    let text = answer("");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let described: Vec<&str> =
        body.lines().filter(|line| line.starts_with("# HELP") || line.starts_with("# TYPE")).collect();
    insta::assert_snapshot!("names", described.join("\n"));
    let samples = body.lines().map(str::trim).filter(|line| line.starts_with("parlor_"));
    let names: std::collections::BTreeSet<&str> = samples.filter_map(|line| line.split(['{', ' ']).next()).collect();
    insta::assert_snapshot!("samples", names.into_iter().collect::<Vec<_>>().join("\n"));
    let docs = std::fs::read_to_string("docs/metrics.md").unwrap();
    for name in body.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        let total = format!("`{name}_total`");
        assert!(docs.contains(&format!("`{name}`")) || docs.contains(&total), "docs/metrics.md does not name {name}");
    }
}

#[test]
fn who_asks_for_open_metrics_is_told_that_it_is() {
    let text = answer("Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain\r\n");
    assert!(text.contains("content-type: application/openmetrics-text; version=1.0.0"), "{text}");
    assert!(text.trim_end().trim_end_matches('0').trim_end().ends_with("# EOF"), "{text}");
}

#[test]
fn what_no_app_refused_is_the_servers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new();
    let [handle, apps] = [(); 2].map(|()| server.handle());
    let server = server
        .app(&["/echo"], || Echo(parlor_kit::Limits::default()))
        .allowed_hosts(parlor_kit::AllowedHosts::names([]))
        .routes(move |routes| crate::web::configure(routes, &apps.clone().into(), true, crate::web::Extras::default()));
    let server = std::thread::spawn(move || server.run_blocking(listener).unwrap());
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 421 "), "{text}");
    }
    let text = get(address, "");
    assert!(text.contains("parlor_server_refusals_total{why=\"host\"} 3\n"), "{text}");
    handle.stop(parlor_kit::Close::new(1001, "the test is over"));
    server.join().unwrap();
}

#[test]
fn labels_are_escaped_and_whole_numbers_have_no_fraction() {
    let mut figures = Figures::default();
    let gauge = |value| vec![Sample::from(Gauge { name: "heat", help: "Heat.", value })];
    figures.add(Some("/a\"b\\c\nd"), gauge(2.0));
    figures.add(Some("/half"), gauge(0.5));
    assert_eq!(
        figures.text().unwrap(),
        "# HELP parlor_heat Heat.\n# TYPE parlor_heat gauge\n\
         parlor_heat{app=\"/a\\\"b\\\\c\\nd\"} 2\nparlor_heat{app=\"/half\"} 0.5\n# EOF\n"
    );
}

#[test]
fn metrics_may_have_a_listener_of_their_own() {
    let [pages, metrics] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [page_address, metrics_address] = [&pages, &metrics].map(|listener| listener.local_addr().unwrap());
    let server = Server::new();
    let [handle, apps, seen] = [(); 3].map(|()| server.handle());
    let server = server.workers(1).app(&["/echo"], || Echo(parlor_kit::Limits::default())).routes(move |routes| {
        crate::web::configure(routes, &apps.clone().into(), false, crate::web::Extras::default())
    });
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let metrics = std::thread::spawn(move || {
        actix::System::new().block_on(async move {
            actix_rt::spawn(crate::web::serve_metrics(metrics, seen.into()).unwrap());
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                actix_rt::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
    });
    let server = std::thread::spawn(move || server.run_blocking(pages).unwrap());
    assert!(get(page_address, "").starts_with("HTTP/1.1 404 "));
    let text = get(metrics_address, "X-Host: elsewhere\r\n");
    assert!(text.starts_with("HTTP/1.1 200 ") && text.contains("parlor_clients{app=\"/echo\"} 0"), "{text}");
    handle.stop(parlor_kit::Close::new(1001, "the test is over"));
    server.join().unwrap();
    drop(stop);
    metrics.join().unwrap();
}
