//! The log of refused connections, and of requests that could not be passed on: one line a second at most for each reason, with a
//! count.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use log::warn;

use crate::moment::steady_now;

const LINE_EVERY: Duration = Duration::from_secs(1);

/// Refusals by reason: so bounded by the reasons there are.
#[derive(Clone, Debug, Default)]
pub struct RejectionLog(Arc<Mutex<BTreeMap<&'static str, Refused>>>);

#[derive(Debug)]
struct Refused {
    logged_at: Instant,
    /// Refusals since then.
    count: u64,
    /// The message of the last one.
    message: String,
}

/// The next step after a refusal.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// A line for so many refusals.
    Write(u64),
    /// A line after this time, for what comes until then.
    Later(Duration),
    /// The line that is due later will count it.
    Nothing,
}

impl RejectionLog {
    /// Logs a refusal, now or with others within a second. Call it inside an actix system.
    pub fn refused(&self, reason: &'static str, message: &str) {
        self.note(reason, message, write_refused);
    }

    /// Logs that a request could not be passed on to another server, likewise.
    pub fn not_passed_on(&self, message: &str) {
        self.note("not passed on", message, write_not_passed_on);
    }

    fn note(&self, reason: &'static str, message: &str, write: fn(u64, &str)) {
        match self.count(reason, message, steady_now()) {
            Step::Write(count) => write(count, message),
            Step::Later(pause) => {
                let log = self.clone();
                actix_rt::spawn(async move {
                    actix_rt::time::sleep(pause).await;
                    if let Some((count, message)) = log.take(reason, steady_now()) {
                        write(count, &message);
                    }
                });
            }
            Step::Nothing => {}
        }
    }

    fn count(&self, reason: &'static str, message: &str, now: Instant) -> Step {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(refused) = reasons.get_mut(reason) else {
            reasons.insert(reason, Refused { logged_at: now, count: 0, message: String::new() });
            return Step::Write(1);
        };
        let passed = now.saturating_duration_since(refused.logged_at);
        if refused.count == 0 && passed >= LINE_EVERY {
            refused.logged_at = now;
            return Step::Write(1);
        }
        refused.count += 1;
        refused.message.clear();
        refused.message.push_str(message);
        if refused.count == 1 { Step::Later(LINE_EVERY - passed) } else { Step::Nothing }
    }

    /// Takes what was counted since the last line.
    fn take(&self, reason: &'static str, now: Instant) -> Option<(u64, String)> {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = reasons.get_mut(reason).filter(|refused| refused.count > 0)?;
        refused.logged_at = now;
        Some((std::mem::take(&mut refused.count), std::mem::take(&mut refused.message)))
    }
}

fn write_refused(count: u64, message: &str) {
    match count {
        1 => warn!("connection refused: {message}"),
        _ => warn!("{count} connections refused within a second: {message}"),
    }
}

fn write_not_passed_on(count: u64, message: &str) {
    match count {
        1 => warn!("request not passed on: {message}"),
        _ => warn!("{count} requests not passed on within a second: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_line_a_second_with_a_count() {
        let log = RejectionLog::default();
        let start = steady_now();
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(log.count("full", "a", at(0)), Step::Write(1));
        assert_eq!(log.count("origin", "o", at(0)), Step::Write(1), "another reason");
        assert_eq!(log.count("full", "b", at(400)), Step::Later(Duration::from_millis(600)));
        for _ in 0..500 {
            assert_eq!(log.count("full", "c", at(500)), Step::Nothing);
        }
        assert_eq!(log.take("full", at(1000)), Some((501, "c".to_owned())));
        assert_eq!(log.count("full", "d", at(1500)), Step::Later(Duration::from_millis(500)));
        assert_eq!(log.take("full", at(2000)), Some((1, "d".to_owned())));
        assert_eq!(log.take("full", at(2000)), None);
        assert_eq!(log.count("full", "e", at(3000)), Step::Write(1));
    }
}
