use chromiumoxide::cdp::browser_protocol::emulation::{MediaFeature, SetEmulatedMediaParams};
use chromiumoxide::{Command, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::browser::{Tab, open};
use crate::support::recorded;

/// The texts that are hard to read: those with a contrast below 4.5 (WCAG 2.2, 1.4.3), and how many were looked at.
const CONTRAST: &str = r"(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((c, at) => c * a + below[at] * (1 - a));
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      layers.push(rgba(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const bad = [];
  let seen = 0;
  const look = (node, style, what) => {
    const below = ground(node);
    const [one, other] = [light(over(rgba(style.color), below)), light(below)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    seen += 1;
    if (ratio < 4.5) bad.push(`${node.tagName}.${node.className} ${what}: ${ratio.toFixed(2)}`);
  };
  for (const node of document.querySelectorAll('body *')) {
    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const text = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data).join('').trim();
    if (text || node.matches('input, select')) look(node, getComputedStyle(node), text.slice(0, 40));
    if (node.placeholder) look(node, getComputedStyle(node, '::placeholder'), `placeholder ${node.placeholder}`);
  }
  return { bad, seen };
})()";

/// What the browser tells assistive technology of the page. The generated type does not know all words of newer browsers.
#[derive(Clone, Debug, Serialize)]
struct FullTree {}

#[derive(Clone, Debug, Deserialize)]
struct Tree {
    nodes: Vec<Value>,
}

impl Method for FullTree {
    fn identifier(&self) -> std::borrow::Cow<'static, str> {
        "Accessibility.getFullAXTree".into()
    }
}

impl Command for FullTree {
    type Response = Tree;
}

/// Makes the page take a user for one who prefers this scheme.
pub(crate) async fn prefer(tab: &Tab, scheme: &str) {
    let feature = MediaFeature::new("prefers-color-scheme", scheme);
    let media = SetEmulatedMediaParams::builder().feature(feature).build();
    tab.page.execute(media).await.unwrap();
    tab.until(&format!(
        "matchMedia('(prefers-color-scheme: {scheme})').matches && !document.getAnimations().length"
    ))
    .await;
}

/// Asserts, in both schemes, that all that is to be seen can be read; gives how many texts these are.
async fn is_readable(tab: &Tab, what: &str) -> u64 {
    let mut grounds = Vec::new();
    let mut seen = 0;
    for scheme in ["light", "dark"] {
        prefer(tab, scheme).await;
        let found = tab.eval(CONTRAST).await;
        assert_eq!(found["bad"], Value::Array(Vec::new()), "{what}, {scheme}");
        seen = found["seen"].as_u64().unwrap();
        grounds.push(
            tab.eval("getComputedStyle(document.body).backgroundColor")
                .await,
        );
    }
    assert_ne!(grounds[0], grounds[1], "{what}: there are two schemes");
    seen
}

/// The names of all controls by their role; panics when one has none.
async fn names(tab: &Tab, what: &str) -> Vec<(String, String)> {
    const CONTROLS: [&str; 10] = [
        "button",
        "link",
        "textbox",
        "searchbox",
        "combobox",
        "checkbox",
        "spinbutton",
        "dialog",
        "navigation",
        "search",
    ];
    let tree = tab.page.execute(FullTree {}).await.unwrap().result;
    let word = |node: &Value, of: &str| node[of]["value"].as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for node in tree.nodes.iter().filter(|node| node["ignored"] == false) {
        let (role, name) = (word(node, "role"), word(node, "name"));
        let properties = node["properties"].as_array();
        let focusable = properties.into_iter().flatten();
        let mut focusable = focusable.filter(|p| p["name"] == "focusable");
        let focusable = focusable.any(|p| p["value"]["value"] == true);
        if CONTROLS.contains(&&*role) || focusable {
            assert!(
                !name.trim().is_empty(),
                "{what}: {role} without a name: {node}"
            );
            found.push((role, name));
        }
    }
    found
}

/// Asserts that there is a control of this role and name.
fn has(found: &[(String, String)], role: &str, name: &str) {
    let there = found.iter().any(|(r, n)| r == role && n == name);
    assert!(there, "no {role} {name:?} in {found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_texts_of_the_dashboard_can_be_read_in_both_schemes_and_all_controls_have_names() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    assert!(is_readable(&tab, "the list").await > 500);
    let found = names(&tab, "the list").await;
    for (role, name) in [
        ("link", "API"),
        ("button", "Refresh"),
        ("button", "Check health"),
        ("button", "Create segment"),
        ("button", "Rename EPG_Network1_Site1_100, VLAN 100"),
        ("searchbox", "Search"),
        ("combobox", "Site"),
        ("combobox", "State"),
        ("textbox", "Cluster"),
        ("navigation", "Pages of segments"),
    ] {
        has(&found, role, name);
    }
    // Banners of both kinds, and a text for screen readers only in the list.
    tab.eval(
        "import('/assets/freshness.js').then(({ banner }) => { banner('one', 'warn', 'A warning'); banner('two', 'bad', 'A failure'); })",
    )
    .await;
    is_readable(&tab, "banners").await;

    tab.click("#create").await;
    tab.click("#create-dialog [type=submit]").await;
    tab.until("document.querySelector('#create-dialog [aria-invalid=true]')")
        .await;
    is_readable(&tab, "a form with mistakes").await;
    let found = names(&tab, "a form with mistakes").await;
    for (role, name) in [
        ("dialog", "Create segment"),
        ("combobox", "Site"),
        ("textbox", "EPG name"),
        ("checkbox", "DHCP"),
        ("button", "Preview"),
    ] {
        has(&found, role, name);
    }
    tab.click("#create-dialog [value=cancel]").await;

    tab.click("#health").await;
    tab.sees("#health-dialog .checks", "store").await;
    is_readable(&tab, "health").await;
    has(&names(&tab, "health").await, "dialog", "Health");
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_texts_about_the_api_can_be_read_in_both_schemes_and_all_controls_have_names() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    let url = format!("{}/docs", edge.host.url());
    tab.page.goto(url).await.unwrap();
    tab.until("document.querySelector('#status')?.textContent === ''")
        .await;
    tab.eval("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        .await;
    assert!(is_readable(&tab, "/docs").await > 1_000);
    let found = names(&tab, "/docs").await;
    has(&found, "link", "Dashboard");
    has(&found, "navigation", "Operations");
    for width in [360, 390] {
        tab.resize(width, 740).await;
        tab.until(&format!(
            "innerWidth === {width} && document.documentElement.scrollWidth <= {width}"
        ))
        .await;
    }
    tab.close().await;
}
