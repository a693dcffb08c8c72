//! The header `Sec-WebSocket-Extensions`: what is answered is an offer that could be accepted again, with the same answer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_core::wire::deflate::negotiate;

fuzz_target!(|text: &str| {
    let headers: Vec<&str> = text.split('\n').collect();
    let Ok(Some(agreement)) = negotiate(headers.iter().copied()) else { return };
    assert!((8..=15).contains(&agreement.window.bits()));
    assert!(text.contains("permessage-deflate"));
    let answer = agreement.to_string();
    assert_eq!(negotiate([answer.as_str()]), Ok(Some(agreement)));
    let last = headers.iter().copied().chain(["permessage-deflate; server_max_window_bits=9"]);
    assert_eq!(negotiate(last), Ok(Some(agreement)), "the first offer is taken");
});
