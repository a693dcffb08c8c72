//! Places for a disc. A coordinate off the board cannot be represented.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

/// The number is off the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    field: &'static str,
    max: u8,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` must be a whole number from 0 to {}", self.field, self.max)
    }
}

impl std::error::Error for OutOfRange {}

macro_rules! coordinate {
    ($(#[$doc:meta])* $name:ident, $field:literal, $count:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(u8);

        impl $name {
            /// The number of them.
            pub const COUNT: u8 = $count;

            const OUT_OF_RANGE: OutOfRange = OutOfRange { field: $field, max: $count - 1 };

            /// Returns all of them, ascending.
            pub fn all() -> impl Iterator<Item = Self> {
                (0..Self::COUNT).map(Self)
            }

            /// Returns the number, from 0.
            pub fn index(self) -> u8 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = OutOfRange;

            fn try_from(number: u64) -> Result<Self, OutOfRange> {
                match u8::try_from(number) {
                    Ok(index) if index < Self::COUNT => Ok(Self(index)),
                    Ok(_) | Err(_) => Err(Self::OUT_OF_RANGE),
                }
            }
        }

        // By hand, so that the message names the field whatever came in its place: `bad_request` promises that.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Number;

                impl Visitor<'_> for Number {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, "a whole number from 0 to {} as `{}`", $count - 1, $field)
                    }

                    // The string itself may be long: it is not repeated.
                    fn visit_str<E: Error>(self, _: &str) -> Result<$name, E> {
                        Err(E::invalid_type(Unexpected::Other("string"), &self))
                    }

                    fn visit_u64<E: Error>(self, number: u64) -> Result<$name, E> {
                        $name::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
                    }

                    fn visit_i64<E: Error>(self, number: i64) -> Result<$name, E> {
                        match u64::try_from(number) {
                            Ok(number) => self.visit_u64(number),
                            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
                        }
                    }
                }

                // Asked for a number alone, serde_json would not show the visitor what else came.
                deserializer.deserialize_any(Number)
            }
        }
    };
}

coordinate!(
    /// 0 is the leftmost.
    Column, "column", 7
);

coordinate!(
    /// 0 is the bottom.
    Row, "row", 6
);

/// `[column, row]` on the wire. Ordered by column, then by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, DeriveDeserialize)]
pub struct Square(pub Column, pub Row);
