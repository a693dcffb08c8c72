//! Chance, from a seed.

use parlor_testkit::chance::Chance;

pub struct Dice(Chance);

impl Dice {
    /// Neighbouring seeds have nothing in common.
    pub fn new(seed: u64) -> Self {
        let mixed = (seed ^ (seed >> 31)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Dice(Chance::new(mixed ^ (mixed >> 29)))
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0.below(end.max(1))
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        self.0.one_of(of)
    }
}
