//! Token buckets: the requests that a client, or an address, may make.

use crate::moment::Moment;
use parlor_core::Rate;

/// A token bucket, and how often it was empty.
#[derive(Debug)]
pub struct Bucket {
    tokens: f64,
    filled_at: Moment,
    refused: u32,
    refused_since: Moment,
}

#[derive(Debug, PartialEq)]
pub enum Verdict {
    Taken,
    Refused {
        retry_after_ms: u64,
    },
    /// It was refused so often that it is to go.
    TooMany,
}

/// Nobody is told to wait longer than an hour.
const RETRY_AFTER_MS_MAX: f64 = 3_600_000.0;

impl Bucket {
    /// Full.
    pub fn new(rate: &Rate, now: Moment) -> Self {
        Bucket { tokens: rate.burst, filled_at: now, refused: 0, refused_since: now }
    }

    /// Returns the tokens that it would have now.
    pub fn level(&self, rate: &Rate, now: Moment) -> f64 {
        let passed = now.since(self.filled_at).as_secs_f64();
        (self.tokens + passed * rate.per_second).min(rate.burst.max(1.0))
    }

    /// Returns whether it is as good as a new one.
    pub fn is_full(&self, rate: &Rate, now: Moment) -> bool {
        self.level(rate, now) >= rate.burst
    }

    /// Returns it for another client, which has its tokens and not its refusals.
    pub fn handed_on(self) -> Self {
        Bucket { refused: 0, ..self }
    }

    /// One request, whether it makes sense or not.
    pub fn take(&mut self, rate: &Rate, now: Moment) -> Verdict {
        self.tokens = self.level(rate, now);
        self.filled_at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Verdict::Taken;
        }
        if self.refused == 0 || now.since(self.refused_since) >= rate.refusals_within {
            self.refused = 0;
            self.refused_since = now;
        }
        self.refused += 1;
        if self.refused >= rate.refusals {
            return Verdict::TooMany;
        }
        let wait_ms = ((1.0 - self.tokens) / rate.per_second * 1000.0).ceil();
        let wait_ms = if wait_ms.is_nan() { RETRY_AFTER_MS_MAX } else { wait_ms.clamp(1.0, RETRY_AFTER_MS_MAX) };
        Verdict::Refused { retry_after_ms: wait_ms as u64 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate { per_second: 20.0, burst: 40.0, refusals: 5, refusals_within: Duration::from_secs(10) };

    fn taken(bucket: &mut Bucket, now: Moment) -> usize {
        (0..100).take_while(|_| bucket.take(&RATE, now) == Verdict::Taken).count()
    }

    #[test]
    fn a_burst_then_so_many_a_second() {
        let mut bucket = Bucket::new(&RATE, Moment(0));
        assert_eq!(taken(&mut bucket, Moment(0)), 40);
        assert_eq!(bucket.take(&RATE, Moment(0)), Verdict::Refused { retry_after_ms: 50 });
        assert_eq!(bucket.take(&RATE, Moment(30)), Verdict::Refused { retry_after_ms: 20 });
        assert_eq!(taken(&mut bucket, Moment(50)), 1);
        assert_eq!(taken(&mut bucket, Moment(3_600_000)), 40, "no more than a burst is saved");
    }

    #[test]
    fn a_wait_that_was_told_is_long_enough() {
        for per_second in [0.3, 3.0, 7.0, 20.0, 999.0] {
            let rate = Rate { per_second, burst: 1.0, ..RATE };
            let mut bucket = Bucket::new(&rate, Moment(0));
            bucket.take(&rate, Moment(0));
            let Verdict::Refused { retry_after_ms } = bucket.take(&rate, Moment(0)) else { panic!() };
            assert_eq!(bucket.take(&rate, Moment(retry_after_ms)), Verdict::Taken, "{per_second}");
        }
    }

    #[test]
    fn who_goes_on_is_to_go() {
        let mut bucket = Bucket::new(&RATE, Moment(0));
        taken(&mut bucket, Moment(0)); // the last one was refused
        for _ in 0..3 {
            assert!(matches!(bucket.take(&RATE, Moment(1)), Verdict::Refused { .. }));
        }
        assert_eq!(bucket.take(&RATE, Moment(2)), Verdict::TooMany);
    }

    #[test]
    fn old_refusals_are_forgotten() {
        let rate = Rate { per_second: 0.0, ..RATE };
        let mut bucket = Bucket::new(&rate, Moment(0));
        (0..40).for_each(|_| assert_eq!(bucket.take(&rate, Moment(0)), Verdict::Taken));
        for window in 0..5 {
            for _ in 0..4 {
                let verdict = bucket.take(&rate, Moment(window * 10_000));
                assert_eq!(verdict, Verdict::Refused { retry_after_ms: 3_600_000 });
            }
        }
    }
}
