use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::lab::{Lab, with};
use crate::support::{Edge, settings};

/// Of the user and the permissions of this test.
const NAME: &str = "e2e-least";

/// The statuses of [`all_writes`] when nothing is missing.
const ALL_DONE: [u16; 6] = [201, 200, 200, 200, 200, 204];

/// Each object's rights, as the table in `docs/SECURITY.md` has them.
fn documented() -> BTreeMap<String, Vec<&'static str>> {
    let text = include_str!("../../docs/SECURITY.md");
    let (_, table) = text
        .split_once("\n## What the NetBox token must be allowed\n")
        .expect("the section");
    let rows = table
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    let mut rights = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let actions = ["view", "add", "change", "delete"].into_iter();
        let allowed: Vec<&str> = actions
            .zip(&cells[2..])
            .filter(|(_, cell)| **cell == "yes")
            .map(|(action, _)| action)
            .collect();
        for object in cells[1].split(',') {
            let object = object.trim().trim_matches('`').to_owned();
            rights.insert(object, allowed.clone());
        }
    }
    assert_eq!(rights.len(), 9, "{rights:?}");
    rights
}

/// Asks NetBox for something that must succeed, as its administrator.
async fn done(lab: &Lab, method: Method, path: &str, body: Value) -> Value {
    let (status, answer) = lab.ask(&method, path, &body).await;
    assert!(status < 300, "{method} {path}: {status} {answer}");
    answer
}

async fn clear(lab: &Lab) {
    let users = format!("/api/users/users/?username={NAME}");
    let permissions = format!("/api/users/permissions/?name__isw={NAME}&limit=100");
    for (list, path) in [
        (permissions, "/api/users/permissions/"),
        (users, "/api/users/users/"),
    ] {
        for row in lab.rows(&list).await {
            done(
                lab,
                Method::DELETE,
                &format!("{path}{}/", row["id"]),
                Value::Null,
            )
            .await;
        }
    }
}

/// A user with these rights alone: its token, and its permissions by object.
async fn user(
    lab: &Lab,
    rights: &BTreeMap<String, Vec<&str>>,
) -> (String, BTreeMap<String, Value>) {
    let body = json!({"username": NAME, "password": "Only-For-This-Test-1"});
    let user = done(lab, Method::POST, "/api/users/users/", body).await["id"].clone();
    let mut permissions = BTreeMap::new();
    for (object, actions) in rights {
        let body = json!({"name": format!("{NAME} {object}"), "object_types": [object], "actions": actions, "users": [user], "enabled": true});
        let made = done(lab, Method::POST, "/api/users/permissions/", body).await;
        permissions.insert(object.clone(), made["id"].clone());
    }
    let body = json!({"user": user, "write_enabled": true, "version": 2});
    let token = done(lab, Method::POST, "/api/users/tokens/", body).await;
    let part = |name: &str| token[name].as_str().unwrap().to_owned();
    (
        format!("nbt_{}.{}", part("key"), part("token")),
        permissions,
    )
}

