//! Time passes, clocks are set, servers end and begin again.

use std::time::Duration;

use super::World;
use crate::fault::{Checked, hold};

/// The journal's housekeeping is done at least so often: a longer step would count as a jump of the clock.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

impl World {
    pub(super) fn pass(&mut self, time: Duration) -> Checked {
        self.listen()?;
        let (before, restarts) = (self.scene.wall, self.restarts);
        let is_off = self.scene.running <= self.ticks_are_off_until;
        let watches = self.clients.values_mut().filter_map(|client| client.link.as_mut()?.watch.as_mut());
        watches.for_each(|watch| watch.ticks = 0);
        let mut left = time;
        while !left.is_zero() {
            let part = left.min(HOUSEKEEPING);
            left -= part;
            for node in 0..self.nodes.len() {
                self.drive(node, |harness| harness.advance(part))?;
            }
            self.scene.running += u64::try_from(part.as_millis()).unwrap_or_default();
            self.disk.tidy(self.nodes[0].wall);
            self.refresh();
            self.listen()?;
        }
        if self.restarts == restarts { self.check_ticks(before, time, is_off) } else { Ok(()) }
    }

    /// Ticks come at the multiples of the interval, or 1 to 3 seconds apart.
    fn check_ticks(&self, before: u64, time: Duration, is_off: bool) -> Checked {
        let passed = u64::try_from(time.as_millis()).unwrap_or_default();
        for client in self.clients.values().filter(|client| !client.is_deaf) {
            let Some(watch) = client.link.as_ref().and_then(|link| link.watch.as_ref()) else { continue };
            if watch.is_random {
                let fits = (passed / 3000..=passed / 1000 + 1).contains(&watch.ticks);
                hold!("deadlines-come", fits, "{} random ticks in {passed} ms", watch.ticks);
            } else {
                let expected = (before + passed) / watch.every_ms - before / watch.every_ms;
                let off_by = if is_off { 2 } else { 0 };
                let fits = watch.ticks.abs_diff(expected) <= off_by;
                hold!("deadlines-come", fits, "{} ticks of {} ms in {passed} ms", watch.ticks, watch.every_ms);
            }
        }
        Ok(())
    }

    pub(super) fn set_clock(&mut self, forward: bool, by: Duration) -> Checked {
        self.scene.was_set_back |= !forward;
        // The longest interval that runs ends where it would have, and the next one begins on a multiple.
        self.ticks_are_off_until = self.scene.running + 2 * 60_000;
        for node in 0..self.nodes.len() {
            let wall = self.nodes[node].wall;
            let wall = if forward { wall + by } else { wall - by };
            self.drive(node, |harness| harness.set_clock(wall))?;
        }
        Ok(())
    }

    /// What had not been written is lost. The journal was closed meanwhile, so nothing expires for that time, but for the
    /// minute that its clock takes for a jump.
    pub(super) fn kill(&mut self, off: Duration) {
        self.scene.running += u64::try_from(off.min(HOUSEKEEPING).as_millis()).unwrap_or_default();
        for node in 0..self.nodes.len() {
            self.lose_all(node);
            let node = &mut self.nodes[node];
            node.wall = node.wall + off;
            node.start();
            self.scene.wall = node.wall.as_millis();
        }
    }
}
