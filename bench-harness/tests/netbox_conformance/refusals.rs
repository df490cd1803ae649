//! Everything that NetBox refuses and that the component can meet.

use super::step::{Step, Who, delete, get, patch, post};
use super::table::prefix;

const VLANS: &str = "/api/ipam/vlans/";
const PREFIXES: &str = "/api/ipam/prefixes/";
const STALE: &str = r#"W/"2020-01-01T00:00:00+00:00""#;

pub fn refusals() -> Vec<Step> {
    let mut steps = tokens();
    steps.extend(rules());
    steps.extend(addresses());
    steps
}

fn tokens() -> Vec<Step> {
    let query =
        r#"{"query":"query {tenant_list(filters:{slug:{exact:\"conformance-<tag>\"}}){id}}"}"#;
    vec![
        get("/api/status/", 200).by(Who::FullV1).shape(),
        get("/api/status/", 403).by(Who::WrongV1),
        get("/api/status/", 403).by(Who::WrongV2),
        get("/api/status/", 403).by(Who::Nobody),
        get(PREFIXES, 403).by(Who::WrongV2),
        get(PREFIXES, 403).by(Who::NoPermissions),
        get("/api/ipam/prefixes/<prefix>/", 403).by(Who::NoPermissions),
        get("/api/ipam/vlans/?limit=1&fields=id", 200)
            .by(Who::ReadOnly)
            .shape(),
        post(VLANS, "[]", 403).by(Who::ReadOnly),
        post(VLANS, "[]", 403).by(Who::NoPermissions),
        post(PREFIXES, &prefix("10.99.9.0/24", "vlan"), 403).by(Who::ReadOnly),
        patch("/api/ipam/vlans/<vlan>/", r#"{"name":"no"}"#, 403).by(Who::ReadOnly),
        delete("/api/ipam/vlans/<vlan>/", 403).by(Who::ReadOnly),
        delete("/api/ipam/vlans/<vlan>/", 403).by(Who::WrongV1),
        post("/graphql/", query, 403).by(Who::WrongV2),
        post("/graphql/", query, 403).by(Who::Nobody),
        post("/graphql/", query, 200).by(Who::ReadOnly),
        post("/graphql/", query, 200).by(Who::NoPermissions),
    ]
}

fn rules() -> Vec<Step> {
    let vlan = |vid: u32, name: &str, group: &str| {
        format!(
            r#"{{"vid":{vid},"name":"{name}","group":{group},"tenant":<tenant>,"role":<role>,"status":"active"}}"#
        )
    };
    let long = "n".repeat(65);
    vec![
        post(VLANS, &vlan(101, "other", "<group>"), 400),
        post(VLANS, &vlan(103, "two", "<group>"), 400),
        post(VLANS, &vlan(101, "renamed", "<group>"), 400),
        post(VLANS, &vlan(4000, "beyond the range", "<group>"), 400),
        post(VLANS, &vlan(4095, "too large", "<group>"), 400),
        post(VLANS, &vlan(0, "too small", "<group>"), 400),
        post(VLANS, &vlan(104, "", "<group>"), 400),
        post(VLANS, &vlan(104, &long, "<group>"), 400),
        post(VLANS, &vlan(104, "no group", "99999999"), 400),
        post(VLANS, r#"{"name":"no vid"}"#, 400),
        patch("/api/ipam/vlans/<vlan>/", r#"{"vid":102}"#, 400),
        patch("/api/ipam/vlans/<vlan>/", r#"{"name":"two"}"#, 400),
        patch("/api/ipam/vlans/<vlan>/", r#"{"name":"stale"}"#, 412).with("if-match", STALE),
        delete("/api/ipam/vlans/<vlan>/", 412).with("if-match", STALE),
        delete("/api/ipam/vlans/<vlan>/", 409),
        delete("/api/ipam/vlans/<second>/", 409),
        delete("/api/ipam/vrfs/<vrf>/", 409),
        post(PREFIXES, &prefix("10.99.3.0/24", "vlan"), 400),
        post(PREFIXES, &prefix("10.99.3.1/24", "vlan"), 400),
        post(PREFIXES, &prefix("not a prefix", "vlan"), 400),
        post(PREFIXES, &prefix("10.99.3.0/33", "vlan"), 400),
        post(
            PREFIXES,
            r#"{"prefix":"10.99.8.0/24","vrf":99999999,"vlan":99999999}"#,
            400,
        ),
        post(
            PREFIXES,
            r#"{"prefix":"10.99.8.0/24","vrf":{"name":"no such <tag>"}}"#,
            400,
        ),
        post(
            PREFIXES,
            r#"{"prefix":"10.99.8.0/24","scope_type":"dcim.sitegroup","scope_id":99999999}"#,
            400,
        ),
        post(
            PREFIXES,
            r#"{"prefix":"10.99.8.0/24","custom_fields":{"Nope":"x"}}"#,
            400,
        ),
        post(
            PREFIXES,
            r#"{"prefix":"10.99.8.0/24","custom_fields":{"DHCP":"maybe"}}"#,
            400,
        ),
        post(
            PREFIXES,
            r#"{"prefix":"10.99.8.0/24","status":"nonsense"}"#,
            400,
        ),
        patch(
            "/api/ipam/prefixes/<prefix>/",
            r#"{"comments":"stale"}"#,
            412,
        )
        .with("if-match", STALE),
        patch(
            "/api/ipam/prefixes/<prefix>/",
            r#"{"prefix":"10.99.2.0/24"}"#,
            400,
        ),
        delete("/api/ipam/prefixes/<prefix>/", 412).with("if-match", STALE),
        post(
            "/api/ipam/vlan-groups/",
            r#"{"name":"Conformance-<tag>","slug":"conformance-<tag>-c","scope_type":"dcim.sitegroup","scope_id":<site>}"#,
            400,
        ),
        post(
            "/api/ipam/vlan-groups/",
            r#"{"name":"Conformance-<tag>-c","slug":"conformance-<tag>","scope_type":"dcim.sitegroup","scope_id":<site>}"#,
            400,
        ),
    ]
}

fn addresses() -> Vec<Step> {
    vec![
        get("/api/ipam/vlans/99999999/", 404),
        get("/api/ipam/prefixes/99999999/", 404),
        patch("/api/ipam/vlans/99999999/", r#"{"name":"x"}"#, 404),
        delete("/api/ipam/prefixes/99999999/", 404),
        post(PREFIXES, "{not json", 400),
        post(VLANS, r#""a text""#, 400),
        post(VLANS, r#"{"vid":105}"#, 415).with("content-type", "text/plain"),
        get("/api/no/such/path/", 404),
        post("/api/ipam/vlans", r#"{"vid":105}"#, 404),
        get("/api/ipam/prefixes/?tenant=no-such", 400),
        get("/api/ipam/prefixes/?vrf_id=99999999", 400),
        get("/api/ipam/prefixes/?start=0&ordering=prefix", 400),
        get("/api/ipam/prefixes/?start=0&offset=10", 400),
    ]
}
