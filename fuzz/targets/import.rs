//! The lines that `parlor import` reads: each room is taken whole, or refused in words.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_lounge::games::GameList;
use parlor_lounge::transfer::{Arriving, Line};

fuzz_target!(|text: &str| {
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let mut room: Option<Arriving> = None;
    for line in text.lines() {
        let line = match Line::parse(line) {
            Ok(line) => line,
            Err(error) => return assert!(!error.is_empty()),
        };
        if room.as_ref().is_some_and(|room| !room.is_of(&line))
            && let Some(Err(error)) = room.take().map(|room| room.finish(&mut zeros))
        {
            return assert!(!error.is_empty());
        }
        let arriving = room.get_or_insert_with(|| Arriving::at(&line, GameList::default()));
        if let Err(error) = arriving.add(line, &mut zeros) {
            return assert!(!error.is_empty());
        }
    }
    if let Some(Ok(arrived)) = room.map(|room| room.finish(&mut zeros)) {
        assert!(arrived.first > 0 && !arrived.records.is_empty());
    }
});
