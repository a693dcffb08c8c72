//! The figures of this node, for `/metrics`.

use parlor_kit::{Gauge, Sample, SampleKind};
use parlor_redis::{Figures, Nodes};

/// Returns the figures of this moment.
pub fn of(nodes: &Nodes) -> Vec<Sample> {
    let Figures {
        feed_head,
        feed_followed,
        feed_waiting,
        entries,
        commits,
        conflicts,
        unavailable,
        unknown,
        batches,
        retries,
        failures,
        round_trip_seconds_sum,
        reconnects,
        renewals,
        fallen_behind,
        generations,
        is_connected,
    } = nodes.figures();
    let by_outcome =
        [("written", commits), ("conflict", conflicts), ("unavailable", unavailable), ("unknown", unknown)];
    let outcomes = by_outcome.map(|(outcome, count)| {
        let mut sample = counter("redis_commits_total", "Commits, by outcome.", count as f64);
        sample.label = Some(("outcome", outcome.to_owned()));
        sample
    });
    let mut me = gauge("node_info", "This node, by name: always 1.", 1.0);
    me.label = Some(("node", nodes.me().to_owned()));
    let mut samples = vec![
        me,
        gauge("nodes", "Nodes that share the journal, this one included.", nodes.list().len() as f64),
        gauge("redis_connected", "1 while Redis answers.", f64::from(u8::from(is_connected))),
        gauge("redis_feed_head", "Number of the newest entry of the feed that this node knows of.", feed_head as f64),
        gauge("redis_feed_followed", "Number of the newest entry that this node has received.", feed_followed as f64),
        gauge("redis_feed_waiting", "Entries that were received and not taken yet.", feed_waiting as f64),
        counter("redis_feed_entries_total", "Entries of other nodes that were received.", entries as f64),
        counter("redis_batches_total", "Batches of commits that were answered.", batches as f64),
        counter("redis_batch_seconds_total", "Time until batches were answered, in seconds.", round_trip_seconds_sum),
        counter("redis_retries_total", "Batches that were asked for again.", retries as f64),
        counter("redis_failures_total", "Times that Redis could not be reached, or did not answer.", failures as f64),
        counter("redis_reconnects_total", "Connections opened in the place of broken ones.", reconnects as f64),
        counter("redis_lease_renewals_total", "Renewals of this node's lease.", renewals as f64),
        counter("redis_restored_total", "Times that this node had fallen behind and began anew.", fallen_behind as f64),
        counter("redis_generations_total", "Changes of the generation that were seen.", generations as f64),
    ];
    samples.extend(outcomes);
    samples
}

fn gauge(name: &'static str, help: &'static str, value: f64) -> Sample {
    Sample::from(Gauge { name, help, value })
}

fn counter(name: &'static str, help: &'static str, value: f64) -> Sample {
    let mut sample = gauge(name, help, value);
    sample.kind = SampleKind::Counter;
    sample
}
