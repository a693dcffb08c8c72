//! `/metrics`: the figures of the server and its apps in OpenMetrics text, which Prometheus reads.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    CounterValueEncoder, DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeMetric, GaugeValueEncoder, text,
};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::watched::Watched;
use parlor_kit::{Sample, SampleKind};

/// The prefix of every name.
const PREFIX: &str = "parlor";

pub async fn serve(request: HttpRequest, server: web::Data<Watched>) -> HttpResponse {
    answer(&request, &server).await
}

/// Answers with the figures of this server and its apps.
pub async fn answer(request: &HttpRequest, server: &Watched) -> HttpResponse {
    let mut figures = Figures::default();
    figures.add(None, server.samples());
    for app in server.server.apps().iter() {
        let path = app.paths().first().map_or("", String::as_str);
        figures.add(Some(path), app.samples());
        figures.add(Some(path), app.gauges().await.into_iter().map(Sample::from).collect());
    }
    match figures.text() {
        Ok(text) => HttpResponse::Ok().content_type(content_type(request)).body(text),
        Err(fmt::Error) => HttpResponse::InternalServerError().finish(),
    }
}

/// OpenMetrics text is text to those who don't ask for it by name.
fn content_type(request: &HttpRequest) -> &'static str {
    let accepts = request.headers().get_all(header::ACCEPT).filter_map(|accept| accept.to_str().ok());
    if accepts.into_iter().any(|accept| accept.contains("application/openmetrics-text")) {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain; version=0.0.4; charset=utf-8"
    }
}

/// The figures of one moment, by name.
#[derive(Debug, Default)]
struct Figures(BTreeMap<&'static str, Family>);

#[derive(Debug)]
struct Family {
    help: &'static str,
    kind: SampleKind,
    samples: Vec<(Labels, f64)>,
}

type Labels = Vec<(&'static str, String)>;

impl Figures {
    /// Adds the figures of the app at a path; `None`: of the server.
    fn add(&mut self, path: Option<&str>, samples: Vec<Sample>) {
        for Sample { name, help, kind, label, value, .. } in samples {
            let family = self.0.entry(name).or_insert_with(|| Family { help, kind, samples: Vec::new() });
            let labels = path.map(|path| ("app", path.to_owned())).into_iter().chain(label).collect();
            family.samples.push((labels, value));
        }
    }

    fn text(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (name, Family { help, kind, samples }) in &self.0 {
            let name = name.strip_suffix("_total").unwrap_or(name); // the encoder adds it to counters
            let metric_type = match kind {
                SampleKind::Counter => ConstCounter::new(Figure(0.0)).metric_type(),
                SampleKind::Gauge => ConstGauge::new(Figure(0.0)).metric_type(),
            };
            let mut family = encoder.encode_descriptor(name, help, None, metric_type)?;
            for (labels, value) in samples {
                let sample = family.encode_family(labels)?;
                match kind {
                    SampleKind::Counter => ConstCounter::new(Figure(*value)).encode(sample)?,
                    SampleKind::Gauge => ConstGauge::new(Figure(*value)).encode(sample)?,
                }
            }
        }
        Ok(())
    }
}

/// A value that is written without a fraction if it has none.
#[derive(Clone, Copy, Debug)]
struct Figure(f64);

impl EncodeCounterValue for Figure {
    fn encode(&self, encoder: &mut CounterValueEncoder<'_>) -> Result<(), fmt::Error> {
        if self.0.fract() == 0.0 {
            EncodeCounterValue::encode(&(self.0 as u64), encoder)
        } else {
            EncodeCounterValue::encode(&self.0, encoder)
        }
    }
}

impl EncodeGaugeValue for Figure {
    fn encode(&self, encoder: &mut GaugeValueEncoder<'_>) -> Result<(), fmt::Error> {
        if self.0.fract() == 0.0 {
            EncodeGaugeValue::encode(&(self.0 as i64), encoder)
        } else {
            EncodeGaugeValue::encode(&self.0, encoder)
        }
    }
}

#[cfg(test)]
mod tests;
