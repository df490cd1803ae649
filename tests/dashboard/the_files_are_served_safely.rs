use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::support::{Edge, double, settings};
use bench_harness::netbox::Data;

const FILES: [(&str, &str); 11] = [
    ("/", "text/html; charset=utf-8"),
    ("/docs", "text/html; charset=utf-8"),
    ("/assets/docs.css", "text/css; charset=utf-8"),
    ("/assets/docs.js", "text/javascript; charset=utf-8"),
    ("/assets/dashboard.css", "text/css; charset=utf-8"),
    ("/assets/dashboard.js", "text/javascript; charset=utf-8"),
    ("/assets/actions.js", "text/javascript; charset=utf-8"),
    ("/assets/api.js", "text/javascript; charset=utf-8"),
    ("/assets/dom.js", "text/javascript; charset=utf-8"),
    ("/assets/form.js", "text/javascript; charset=utf-8"),
    ("/assets/freshness.js", "text/javascript; charset=utf-8"),
];

#[test]
fn every_file_of_the_pages_is_tried_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        match &*name {
            "dashboard.html" => "/".to_owned(),
            "docs.html" => "/docs".to_owned(),
            _ => format!("/assets/{name}"),
        }
    });
    let tried: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(files.collect::<BTreeSet<_>>(), tried);
}

/// One that wants a token for all data.
async fn guarded() -> (bench_harness::netbox::Double, Edge) {
    let double = double(Data::Recorded100).await;
    let guarded = settings(&double.url(), double.token()).variable("auth", "on");
    let edge = Edge::start(guarded).await;
    (double, edge)
}

#[tokio::test]
async fn every_file_has_its_type_and_a_strict_policy_and_takes_no_token_and_no_netbox_call() {
    let (double, edge) = guarded().await;
    for (path, kind) in FILES {
        let reply = edge.get(path).await.expect(200);
        assert_eq!(reply.header("content-type"), kind, "{path}");
        assert_eq!(
            reply.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cache-control"), "no-cache");
        assert_eq!(
            reply.header("content-length"),
            reply.bytes.len().to_string()
        );
    }
    assert_eq!(double.ledger().count(), 0);
}

#[tokio::test]
async fn who_has_a_file_already_does_not_get_it_again() {
    let (_double, edge) = guarded().await;
    for (path, _) in FILES {
        let tag = edge.get(path).await.expect(200).header("etag").to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let headers = [("if-none-match", &*known)];
            let reply = edge
                .call(Method::GET, path, &headers, &Value::Null)
                .await
                .expect(304);
            assert_eq!(reply.header("etag"), tag);
            assert!(reply.bytes.is_empty());
            assert!(!reply.header("content-security-policy").is_empty());
        }
        let headers = [("if-none-match", "\"other\"")];
        edge.call(Method::GET, path, &headers, &Value::Null)
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body_and_other_methods_are_refused() {
    let (_double, edge) = guarded().await;
    for (path, kind) in FILES {
        let whole = edge.get(path).await.expect(200);
        let head = edge
            .call(Method::HEAD, path, &[], &Value::Null)
            .await
            .expect(200);
        assert!(head.bytes.is_empty());
        for name in ["content-length", "etag", "content-security-policy"] {
            assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
        }
        assert_eq!(head.header("content-type"), kind);
        let refused = edge.post(path, &Value::Null).await.expect(405);
        assert_eq!(refused.header("allow"), "GET");
    }
    edge.get("/assets/other.js").await.expect(404);
    edge.get("/assets/").await.expect(404);
}
