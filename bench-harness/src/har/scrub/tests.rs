#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::har::exchange::Exchange;
use bytes::Bytes;
use std::time::Duration;

const TOKEN: &str = "nbt_Abc123Def456.0123456789abcdefghijABCDEFGHIJ0123456789";
const V1: &str = "0123456789abcdef0123456789abcdef01234567";

fn scrubber(address: &str) -> Scrubber {
    Scrubber::before(&Url::parse(address).unwrap())
}

/// An entry of a call to this path with these bodies.
fn entry(path: &str, asked: &str, answered: &str) -> Entry {
    let exchange = Exchange {
        request: http::Request::post(path)
            .body(asked.to_owned().into())
            .unwrap(),
        response: http::Response::new(answered.to_owned().into()),
        began: time::OffsetDateTime::UNIX_EPOCH,
        waited: Duration::ZERO,
        received: Duration::ZERO,
    };
    exchange.entry("http://netbox.invalid")
}

fn har(entry: Entry) -> Har {
    Har::of(vec![entry], "a test")
}

#[test]
fn tokens_are_removed_from_every_place() {
    let exchange = Exchange {
        request: http::Request::get(format!("/api/x/?token={V1}&q=1"))
            .header("authorization", format!("Token {V1}"))
            .header("x-api-token", V1)
            .header(
                "cookie",
                "sessionid=abcdefghijklmnop; csrftoken=qrstuvwxyzabcdef",
            )
            .header("referer", "https://netbox.example.com/ipam/")
            .header("host", "netbox.example.com")
            .body(Bytes::new())
            .unwrap(),
        response: http::Response::builder()
            .header("set-cookie", "sessionid=ponmlkjihgfedcba; HttpOnly")
            .header("location", "https://netbox.example.com/api/y/")
            .body(format!("{TOKEN} qrstuvwxyzabcdef ponmlkjihgfedcba").into())
            .unwrap(),
        began: time::OffsetDateTime::UNIX_EPOCH,
        waited: Duration::ZERO,
        received: Duration::ZERO,
    };
    let mut scrubber = scrubber("https://netbox.example.com");
    scrubber.learn_from(exchange.request.headers());
    scrubber.learn_from(exchange.response.headers());
    let mut entry = exchange.entry("http://netbox.invalid");
    assert!(scrubber.check(&har(entry.clone())).is_err());
    scrubber.entry(&mut entry);
    assert_eq!(
        entry.request.url,
        "http://netbox.invalid/api/x/?token=removed&q=1"
    );
    assert_eq!(entry.response.redirect_url, "http://netbox.invalid/api/y/");
    let text = serde_json::to_string(&entry).unwrap();
    for gone in [
        V1,
        "nbt_A",
        "abcdefghijklmnop",
        "qrstuv",
        "ponmlk",
        "example.com",
        "set-cookie",
        "\"cookie\"",
    ] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    scrubber.check(&har(entry)).unwrap();
}

#[test]
fn secrets_and_people_are_removed_from_bodies_and_the_rest_stays() {
    let scrubber = Scrubber::new();
    let body = json!({"name": "hook", "secret": "hush", "additional_headers": "X: y", "password": null, "conditions": {"a": 1},
        "results": [{"user_name": "alice", "user": {"id": 1, "display": "Alice A.", "username": "alice"}, "token": ""}],
        "description": "ask bob@example.com"});
    let cleared = scrubber.body(&body.to_string(), "/api/extras/webhooks/");
    let cleared: Value = serde_json::from_str(&cleared).unwrap();
    assert_eq!(
        cleared,
        json!({"name": "hook", "secret": REMOVED, "additional_headers": REMOVED, "password": null, "conditions": {"a": 1},
            "results": [{"user_name": "user", "user": {"id": 1, "display": "user", "username": "user"}, "token": ""}],
            "description": "ask user@netbox.invalid"})
    );
    let key = json!({"id": 1, "key": V1}).to_string();
    assert!(!scrubber.body(&key, "/api/users/tokens/").contains(V1));
    assert_eq!(scrubber.body(&key, "/api/ipam/prefixes/"), key);
    let page =
        r#"<input type="hidden" name="csrfmiddlewaretoken" value="abcdefghijklmnopqrstuvwxyz">"#;
    assert!(!scrubber.body(page, "/login/").contains("abcdefghij"));
}

#[test]
fn a_body_without_secrets_stays_as_it_is_to_the_byte() {
    let body = "{\"b\": 1.50, \"a\":\"10.0.0.0/24\"}";
    let scrubber = scrubber("http://10.0.0.1:8000");
    assert_eq!(scrubber.body(body, "/api/ipam/prefixes/"), body);
}

