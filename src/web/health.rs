//! `/healthz`, `/readyz` and `/metrics`, for those who run the server.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};

use parlor_core::Gauge;
use parlor_kit::serve::Running;
use parlor_kit::server::messages::Report;
use parlor_kit::server::metrics::Sample;

type Apps = web::Data<Vec<Running>>;

/// The process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok")
}

/// Every app can do its work; else 503 and why not.
pub async fn ready(apps: Apps) -> HttpResponse {
    let troubles: Vec<String> = apps.iter().filter_map(|app| app.status.check().err()).collect();
    if troubles.is_empty() {
        HttpResponse::Ok().content_type(ContentType::plaintext()).body("ready")
    } else {
        HttpResponse::ServiceUnavailable().content_type(ContentType::plaintext()).body(troubles.join("\n"))
    }
}

/// An app that does not answer within this is left out of the figures.
const REPORT_TIMEOUT: Duration = Duration::from_secs(2);

/// Prometheus' text format, version 0.0.4.
pub async fn metrics(apps: Apps) -> HttpResponse {
    let mut families: BTreeMap<&str, Family> = BTreeMap::new();
    for app in apps.iter() {
        let at = app.paths.first().map_or("", String::as_str);
        let mut add = |kind, name, help, label: Option<(&str, String)>, value: f64| {
            let family = families.entry(name).or_insert_with(|| Family { kind, help, samples: Vec::new() });
            let more = label.map(|(key, word)| format!(",{key}=\"{word}\"")).unwrap_or_default();
            family.samples.push(format!("{{app=\"{at}\"{more}}} {value}"));
        };
        for Sample { name, help, label, value } in app.metrics.samples() {
            add("counter", name, help, label, value as f64);
        }
        let restarts = app.status.restarts() as f64;
        add("counter", "app_restarts_total", "Times a callback panicked and the app began anew.", None, restarts);
        add("gauge", "clients", "Clients connected now.", None, app.admission.count() as f64);
        for Gauge { name, help, value } in app.report.send(Report).timeout(REPORT_TIMEOUT).await.unwrap_or_default() {
            add("gauge", name, help, None, value);
        }
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(exposition(&families))
}

struct Family {
    kind: &'static str,
    help: &'static str,
    samples: Vec<String>,
}

fn exposition(families: &BTreeMap<&str, Family>) -> String {
    let mut text = String::new();
    for (name, family) in families {
        text += &format!("# HELP parlor_{name} {}\n# TYPE parlor_{name} {}\n", family.help, family.kind);
        for sample in &family.samples {
            text += &format!("parlor_{name}{sample}\n");
        }
    }
    text
}
