//! A running app, as the program around it sees it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Recipient;
use futures_util::lock::Mutex;

use crate::access::connections::Connections;
use crate::moment::steady_now;
use crate::sample::Sample;
use crate::server::admission::Admission;
use crate::server::messages::{CloseAll, CloseJournal, Drain, Report, Shutdown};
use crate::server::metrics::Metrics;
use crate::server::status::Status;
use parlor_core::Gauge;

/// An app of a [`Server`](crate::Server) that runs: its readiness and its figures, for pages like `/readyz` and `/metrics`.
pub struct RunningApp {
    pub(crate) paths: Vec<String>,
    pub(crate) status: Arc<Status>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) admission: Arc<Admission>,
    /// Connections that receive for sessions of other servers.
    pub(crate) receivers: Arc<Connections>,
    pub(crate) report: Recipient<Report>,
    pub(crate) gauges: Mutex<Option<(Instant, Vec<Gauge>)>>,
    pub(crate) shutdown: Recipient<Shutdown>,
    pub(crate) drain: Recipient<Drain>,
    pub(crate) close_all: Recipient<CloseAll>,
    pub(crate) close_journal: Recipient<CloseJournal>,
}

/// An app that does not answer within this gives no gauges.
const GAUGES_TIMEOUT: Duration = Duration::from_secs(2);
const GAUGES_AGE_MAX: Duration = Duration::from_secs(1);

impl RunningApp {
    /// Returns the paths where clients connect.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Checks whether the app can do its work. From the moment the server is told to stop it can't.
    ///
    /// # Errors
    /// The reason why it can't, for the operator.
    pub fn check(&self) -> Result<(), String> {
        if self.admission.is_shut() {
            return Err("the server is stopping".to_owned());
        }
        self.status.check()
    }

    /// Returns the counts of the app's connections.
    pub fn samples(&self) -> Vec<Sample> {
        let mut samples = self.metrics.samples();
        samples.push(Sample::counter(
            "app_restarts_total",
            "Restarts of the app after a panic in a callback.",
            self.status.restarts(),
        ));
        samples.push(Sample::gauge("clients", "Clients connected now.", self.admission.count() as f64));
        let forwarded = "Connections that receive now for sessions over HTTP of other servers.";
        samples.push(Sample::gauge("http_forwarded_receivers", forwarded, self.receivers.count() as f64));
        samples
    }

    /// Returns the app's own [gauges](crate::App::gauges), at most a second old: however many ask, the app is asked once a
    /// second.
    pub async fn gauges(&self) -> Vec<Gauge> {
        let mut known = self.gauges.lock().await;
        let now = steady_now();
        if let Some((at, gauges)) = known.as_ref()
            && now.saturating_duration_since(*at) < GAUGES_AGE_MAX
        {
            return gauges.clone();
        }
        let gauges = self.report.send(Report).timeout(GAUGES_TIMEOUT).await.unwrap_or_default();
        *known = Some((steady_now(), gauges.clone()));
        gauges
    }
}
