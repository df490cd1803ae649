use bench_harness::har::{Har, Recorder};
use http::Request;
use tempfile::TempDir;
use url::Url;

use crate::kit::{double, free, get, send, text};

/// A password as a client with HTTP Basic authentication has it.
const PASSWORD: &str = "correct-horse-battery";
/// A token as a careless client has it in its address.
const IN_ADDRESS: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

#[tokio::test]
async fn neither_tokens_nor_cookies_nor_hosts_are_in_the_file() {
    let double = double().await;
    // Another name for the same place, as NetBox has in a company.
    let address = double.url().replace("127.0.0.1", "localhost");
    let recorder = Recorder::start(&Url::parse(&address).unwrap(), free())
        .await
        .unwrap();
    let base = recorder.url();
    let authorised = |path: &str, value: &str| {
        Request::get(format!("{base}{path}"))
            .header("authorization", value)
            .header("cookie", "sessionid=kjhgfdsaqwertzui")
            .header("x-csrftoken", "mnbvcxyqwertzuiop")
            .header("referer", &address)
            .body("")
            .unwrap()
    };
    let bearer = format!("Bearer {}", double.token());
    let v1 = format!("Token {}", double.token_v1());
    // `bench:correct-horse-battery`
    let basic = "Basic YmVuY2g6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";
    let page = send(authorised("/api/ipam/prefixes/?limit=2", &bearer)).await;
    // What the client sees leads through the recorder, and is otherwise NetBox's own answer.
    assert!(
        text(&page).contains(&format!("{base}/api/ipam/prefixes/")),
        "{}",
        text(&page)
    );
    for value in [v1.as_str(), basic] {
        send(authorised("/api/core/object-changes/?limit=2", value)).await;
    }
    // A token that comes up in an address only later was recorded before it was known.
    get(&format!("{base}/api/status/?q={PASSWORD}")).await;
    // NetBox repeats the address of a list in `next`.
    let list = format!("{base}/api/ipam/prefixes/?limit=2&token={IN_ADDRESS}");
    let page = Request::get(list)
        .header("authorization", &bearer)
        .body("")
        .unwrap();
    assert!(text(&send(page).await).contains(IN_ADDRESS));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("recording.har");
    assert_eq!(recorder.write(&file).unwrap(), 5);
    let written = std::fs::read_to_string(&file).unwrap();
    let port = address.rsplit(':').next().unwrap();
    let authority = format!("localhost:{port}");
    for secret in [
        double.token(),
        double.token_v1(),
        "kjhgfdsaqwertzui",
        "mnbvcxyqwertzuiop",
        PASSWORD,
        IN_ADDRESS,
        "YmVuY2g6Y29y",
        &authority,
        base.trim_start_matches("http://"),
        "\"lab\"",
        "\\\"lab\\\"",
    ] {
        assert!(!written.contains(secret), "{secret} is in the file");
    }
    let har = Har::read(&file).unwrap();
    assert_eq!(
        har.log.entries[0].request.url,
        "http://netbox.invalid/api/ipam/prefixes/?limit=2"
    );
    assert!(har.log.entries.iter().all(|entry| entry.time > 0.0));
}

#[tokio::test]
async fn a_file_with_a_secret_in_it_is_not_written_and_the_old_one_stays() {
    let double = double().await;
    let recorder = Recorder::start(&Url::parse(&double.url()).unwrap(), free())
        .await
        .unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("recording.har");
    get(&format!("{}/api/status/", recorder.url())).await;
    recorder.write(&file).unwrap();
    let before = std::fs::read_to_string(&file).unwrap();
    // In Base64 a secret can't be replaced, only found: `correct-horse-battery`.
    recorder.learn(PASSWORD);
    get(&format!(
        "{}/api/status/?q=Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5",
        recorder.url()
    ))
    .await;
    let refused = recorder.write(&file).unwrap_err().to_string();
    assert!(refused.contains("/log/entries/1/request/url"), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_netbox_that_is_not_there_is_a_502_and_no_entry() {
    let recorder = Recorder::start(&Url::parse("http://127.0.0.1:9").unwrap(), free())
        .await
        .unwrap();
    let answer = get(&format!("{}/api/status/", recorder.url())).await;
    assert_eq!(answer.status(), 502);
    assert_eq!((recorder.count(), recorder.unanswered()), (0, 1));
}
