use std::time::{Duration, Instant};

use bench_harness::netbox::{Data, Fault, Matcher};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::problems::{TOKEN, assert_problem, quick};
use crate::support::{Edge, Reply, double, settings};

/// What a cold read says before a server that answers everything like this.
async fn read_before(answer: ResponseTemplate) -> Reply {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let edge = Edge::start(settings(&server.uri(), TOKEN)).await;
    let started = Instant::now();
    let reply = quick(started, edge.get("/api/segments").await);
    assert!(!edge.host.log().contains("a-secret-of-this-test"));
    reply
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html>an error page</html>", "text/html")
}

fn json(status: u16, body: &'static str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

#[tokio::test]
async fn a_netbox_that_does_not_listen_is_503() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let edge = Edge::start(settings(&url, TOKEN)).await;
    let started = Instant::now();
    let reply = quick(started, edge.get("/api/segments").await);
    assert_problem(&reply, 503, "netbox-unreachable");
    assert!(!reply.header("retry-after").is_empty());
    edge.get("/api/health").await.expect(200);
}

#[tokio::test]
async fn a_netbox_that_the_host_forbids_is_said_to_be_forbidden() {
    let double = double(Data::Recorded100).await;
    let mut settings = settings(&double.url(), double.token());
    settings.allowed_hosts.clear();
    let edge = Edge::start(settings).await;
    let reply = edge.get("/api/segments").await;
    assert_problem(&reply, 502, "netbox-forbidden");
    assert!(
        reply.json()["detail"]
            .as_str()
            .unwrap()
            .contains("allowed_outbound_hosts")
    );
    assert_eq!(double.ledger().count(), 0);
}

#[tokio::test]
async fn a_netbox_that_is_too_slow_is_504() {
    let double = double(Data::Recorded100).await;
    double.fail_always(Matcher::any(), Fault::Delay(Duration::from_secs(20)));
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", "1");
    let edge = Edge::start(settings).await;
    let started = Instant::now();
    let reply = quick(started, edge.get("/api/segments").await);
    assert_problem(&reply, 504, "netbox-timeout");
}

#[tokio::test]
async fn nobody_waits_longer_because_others_wait_too() {
    let double = double(Data::Recorded100).await;
    double.fail_always(Matcher::any(), Fault::Delay(Duration::from_secs(20)));
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", "1");
    let edge = Edge::start(settings).await;
    let started = Instant::now();
    let asked = (0..8).map(|_| edge.get("/api/segments"));
    let replies = quick(started, futures::future::join_all(asked).await);
    for reply in replies {
        assert_problem(&reply, 504, "netbox-timeout");
    }
}

#[tokio::test]
async fn an_html_page_is_502_whatever_its_status() {
    for status in [200, 502, 500] {
        let reply = read_before(html(status)).await;
        assert_problem(&reply, 502, "netbox-unusable");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("an HTML page"), "{detail}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_json_or_not_netbox_is_502() {
    let answers = [
        ResponseTemplate::new(200).set_body_raw("hello", "text/plain"),
        json(200, "{\"data\":"),
        json(200, "{}"),
        json(200, "[]"),
        json(200, r#"{"data":{"prefix_list":"none"}}"#),
        ResponseTemplate::new(204),
        ResponseTemplate::new(404),
    ];
    for answer in answers {
        let reply = read_before(answer).await;
        assert_problem(&reply, 502, "netbox-unusable");
    }
}

#[tokio::test]
async fn a_netbox_that_refuses_the_token_is_502_and_points_to_the_remedy() {
    let reply = read_before(json(403, r#"{"detail":"Invalid v2 token"}"#)).await;
    assert_problem(&reply, 502, "netbox-forbidden");
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Invalid v2 token"), "{detail}");
    assert!(detail.contains("/api/health?deep=true"), "{detail}");
}

#[tokio::test]
async fn an_error_inside_netbox_is_502_in_its_own_words() {
    let body = r#"{"error":"the database is gone","exception":"OperationalError"}"#;
    let reply = read_before(json(500, body)).await;
    assert_problem(&reply, 502, "netbox-unusable");
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("the database is gone"), "{detail}");
}

#[tokio::test]
async fn a_netbox_that_asks_for_more_time_than_anybody_waits_is_503_with_that_time() {
    for status in [429, 503] {
        let reply = read_before(html(status).insert_header("retry-after", "40")).await;
        assert_problem(&reply, 503, "netbox-busy");
        assert_eq!(reply.header("retry-after"), "40");
        assert_eq!(reply.netbox_calls(), 1);
    }
}

#[tokio::test]
async fn a_netbox_that_is_always_too_busy_is_503_with_the_time_for_which_it_is_left_alone() {
    for status in [429, 503] {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(html(status))
            .mount(&server)
            .await;
        let edge = Edge::start(settings(&server.uri(), TOKEN)).await;
        let reply = edge.get("/api/segments").await;
        assert_problem(&reply, 503, "netbox-busy");
        assert_eq!(reply.header("retry-after"), "5");
        assert_eq!(reply.netbox_calls(), 8);
    }
}

#[tokio::test]
async fn graphql_errors_are_no_failure_while_rest_answers() {
    let double = double(Data::Recorded100).await;
    let refusal = r#"{"data":null,"errors":[{"message":"Cannot query field"}]}"#;
    double.fail_always(Matcher::graphql(), Fault::json(200, refusal));
    let edge = Edge::before(&double).await;
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.header("x-total-count"), "100");
    assert!(list.netbox_calls() > 1);
}

#[tokio::test]
async fn after_a_failure_the_next_read_succeeds() {
    let double = double(Data::Recorded100).await;
    double.fail_always(Matcher::any(), Fault::html(502, "<html>"));
    let edge = Edge::before(&double).await;
    edge.get("/api/segments").await.expect(502);
    double.heal();
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.header("x-total-count"), "100");
}
