//! The requests, in an order that matters: first the sandbox, then reads, writes and refusals, last the clearing away.

use super::queries::queries;
use super::refusals::refusals;
use super::step::{Step, delete, get, patch, post};

const PREFIX_FIELDS: &str =
    "id,prefix,status,comments,custom_fields,vrf,vlan,scope_type,scope_id,created,last_updated";
const VLAN_FIELDS: &str = "id,vid,name,group,created,last_updated";

pub fn table() -> Vec<Step> {
    let mut steps = sandbox();
    steps.extend(single_writes());
    steps.extend(reads());
    steps.extend(queries());
    steps.extend(refusals());
    steps.extend(bulk());
    steps.extend(clearing_away());
    steps
}

fn sandbox() -> Vec<Step> {
    let named = r#"{"name":"Conformance-<tag>","slug":"conformance-<tag>"}"#;
    vec![
        post("/api/tenancy/tenants/", named, 201).keep("tenant"),
        post("/api/ipam/roles/", named, 201).keep("role"),
        post("/api/dcim/site-groups/", named, 201).keep("site"),
        post("/api/ipam/vrfs/", r#"{"name":"Conformance-<tag>"}"#, 201).keep("vrf"),
        post(
            "/api/ipam/vlan-groups/",
            r#"{"name":"Conformance-<tag>","slug":"conformance-<tag>","scope_type":"dcim.sitegroup","scope_id":<site>,"vid_ranges":[[1,3999]]}"#,
            201,
        )
        .keep("group"),
        post("/api/ipam/vlan-groups/", r#"{"name":"Conformance-<tag>-b","slug":"conformance-<tag>-b","scope_type":"dcim.sitegroup","scope_id":<site>}"#, 201).keep("other"),
    ]
}

fn vlan(vid: u16, name: &str) -> String {
    format!(
        r#"{{"vid":{vid},"name":"{name}","group":<group>,"tenant":<tenant>,"role":<role>,"status":"active"}}"#
    )
}

pub fn prefix(cidr: &str, vlan: &str) -> String {
    format!(
        r#"{{"prefix":"{cidr}","status":"active","comments":"","vrf":<vrf>,"vlan":<{vlan}>,"scope_type":"dcim.sitegroup","scope_id":<site>,"custom_fields":{{"Cluster":null,"DHCP":true}},"tenant":<tenant>,"role":<role>}}"#
    )
}

fn single_writes() -> Vec<Step> {
    vec![
        post("/api/ipam/vlans/", &vlan(101, "one"), 201).keep("vlan"),
        post("/api/ipam/vlans/", &vlan(102, "two"), 201).keep("second"),
        post("/api/ipam/prefixes/", &prefix("10.99.1.0/24", "vlan"), 201).keep("prefix"),
        post("/api/ipam/prefixes/", &prefix("10.99.2.0/24", "second"), 201).keep("next"),
        patch("/api/ipam/vlans/<vlan>/", r#"{"name":"renamed"}"#, 200)
            .with("if-match", "<vlan.etag>")
            .keep("vlan"),
        patch("/api/ipam/vlans/<vlan>/", r#"{"vid":111,"group":<other>}"#, 200).keep("vlan"),
        patch("/api/ipam/vlans/<vlan>/", r#"{"vid":101,"group":<group>}"#, 200)
            .with("if-match", "*")
            .keep("vlan"),
        patch(
            "/api/ipam/prefixes/<prefix>/",
            r#"{"status":"reserved","comments":"a note","custom_fields":{"Cluster":"c1","DHCP":false}}"#,
            200,
        )
        .with("if-match", "<prefix.etag>")
        .keep("prefix"),
        patch("/api/ipam/prefixes/<prefix>/", r#"{"custom_fields":{"Cluster":null}}"#, 200)
            .keep("prefix"),
        patch("/api/ipam/prefixes/<prefix>/", r#"{"vlan":<second>}"#, 200).keep("prefix"),
        patch("/api/ipam/prefixes/<prefix>/", r#"{"vlan":<vlan>}"#, 200).keep("prefix"),
        patch("/api/ipam/prefixes/<prefix>/", r#"{"prefix":"10.99.3.0/24"}"#, 200).keep("prefix"),
        // Overlaps are NetBox's business only as far as it has none with them.
        post("/api/ipam/prefixes/", &prefix("10.99.3.0/25", "vlan"), 201).keep("inside"),
        post("/api/ipam/prefixes/", r#"{"prefix":"10.99.4.0/24","tenant":{"slug":"conformance-<tag>"},"role":{"slug":"conformance-<tag>"},"vrf":{"name":"Conformance-<tag>"},"vlan":{"vid":102,"group":{"name":"Conformance-<tag>"}}}"#, 201).keep("by_name"),
    ]
}

fn reads() -> Vec<Step> {
    let vlans = format!(
        "/api/ipam/vlans/?tenant=conformance-<tag>&fields={VLAN_FIELDS}&start=0&limit=1000"
    );
    let prefixes = format!(
        "/api/ipam/prefixes/?tenant=conformance-<tag>&role=conformance-<tag>&fields={PREFIX_FIELDS}&start=0&limit=1000"
    );
    let since = format!(
        "/api/ipam/prefixes/?tenant=conformance-<tag>&role=conformance-<tag>&vrf_id=<vrf>&last_updated__gte=2026-01-01T00:00:00.000000Z&fields={PREFIX_FIELDS}&start=0&limit=1000"
    );
    vec![
        get(
            "/api/tenancy/tenants/?slug=conformance-<tag>&limit=1000",
            200,
        ),
        get("/api/ipam/roles/?slug=conformance-<tag>&limit=1000", 200),
        get("/api/tenancy/tenants/?slug=no-such&limit=1000", 200),
        get("/api/dcim/site-groups/?start=0&limit=1000", 200).shape(),
        get("/api/ipam/vrfs/?start=0&limit=1000", 200).shape(),
        get("/api/ipam/vlan-groups/?start=0&limit=1000", 200).shape(),
        get(&vlans, 200),
        get(&prefixes, 200),
        get(&since, 200),
        get("/api/ipam/prefixes/?tenant=conformance-<tag>&limit=2", 200),
        get(
            "/api/ipam/prefixes/?tenant=conformance-<tag>&start=0&limit=2&fields=id,prefix",
            200,
        ),
        get("/api/ipam/prefixes/?vlan_id=<vlan>&limit=1&fields=id", 200),
        get("/api/ipam/vlans/?group_id=<group>&vid=102", 200),
        get("/api/ipam/vlans/?group_id=<group>&vid=3000", 200),
        get("/api/ipam/vlans/<vlan>/", 200),
        get("/api/ipam/prefixes/<prefix>/", 200),
        get("/api/ipam/vlan-groups/<group>/", 200),
        get(
            "/api/extras/custom-fields/?object_type=ipam.prefix&limit=1000",
            200,
        )
        .shape(),
        get("/api/status/", 200).shape(),
        get(&log_since("2026-01-01T00:00:00.5%2B00:00", LOGGED), 200).shape(),
        get(&log_since("2100-01-01T00:00:00%2B00:00", LOGGED), 200),
        get(
            &log_since("2026-01-01T00:00:00%2B00:00", "ipam.nosuchtype"),
            200,
        ),
        get("/api/core/object-changes/?limit=1&fields=id", 200).shape(),
    ]
}

const LOGGED: &str = "ipam.prefix&changed_object_type=ipam.vlan&changed_object_type=ipam.vlangroup&changed_object_type=ipam.vrf&changed_object_type=dcim.sitegroup";

/// The look into the change log, as the component asks for it, but for the number of entries.
fn log_since(since: &str, types: &str) -> String {
    format!(
        "/api/core/object-changes/?time_after={since}&fields=id,action,changed_object_type,changed_object_id,time&limit=1&changed_object_type={types}"
    )
}

fn bulk() -> Vec<Step> {
    let three = format!(
        "[{},{},{}]",
        vlan(201, "b1"),
        vlan(202, "b2"),
        vlan(203, "b3")
    );
    let bad = format!(
        "[{},{},{}]",
        vlan(204, "b4"),
        vlan(201, "b5"),
        vlan(5000, "b6")
    );
    vec![
        post("/api/ipam/vlans/", &three, 201).keep("bulk"),
        post("/api/ipam/vlans/", &bad, 400),
        post("/api/ipam/vlans/", "[]", 201),
        patch(
            "/api/ipam/vlans/",
            r#"[{"id":<bulk.0>,"name":"b1x"},{"id":<bulk.1>,"name":"b2x"}]"#,
            200,
        ),
        patch(
            "/api/ipam/vlans/",
            r#"[{"id":<bulk.0>,"name":"b1y"},{"id":99999999,"name":"no"}]"#,
            400,
        ),
        patch(
            "/api/ipam/vlans/",
            r#"[{"id":<bulk.0>,"vid":202},{"id":<bulk.1>,"name":"b2y"}]"#,
            400,
        ),
        patch("/api/ipam/vlans/", r#"[{"id":<bulk.0>,"name":"b1z"}]"#, 412)
            .with("if-match", r#"W/"2020-01-01T00:00:00+00:00""#),
        get(
            "/api/ipam/vlans/?id=<bulk.0>&id=<bulk.1>&id=99999999&limit=1000&fields=id,vid,name",
            200,
        ),
        get(
            "/api/ipam/prefixes/?vlan_id=<bulk.0>&vlan_id=<bulk.1>&limit=1000",
            200,
        ),
        Step::new(
            "DELETE",
            "/api/ipam/vlans/",
            Some(r#"[{"id":<bulk.0>},{"id":<vlan>}]"#),
            409,
        ),
        Step::new("DELETE", "/api/ipam/vlans/", Some("[1]"), 400),
        Step::new(
            "DELETE",
            "/api/ipam/vlans/",
            Some(r#"[{"id":<bulk.0>},{"id":<bulk.1>},{"id":<bulk.2>}]"#),
            204,
        ),
    ]
}

fn clearing_away() -> Vec<Step> {
    let mut steps = vec![
        get("/api/ipam/prefixes/<prefix>/", 200).keep("prefix"),
        delete("/api/ipam/prefixes/<prefix>/", 204).with("if-match", "<prefix.etag>"),
        delete("/api/ipam/prefixes/<prefix>/", 404),
        get("/api/ipam/prefixes/<prefix>/", 404),
        get("/api/core/object-changes/?action=delete&changed_object_type=ipam.prefix&changed_object_id=<prefix>&limit=1&fields=action,changed_object_type,changed_object_id", 200)
            .shape(),
    ];
    let last = [
        "prefixes/<inside>",
        "prefixes/<next>",
        "prefixes/<by_name>",
        "vlans/<vlan>",
        "vlans/<second>",
        "vlan-groups/<group>",
        "vlan-groups/<other>",
        "vrfs/<vrf>",
        "roles/<role>",
    ];
    steps.extend(last.map(|path| delete(&format!("/api/ipam/{path}/"), 204)));
    steps
}
