//! A headless Chromium with one tab, and all that went wrong in it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::IntoEventKind;
use chromiumoxide::cdp::browser_protocol::emulation::SetDeviceMetricsOverrideParams;
use chromiumoxide::cdp::browser_protocol::log::EventEntryAdded;
use chromiumoxide::cdp::browser_protocol::network::EventRequestWillBeSent;
use chromiumoxide::cdp::browser_protocol::page::EventJavascriptDialogOpening;
use chromiumoxide::cdp::js_protocol::runtime::{
    EvaluateParams, EventConsoleApiCalled, EventExceptionThrown,
};
use chromiumoxide::{Handler, Page};
use futures::StreamExt;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::support::tell;

/// So many browsers at once, whatever the number of test threads.
static BROWSERS: Semaphore = Semaphore::const_new(2);

/// Collects violations of the policy, from before the page's first script.
const WATCH_POLICY: &str = "window.violations = [];\
    addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI));";

pub(crate) struct Tab {
    pub(crate) page: Page,
    browser: Browser,
    origin: String,
    trouble: Arc<Mutex<Vec<String>>>,
    requests: Arc<Mutex<Vec<String>>>,
    refused: Arc<Mutex<Vec<String>>>,
    _profile: tempfile::TempDir,
    _turn: SemaphorePermit<'static>,
}

fn executable() -> Option<PathBuf> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

/// Opens the page at `url` and waits until its list is there; `None`, and a word why, where there is no browser and CI does not ask for one.
pub(crate) async fn open(url: &str) -> Option<Tab> {
    let tab = blank(url).await?;
    tab.page.goto(url).await.unwrap();
    tab.until("document.querySelector('#listing')?.getAttribute('aria-busy') === 'false'")
        .await;
    Some(tab)
}

/// The same, with nothing opened yet; `url` is where all requests must go.
pub(crate) async fn blank(url: &str) -> Option<Tab> {
    let Some(executable) = executable() else {
        assert!(
            std::env::var_os("CI").is_none_or(|value| value.is_empty()),
            "there is no Chromium: `cargo xtask test` installs Debian's package `chromium`"
        );
        tell("skipped, since there is no chromium or google-chrome on the PATH");
        return None;
    };
    let turn = BROWSERS.acquire().await.unwrap();
    let profile = tempfile::tempdir().unwrap();
    // In a container there is often no sandbox to be had; it loads only our own page.
    let config = BrowserConfig::builder()
        .chrome_executable(executable)
        .user_data_dir(profile.path())
        .no_sandbox()
        .launch_timeout(Duration::from_secs(60))
        .window_size(1280, 800)
        .viewport(None)
        .args(["disable-gpu", "hide-scrollbars", "no-proxy-server"])
        .build()
        .unwrap();
    let (browser, handler) = Browser::launch(config).await.expect("Chromium starts");
    drive(handler);
    let page = browser.new_page("about:blank").await.unwrap();
    let tab = Tab {
        page,
        browser,
        origin: url.trim_end_matches('/').to_owned(),
        trouble: Arc::default(),
        requests: Arc::default(),
        refused: Arc::default(),
        _profile: profile,
        _turn: turn,
    };
    tab.page.enable_log().await.unwrap();
    tab.page
        .evaluate_on_new_document(WATCH_POLICY)
        .await
        .unwrap();
    tab.watch().await;
    Some(tab)
}

fn drive(mut handler: Handler) {
    tokio::spawn(async move { while handler.next().await.is_some() {} });
}

