#![allow(clippy::unwrap_used)]
use super::*;
use wiremock::matchers::{body_partial_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TOKEN: &str = "nbt_abc.def";

fn command(server: &MockServer, dry_run: bool) -> InstallWebhook {
    InstallWebhook {
        netbox_url: server.uri().parse().unwrap(),
        netbox_token: TOKEN.parse().unwrap(),
        edge_url: "https://edge.example.com".parse().unwrap(),
        secret: "a secret".parse().unwrap(),
        dry_run,
    }
}

async fn listed(server: &MockServer, at: &str, objects: Value) {
    let list = json!({"count": 0, "next": null, "previous": null, "results": objects});
    Mock::given(method("GET"))
        .and(path(at))
        .and(query_param("name", NAME))
        .and(header("authorization", format!("Bearer {TOKEN}")))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(server)
        .await;
}

fn webhook() -> Value {
    json!({"id": 7, "name": NAME, "payload_url": "https://edge.example.com/api/hooks/netbox", "http_method": "POST",
        "http_content_type": "application/json", "additional_headers": "", "body_template": "", "secret": "a secret",
        "description": "Tells segment-edge of changes; kept by `bench-harness netbox install-webhook`", "ssl_verification": true})
}

fn rule() -> Value {
    let mut types = OBJECT_TYPES;
    types.reverse();
    json!({"id": 9, "name": NAME, "object_types": types, "event_types": EVENTS, "enabled": true, "conditions": null,
        "action_type": {"value": "webhook", "label": "Webhook"}, "action_object_type": "extras.webhook", "action_object_id": 7,
        "description": "Tells segment-edge of changes; kept by `bench-harness netbox install-webhook`"})
}

#[tokio::test]
async fn webhook_and_rule_are_created_where_there_are_none() {
    let server = MockServer::start().await;
    listed(&server, WEBHOOKS, json!([])).await;
    listed(&server, EVENT_RULES, json!([])).await;
    Mock::given(method("POST"))
        .and(path(WEBHOOKS))
        .and(body_partial_json(
            json!({"payload_url": "https://edge.example.com/api/hooks/netbox", "secret": "a secret"}),
        ))
        .respond_with(ResponseTemplate::new(201).set_body_json(webhook()))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path(EVENT_RULES))
        .and(body_partial_json(
            json!({"action_object_id": 7, "object_types": OBJECT_TYPES, "event_types": EVENTS}),
        ))
        .respond_with(ResponseTemplate::new(201).set_body_json(rule()))
        .expect(1)
        .mount(&server)
        .await;
    let said = command(&server, false).install().await.unwrap().join("\n");
    assert!(said.contains("webhook `segment-edge`: created"), "{said}");
    assert!(
        said.contains("event rule `segment-edge`: created"),
        "{said}"
    );
    assert!(said.contains("rqworker"), "{said}");
    assert!(!said.contains("a secret"), "{said}");
}

#[tokio::test]
async fn what_is_as_it_must_be_is_left_alone_and_the_rest_is_changed() {
    let server = MockServer::start().await;
    listed(&server, WEBHOOKS, json!([webhook()])).await;
    let mut disabled = rule();
    disabled["enabled"] = false.into();
    listed(&server, EVENT_RULES, json!([disabled])).await;
    let said = command(&server, true).install().await.unwrap().join("\n");
    assert!(
        said.contains("event rule `segment-edge`: would be changed: enabled"),
        "{said}"
    );
    Mock::given(method("PATCH"))
        .and(path(format!("{EVENT_RULES}9/")))
        .and(body_partial_json(json!({"enabled": true})))
        .respond_with(ResponseTemplate::new(200).set_body_json(rule()))
        .expect(1)
        .mount(&server)
        .await;
    let said = command(&server, false).install().await.unwrap().join("\n");
    assert!(
        said.contains("webhook `segment-edge`: is as it must be"),
        "{said}"
    );
    assert!(
        said.contains("event rule `segment-edge`: changed: enabled"),
        "{said}"
    );
}

#[tokio::test]
async fn a_refusal_is_told_in_netboxs_words_without_secrets() {
    let server = MockServer::start().await;
    let refused = json!({"detail": "You do not have permission to perform this action."});
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(403).set_body_json(refused))
        .mount(&server)
        .await;
    let error = command(&server, false).install().await.unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("You do not have permission"), "{error}");
    assert!(error.contains("webhooks and event rules"), "{error}");
    assert!(
        !error.contains(TOKEN) && !error.contains("a secret"),
        "{error}"
    );
    let nobody = InstallWebhook {
        netbox_url: "http://127.0.0.1:1".parse().unwrap(),
        ..command(&server, false)
    };
    let error = format!("{:#}", nobody.install().await.unwrap_err());
    assert!(error.contains("http://127.0.0.1:1"), "{error}");
    assert!(!format!("{:?}", command(&server, false)).contains(TOKEN));
}
