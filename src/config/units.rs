//! Times and sizes as people write them.

use std::time::Duration;

use super::setting::Shape;
use super::value::Quantity;

/// Units, the longest first: `show` takes the first that divides evenly.
const TIMES: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
const SIZES: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// `250ms`, `10s`, `5m`, `12h`, `30d`; a bare number is seconds.
impl Quantity for Duration {
    const SHAPE: Shape = Shape::Quantity;
    const PLACEHOLDER: &'static str = "TIME";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let millis = match unit {
            "" => 1_000,
            _ => TIMES.iter().find(|(name, _)| *name == unit)?.1,
        };
        number.checked_mul(millis).map(Duration::from_millis)
    }

    fn show(&self) -> String {
        let millis = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            return "0s".to_owned();
        }
        largest(millis, &TIMES).unwrap_or_else(|| format!("{millis}ms"))
    }
}

/// A number of bytes that fits into memory. `64KiB`, `1MiB`, `2GiB`; a bare number is bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(usize);

impl ByteSize {
    pub fn bytes(self) -> usize {
        self.0
    }
}

impl Quantity for ByteSize {
    const SHAPE: Shape = Shape::Quantity;
    const PLACEHOLDER: &'static str = "SIZE";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let bytes = match unit {
            "" => 1,
            _ => SIZES.iter().find(|(name, _)| *name == unit)?.1,
        };
        usize::try_from(number.checked_mul(bytes)?).ok().map(ByteSize)
    }

    fn show(&self) -> String {
        let bytes = self.0 as u64;
        largest(bytes, &SIZES).filter(|_| bytes > 0).unwrap_or_else(|| bytes.to_string())
    }
}

/// The digits in front and the unit behind them.
fn split(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit))
}

fn largest(amount: u64, units: &[(&str, u64)]) -> Option<String> {
    units
        .iter()
        .find(|(_, worth)| amount.is_multiple_of(*worth))
        .map(|(name, worth)| format!("{}{name}", amount / worth))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_unit() {
        for (text, millis) in [
            ("250ms", 250),
            ("10s", 10_000),
            ("5m", 300_000),
            ("12h", 43_200_000),
            ("30d", 2_592_000_000),
            ("7", 7_000),
        ] {
            assert_eq!(Duration::read(text), Some(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "s", "1.5s", "-1s", "1 s", "1S", "1w", "1h30m", "ms", "99999999999999999999", "18446744073709551615d"]
        {
            assert_eq!(Duration::read(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        for (text, bytes) in [("65536", 65_536), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648)] {
            assert_eq!(ByteSize::read(text), Some(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "KiB", "64KB", "64kib", "1.5MiB", "64 KiB", "18446744073709551615GiB"] {
            assert_eq!(ByteSize::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_largest_even_unit_is_shown() {
        for text in ["0s", "250ms", "1500ms", "90s", "1m", "5m", "12h", "36h", "30d"] {
            assert_eq!(Duration::read(text).map(|time| time.show()).as_deref(), Some(text));
        }
        for text in ["0", "1000", "64KiB", "1MiB", "1536KiB", "2GiB"] {
            assert_eq!(ByteSize::read(text).map(|size| size.show()).as_deref(), Some(text));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(amount in 0..u64::MAX / 2) {
            let time = Duration::from_millis(amount);
            prop_assert_eq!(Duration::read(&time.show()), Some(time));
            let size = ByteSize(usize::try_from(amount).unwrap());
            prop_assert_eq!(ByteSize::read(&size.show()), Some(size));
        }
    }
}
