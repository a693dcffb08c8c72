//! Messages at /ws: each becomes a request or an error in one line of JSON. A NUL stands between two of a session.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_core::harness::Harness;
use parlor_core::{App, Incoming};
use parlor_lounge::{Lounge, LoungeSettings, Signer};

fuzz_target!(|bytes: &[u8]| {
    if let Err(reply) = Lounge::decode(Incoming::Binary(bytes)) {
        assert!(reply.frame.is_some() && reply.close.is_none());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut server = Harness::new(Lounge::new(LoungeSettings::new(Signer::new(b"a secret for fuzzing"))), 1);
    let (ann, bo) = (server.connect(), server.connect());
    for message in text.split('\0').take(16) {
        if let Err(reply) = Lounge::decode(Incoming::Text(message)) {
            let error = reply.frame.map(|frame| frame.payload()).unwrap_or_default();
            assert!(error.starts_with(br#"{"type":"error""#) && !error.contains(&b'\n') && reply.close.is_none());
        }
        server.say(ann, message);
        server.say(bo, message);
    }
    for client in [ann, bo] {
        for heard in server.heard(client) {
            assert!(heard.starts_with(r#"{"type":""#), "{heard}");
            assert!(!heard.contains(r#""code":"internal""#), "{heard}");
        }
    }
});