/// Everything that writes to NetBox in its own way; the statuses, in order.
async fn all_writes(edge: &Edge) -> Vec<u16> {
    let segment = json!({"site": "site1", "vrf": "Network1", "vlan_id": 3700, "epg_name": "E2E-LEAST", "segment": "172.29.70.0/24"});
    let made = edge.post("/api/segments", &segment).await;
    let mut statuses = vec![made.status.as_u16()];
    if statuses == [201] {
        let at = format!("/api/segments/{}", made.json()["id"].as_str().unwrap());
        let clusters = |names: Value| json!({"cluster_name": names});
        for change in [
            json!({"epg_name": "E2E-LEAST-2"}),
            json!({"description": "x"}),
            clusters("e2e".into()),
            clusters(Value::Null),
        ] {
            statuses.push(edge.patch(&at, &change).await.status.as_u16());
        }
        statuses.push(edge.delete(&at).await.status.as_u16());
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn and_none_of_them_is_too_many() {
    with(async |lab| {
        clear(lab).await;
        let rights = documented();
        let (token, permissions) = user(lab, &rights).await;
        let edge = Edge::start(settings(&lab.url, &token)).await;
        let health = edge.get("/api/health?deep=true").await.expect(200).json();
        let remedies: Vec<&Value> = health["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["remedy"].is_string())
            .collect();
        assert!(remedies.is_empty(), "{remedies:?}");
        assert_eq!(all_writes(&edge).await, ALL_DONE);

        for (object, actions) in &rights {
            for action in actions {
                let less: Vec<_> = actions.iter().filter(|other| *other != action).collect();
                let path = format!("/api/users/permissions/{}/", permissions[object]);
                let set = async |actions: Value| {
                    done(
                        lab,
                        Method::PATCH,
                        &path,
                        json!({"actions": actions, "enabled": actions != json!([])}),
                    )
                    .await
                };
                // NetBox takes no permission without an action, so the last one is replaced by one that means nothing here.
                let without = if less.is_empty() {
                    json!(["e2e"])
                } else {
                    json!(less)
                };
                set(without).await;
                let edge = Edge::start(settings(&lab.url, &token)).await;
                let health = edge.get("/api/health?deep=true").await;
                let told = health.json().to_string().contains("remedy");
                // What the deep health check names as lacking needs no proof. It can't try to change or delete.
                let misses = told || all_writes(&edge).await != ALL_DONE;
                assert!(misses, "nobody misses {action} of {object}");
                set(json!(actions)).await;
                // With all its rights again, it finishes or takes back what it could not.
                let edge = Edge::start(settings(&lab.url, &token)).await;
                for left in edge
                    .get("/api/segments?q=E2E-LEAST")
                    .await
                    .json()
                    .as_array()
                    .unwrap()
                {
                    let at = format!("/api/segments/{}", left["id"].as_str().unwrap());
                    edge.patch(&at, &json!({"cluster_name": null}))
                        .await
                        .expect(200);
                    edge.delete(&at).await;
                }
                for vlan in lab.vlans(3700).await {
                    done(
                        lab,
                        Method::DELETE,
                        &format!("/api/ipam/vlans/{}/", vlan["id"]),
                        Value::Null,
                    )
                    .await;
                }
            }
        }
        clear(lab).await;
    })
    .await;
}

/// The addresses and the VLAN id of the create that is refused.
const REFUSED: (&str, u16) = ("172.29.71.0/24", 3701);

/// The rights without which it is: by an instance that is new, and "later" by one that read NetBox while it still could.
const REFUSED_WITHOUT: [&str; 14] = [
    "view dcim.sitegroup",
    "view ipam.prefix",
    "view ipam.prefix later",
    "add ipam.prefix",
    "add ipam.prefix later",
    "view ipam.role",
    "view ipam.vlan",
    "view ipam.vlan later",
    "add ipam.vlan",
    "add ipam.vlan later",
    "view ipam.vlangroup",
    "view ipam.vrf",
    "view ipam.vrf later",
    "view tenancy.tenant",
];

/// What NetBox has of [`REFUSED`]: paths.
async fn left_of_it(lab: &Lab) -> Vec<String> {
    let (cidr, vid) = REFUSED;
    let prefixes = lab
        .rows(&format!("/api/ipam/prefixes/?prefix={cidr}"))
        .await;
    let of = |kind: &str, row: &Value| format!("/api/ipam/{kind}/{}/", row["id"]);
    let prefixes = prefixes.iter().map(|row| of("prefixes", row));
    let vlans = lab.vlans(vid).await;
    prefixes
        .chain(vlans.iter().map(|row| of("vlans", row)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn and_a_create_that_lacks_one_leaves_nothing() {
    with(async |lab| {
        clear(lab).await;
        let rights = documented();
        let (token, permissions) = user(lab, &rights).await;
        let (cidr, vid) = REFUSED;
        let segment = json!({"site": "site1", "vrf": "Network1", "vlan_id": vid, "epg_name": "E2E-LACKS", "segment": cidr});
        let mut refused = Vec::new();
        for (object, actions) in &rights {
            for action in actions {
                let path = format!("/api/users/permissions/{}/", permissions[object]);
                let less: Vec<_> = actions.iter().filter(|other| *other != action).collect();
                let without = if less.is_empty() {
                    json!(["e2e"])
                } else {
                    json!(less)
                };
                let knowing = Edge::start(settings(&lab.url, &token)).await;
                knowing.get("/api/segments").await.expect(200);
                done(lab, Method::PATCH, &path, json!({"actions": without})).await;
                let new = Edge::start(settings(&lab.url, &token)).await;
                for (whose, edge) in [("", new), (" later", knowing)] {
                    let made = edge.post("/api/segments", &segment).await;
                    let left = left_of_it(lab).await;
                    if made.status != 201 {
                        let kind = made.json()["type"].clone();
                        assert_eq!(kind, "urn:segment-edge:problem:netbox-forbidden");
                        assert_eq!(left, [""; 0], "without {action} {object}{whose}");
                        refused.push(format!("{action} {object}{whose}"));
                    }
                    for path in left {
                        done(lab, Method::DELETE, &path, Value::Null).await;
                    }
                }
                done(lab, Method::PATCH, &path, json!({"actions": actions})).await;
            }
        }
        clear(lab).await;
        assert_eq!(refused, REFUSED_WITHOUT);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_those_to_write_may_end_at_the_tenant() {
    with(async |lab| {
        clear(lab).await;
        let mut rights = documented();
        for limited in ["ipam.prefix", "ipam.vlan"] {
            rights.insert(limited.to_owned(), vec!["view"]);
        }
        let (token, _) = user(lab, &rights).await;
        let users = lab
            .rows(&format!("/api/users/users/?username={NAME}"))
            .await;
        let limit = json!({"name": format!("{NAME} tenant"), "object_types": ["ipam.prefix", "ipam.vlan"], "actions": ["add", "change", "delete"], "constraints": {"tenant__slug": "redbull"}, "users": [users[0]["id"]], "enabled": true});
        done(lab, Method::POST, "/api/users/permissions/", limit).await;

        let foreign = json!({"prefix": "172.29.72.0/24", "status": "active"});
        let foreign = done(lab, Method::POST, "/api/ipam/prefixes/", foreign).await;
        let path = format!("/api/ipam/prefixes/{}/", foreign["id"]);
        let limited = Lab {
            url: lab.url.clone(),
            token: token.clone(),
        };
        let (status, _) = limited
            .ask(&Method::PATCH, &path, &json!({"description": "x"}))
            .await;
        assert_eq!(status, 404, "the limit is none");
        done(lab, Method::DELETE, &path, Value::Null).await;

        let edge = Edge::start(settings(&lab.url, &token)).await;
        assert_eq!(all_writes(&edge).await, ALL_DONE);
        let two: Vec<Value> = [3702, 3703]
            .into_iter()
            .zip(["172.29.73.0/24", "172.29.74.0/24"])
            .map(|(vid, cidr)| json!({"site": "site1", "vrf": "Network1", "vlan_id": vid, "epg_name": format!("E2E-{vid}"), "segment": cidr}))
            .collect();
        let made = edge
            .post("/api/segments/bulk?atomic=true", &json!(two))
            .await
            .expect(201);
        let made = made.json();
        let results = made["results"].as_array().unwrap();
        let ids: Vec<&Value> = results.iter().map(|one| &one["segment"]["id"]).collect();
        let gone = edge
            .call(Method::DELETE, "/api/segments/bulk", &[], &json!(ids))
            .await
            .expect(200);
        assert_eq!(gone.json()["succeeded"], 2);
        clear(lab).await;
    })
    .await;
}
