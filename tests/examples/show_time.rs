//! The time in ISO 8601.

use crate::Example;
use parlor_testkit::Peer;

fn time(peer: &mut Peer) -> String {
    let time = peer.hear_text();
    let parsed = chrono::DateTime::parse_from_rfc3339(&time).unwrap_or_else(|error| panic!("{error}: {time}"));
    assert!(time.ends_with("+00:00") && parsed.timestamp() > 1_700_000_000, "{time}");
    time
}

#[test]
fn each_client_hears_the_time_at_once_and_again() {
    for options in [&[][..], &["--each"]] {
        let clock = Example::start_with("show_time", options);
        let mut peers = [clock.connect("/"), clock.connect("/")];
        for peer in &mut peers {
            let first = time(peer);
            assert!(time(peer) > first);
        }
    }
}

#[test]
fn together_all_hear_the_same() {
    let clock = Example::start_with("show_time", &["--together"]);
    let mut peers = [clock.connect("/"), clock.connect("/")];
    // The first may have come between the two connections.
    let heard = peers.each_mut().map(|peer| [time(peer), time(peer), time(peer)]);
    assert!(heard[0][1..] == heard[1][1..] || heard[0][1..] == heard[1][..2], "{heard:?}");
}
