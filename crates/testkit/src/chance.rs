//! Pseudo-random numbers that are the same in each run with the same seed.

use std::time::{SystemTime, UNIX_EPOCH};

/// A linear congruential generator with Knuth's constants for MMIX.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// The seed of a test run: the environment variable, or else a new one. Print it, so that a failing run can be repeated.
pub fn seed_from(variable: &str) -> u64 {
    number_from(variable, SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64)
}

/// The number in an environment variable, if there is one.
pub fn number_from(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {number:?}")),
        Err(_) => otherwise,
    }
}
