//! A change here is a change of the contract: clients written by others may break.

use super::fixtures;

#[test]
fn every_frame_is_frozen() {
    for (section, frames) in fixtures::sections() {
        let lines: Vec<String> = frames.into_iter().map(|(name, json)| format!("{name}\n{json}\n")).collect();
        insta::assert_snapshot!(section, lines.join("\n"));
    }
}
