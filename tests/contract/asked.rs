//! Requests, made of the description and its examples.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use serde_json::{Value, json};
use sha2::Sha512;

use crate::described::Operation;
use crate::grounds::SECRET;
use crate::support::{Edge, Reply};

/// A segment of the recorded data that is free.
pub(crate) const FREE: &str = "1";

/// A request, as far as it is made.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) operation: Operation,
    pub(crate) id: String,
    query: Vec<String>,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Operation {
    /// The request that the description shows for this operation.
    pub(crate) fn ask(&self) -> Ask {
        let query = if self.takes("q_required") {
            vec!["q=app".to_owned()]
        } else {
            Vec::new()
        };
        let ask = Ask {
            operation: self.clone(),
            id: FREE.to_owned(),
            query,
            headers: Vec::new(),
            body: Bytes::new(),
        };
        match self.has_body() {
            true => ask.json(&self.example()),
            false => ask,
        }
    }
}

impl Ask {
    /// For this segment.
    pub(crate) fn id(mut self, id: impl ToString) -> Self {
        self.id = id.to_string();
        self
    }

    /// With this in the query.
    pub(crate) fn query(mut self, query: &str) -> Self {
        self.query.push(query.to_owned());
        self
    }

    /// With this header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this body.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", &body.to_string())
    }

    /// With this body of this type; the webhook's is signed.
    pub(crate) fn body(mut self, media: &str, body: &str) -> Self {
        let signs = self.operation.id() == "hearNetbox";
        let body = if signs {
            let now = bench_harness::netbox::Stamp::now().offset();
            body.replace("2026-11-23T12:00:00Z", &now)
        } else {
            body.to_owned()
        };
        if signs {
            let mut mac = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(body.as_bytes());
            let code: String = mac
                .finalize()
                .into_bytes()
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            self = self.header("x-hook-signature", &code);
        }
        self.body = body.into();
        self.header("content-type", media)
    }

    /// The answer, which has this status.
    pub(crate) async fn gives(&self, edge: &Edge, status: u16) -> Reply {
        self.of(edge).await.expect(status)
    }

    /// The answer.
    pub(crate) async fn of(&self, edge: &Edge) -> Reply {
        let mut uri = format!(
            "http://edge.test{}",
            self.operation.template.replace("{id}", &self.id)
        );
        for (at, part) in self.query.iter().enumerate() {
            uri.push(if at == 0 { '?' } else { '&' });
            uri.push_str(part);
        }
        let mut request = Request::builder()
            .method(self.operation.method.clone())
            .uri(uri);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        edge.send(request.body(self.body.clone()).unwrap()).await
    }
}

/// A segment that nobody has in the recorded data.
pub(crate) fn draft(number: u32) -> Value {
    json!({"site": "site1", "vrf": "Network1", "vlan_id": 3000 + number, "epg_name": format!("EPG_NEW_{number}"),
        "segment": format!("172.20.{number}.0/24"), "dhcp": true})
}