impl Tab {
    async fn collect<T: IntoEventKind + Unpin + Send + Sync + 'static>(
        &self,
        into: &Arc<Mutex<Vec<String>>>,
        told: impl Fn(&T) -> Option<String> + Send + 'static,
    ) {
        let mut events = self.page.event_listener::<T>().await.unwrap();
        let into = Arc::clone(into);
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                into.lock().unwrap().extend(told(&event));
            }
        });
    }

    async fn watch(&self) {
        let trouble = &self.trouble;
        self.collect(trouble, |e: &EventExceptionThrown| {
            Some(format!("exception: {:?}", e.exception_details))
        })
        .await;
        self.collect(trouble, |e: &EventJavascriptDialogOpening| {
            Some(format!("dialog: {}", e.message))
        })
        .await;
        self.collect(trouble, |e: &EventConsoleApiCalled| {
            let kind = format!("{:?}", e.r#type);
            matches!(&*kind, "Error" | "Warning" | "Assert")
                .then(|| format!("console: {:?}", e.args))
        })
        .await;
        // That an answer was 4xx or 5xx is logged by the browser itself, and is what some tests are about.
        self.collect(trouble, |e: &EventEntryAdded| {
            let (source, level) = (
                format!("{:?}", e.entry.source),
                format!("{:?}", e.entry.level),
            );
            (source != "Network" && matches!(&*level, "Error" | "Warning"))
                .then(|| format!("{source}: {}", e.entry.text))
        })
        .await;
        self.collect(&self.refused, |e: &EventEntryAdded| {
            let source = format!("{:?}", e.entry.source);
            (source == "Network").then(|| format!("{:?} {}", e.entry.url, e.entry.text))
        })
        .await;
        self.collect(&self.requests, |e: &EventRequestWillBeSent| {
            Some(e.request.url.clone())
        })
        .await;
    }

    /// The value of an expression, awaited when it is a promise.
    pub(crate) async fn eval(&self, expression: &str) -> Value {
        let asked = EvaluateParams::builder()
            .expression(expression)
            .await_promise(true)
            .return_by_value(true)
            .build()
            .unwrap();
        let answer = self.page.execute(asked).await.unwrap().result;
        assert!(
            answer.exception_details.is_none(),
            "{expression}: {:?}",
            answer.exception_details
        );
        answer.result.value.unwrap_or(Value::Null)
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&self, condition: &str) {
        let expression = format!("Boolean({condition})");
        for _ in 0..600 {
            if self.eval(&expression).await == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let seen = self.text("body").await;
        panic!("{expression} did not come about; the page says:\n{seen}");
    }

    /// Waits until an element contains a text.
    pub(crate) async fn sees(&self, selector: &str, text: &str) {
        let (selector, text) = (Value::from(selector), Value::from(text));
        self.until(&format!(
            "document.querySelector({selector})?.textContent.includes({text})"
        ))
        .await;
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        let value = self
            .eval(&format!(
                "document.querySelector({})?.innerText",
                Value::from(selector)
            ))
            .await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let value = self
            .eval(&format!(
                "document.querySelectorAll({}).length",
                Value::from(selector)
            ))
            .await;
        value.as_u64().unwrap()
    }

    /// Clicks with the mouse, once it is there.
    pub(crate) async fn click(&self, selector: &str) {
        self.until(&format!(
            "document.querySelector({})",
            Value::from(selector)
        ))
        .await;
        self.page
            .find_element(selector)
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
    }

    /// Enters a value as a person does: an `input` event follows.
    pub(crate) async fn fill(&self, selector: &str, value: &str) {
        let (selector, value) = (Value::from(selector), Value::from(value));
        self.until(&format!("document.querySelector({selector})"))
            .await;
        self.eval(&format!(
            "(() => {{ const f = document.querySelector({selector}); f.focus(); f.value = {value}; \
             f.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             if (f.value !== {value}) throw new Error('the field does not take ' + {value}); }})()"
        ))
        .await;
    }

    /// Presses keys, one after another, on what has the focus.
    pub(crate) async fn press(&self, keys: &[&str]) {
        let body = self.page.find_element("body").await.unwrap();
        for key in keys {
            body.press_key(key).await.unwrap();
        }
    }

    /// Types text into what has the focus.
    pub(crate) async fn write(&self, text: &str) {
        let body = self.page.find_element("body").await.unwrap();
        body.type_str(text).await.unwrap();
    }

    /// Makes the viewport so wide and high.
    pub(crate) async fn resize(&self, width: i64, height: i64) {
        let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
        self.page.execute(size).await.unwrap();
    }

    /// The addresses of all requests until now.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// What the browser itself logged of requests: answers of 4xx and 5xx, and what could not be loaded.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }

    /// Closes the browser. Fails when anything went wrong in the page, or a request went elsewhere.
    pub(crate) async fn close(self) {
        self.close_after("/api/segments").await;
    }

    /// The same for a page that calls this path.
    pub(crate) async fn close_after(mut self, path: &str) {
        let violations = self.eval("window.violations").await;
        assert_eq!(
            violations,
            Value::Array(Vec::new()),
            "the policy was violated"
        );
        let trouble = self.trouble.lock().unwrap().clone();
        assert!(trouble.is_empty(), "{trouble:#?}");
        let requests = self.requests();
        assert!(
            requests.iter().any(|url| url.contains(path)),
            "no request was seen: {requests:?}"
        );
        let ours = |url: &str| {
            url.starts_with(&format!("{}/", self.origin))
                || url.starts_with("data:")
                || url == "about:blank"
        };
        let foreign: Vec<&String> = requests.iter().filter(|url| !ours(url)).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        self.browser.close().await.unwrap();
        let _ = self.browser.wait().await;
    }
}