#[test]
fn an_address_is_removed_however_it_is_written() {
    let texts = [
        "https://netbox.example.com/nb/api/x/",
        "http://NetBox.Example.com/nb/api/x/",
        "https://netbox.example.com:443/nb/api/x/",
        "https:\\/\\/netbox.example.com\\/nb/api/x/",
        "https%3A%2F%2Fnetbox.example.com%2Fnb/api/x/",
        "netbox.example.com",
    ];
    let scrubber = scrubber("https://netbox.example.com/nb");
    for text in texts {
        let cleared = scrubber.text(text);
        assert!(!cleared.to_lowercase().contains("example"), "{cleared}");
    }
    assert_eq!(scrubber.text(texts[0]), "http://netbox.invalid/api/x/");
}

#[test]
fn an_ip_address_is_removed_as_an_address_and_stays_as_data() {
    let scrubber = scrubber("http://10.0.0.5:8001");
    assert_eq!(
        scrubber.text(r#"{"url":"http://10.0.0.5:8001/api/","prefix":"10.0.0.5/32"}"#),
        r#"{"url":"http://netbox.invalid/api/","prefix":"10.0.0.5/32"}"#
    );
    let percent = scrubber.text("next=http%3A%2F%2F10.0.0.5%3A8001%2Fapi");
    assert!(!percent.contains("10.0.0.5"), "{percent}");
}

#[test]
fn a_planted_secret_is_found_and_its_place_is_named() {
    let secret = "s3cr3t-and-long+enough/=";
    let mut scrubber = scrubber("https://netbox.example.com");
    assert!(scrubber.learn(secret));
    let percent = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let twice = url::form_urlencoded::byte_serialize(percent.as_bytes()).collect::<String>();
    let every_byte: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let unicode: String = secret
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let forms = [
        secret.to_owned(),
        percent,
        twice,
        every_byte,
        STANDARD.encode(secret),
        STANDARD.encode(format!("user:{secret}")),
        format!(
            "id-{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("x{secret}yz"))
        ),
        format!("{{\"a\":\"{unicode}\"}}"),
        "deep in HTTPS://NETBOX.EXAMPLE.COM/".to_owned(),
    ];
    for form in forms {
        let planted = har(entry("/api/x/", "{}", &form));
        let leaks = scrubber.check(&planted).unwrap_err();
        assert_eq!(
            leaks.places[0].1, "/log/entries/0/response/content/text",
            "{form}"
        );
        let words = leaks.to_string();
        assert!(
            words.contains("/log/entries/0") && !words.contains(secret),
            "{words}"
        );
    }
    scrubber
        .check(&har(entry("/api/x/", "{}", "nothing")))
        .unwrap();
}

#[test]
fn a_secret_in_a_body_that_is_no_text_is_found() {
    let mut scrubber = Scrubber::new();
    scrubber.learn(V1);
    let mut planted = entry("/api/x/", "", "");
    let bytes = [&[0xff, 0xfe, 0x00], V1.as_bytes(), &[0x80]].concat();
    planted.response.content = crate::har::Content::of(&bytes, "image/png");
    assert!(scrubber.check(&har(planted)).is_err());
}

proptest! {
    #[test]
    fn whatever_is_learned_is_gone_and_the_check_agrees(
        secret in "[A-Za-z0-9]{16,48}",
        before in "[ -~]{0,40}",
        after in "[ -~]{0,40}",
    ) {
        let mut scrubber = scrubber("https://netbox.example.com:8443/base");
        scrubber.learn(&secret);
        let body = json!({"note": format!("{before}{secret}{after}"), "url": "https://netbox.example.com:8443/base/api/1/"}).to_string();
        let mut entry = entry("/api/x/", &body, &body);
        scrubber.entry(&mut entry);
        let text = serde_json::to_string(&entry).unwrap();
        prop_assert!(!text.contains(&secret) && !text.contains("example.com"));
        prop_assert!(scrubber.check(&har(entry)).is_ok());
    }

    #[test]
    fn what_is_scrubbed_twice_is_as_if_scrubbed_once(text in "([ -~]|nbt_[A-Za-z0-9]{4}|https://netbox\\.example\\.com|a@b\\.de){0,30}") {
        let scrubber = scrubber("https://netbox.example.com");
        let once = scrubber.text(&text);
        prop_assert_eq!(scrubber.text(&once), once);
    }

    #[test]
    fn json_stays_json_with_the_same_members(names in proptest::collection::vec("[a-z_]{1,12}", 1..6), token in "[A-Za-z0-9]{12}\\.[A-Za-z0-9]{40}") {
        let mut body = json!({});
        for name in &names {
            body[name.as_str()] = format!("nbt_{token}").into();
        }
        let scrubber = Scrubber::new();
        let cleared: Value = serde_json::from_str(&scrubber.body(&body.to_string(), "/api/")).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        prop_assert_eq!(keys(&cleared), keys(&body));
        prop_assert!(!cleared.to_string().contains(&token));
    }
}
