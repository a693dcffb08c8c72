//! Requests of a session over HTTP: numbers, positions and bodies as a client may send them, one after the other, and bodies
//! that are read in part and cut. A NUL stands between two; the first byte says which it is.

#![no_main]

#[path = "sessions/app.rs"]
mod app;
#[path = "sessions/client.rs"]
mod client;
#[path = "sessions/model.rs"]
mod model;
#[path = "sessions/site.rs"]
mod site;

use libfuzzer_sys::fuzz_target;

use client::Client;

/// The most requests of one run.
const STEPS: usize = 24;

fuzz_target!(|bytes: &[u8]| site::with(|site| {
    site.run(async {
        let mut client = Client::open(site).await;
        for step in bytes.split(|byte| *byte == 0).take(STEPS) {
            let Some((kind, rest)) = step.split_first() else { continue };
            let (query, more) = match rest.iter().position(|byte| *byte == 1) {
                Some(end) => (&rest[..end], Some(&rest[end + 1..])),
                None => (rest, None),
            };
            let Ok(query) = std::str::from_utf8(query) else { continue };
            // A fragment is the client's own.
            let query = query.split('#').next().unwrap_or_default();
            match kind {
                b's' => client.send(query, more.unwrap_or_default()).await,
                b'p' => client.poll(query, more).await,
                b'e' => client.stream("events", query, more).await,
                b'l' => client.stream("stream", query, more).await,
                b'r' => client.read().await,
                b'c' => client.cut(),
                b'd' => client.end().await,
                _ => client.knock(query).await,
            }
        }
        client.finish().await;
    });
}));
