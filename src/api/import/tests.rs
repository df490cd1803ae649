#![allow(clippy::unwrap_used)]
use http::{HeaderMap, Method};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::api::Body;
use crate::api::export::Form;
use crate::segment::{Cidr, Clusters, Description, EpgName, Segment, SegmentId, SiteSlug, VrfName};

fn read(text: impl Into<Bytes>) -> Result<(Vec<Item<Draft>>, Vec<usize>), Problem> {
    let call = Incoming {
        method: Method::POST,
        path: String::new(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Body::Whole(text.into()),
    };
    drafts(&call, 1_000)
}

fn errors(problem: &Problem) -> Vec<(String, String)> {
    let errors = problem.value()["errors"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = errors.as_array().cloned().unwrap_or_default();
    let each = errors.iter();
    each.map(|e| (text(&e["pointer"]), text(&e["detail"])))
        .collect()
}

const HEADER: &str = "segment,epg_name,vlan_id,vrf,site,dhcp,description,cluster_name,id\r\n";

#[test]
fn columns_are_found_by_name_and_empty_cells_are_left_out() {
    let text = format!(
        "{HEADER}10.0.0.0/24,EPG,7,V,s,TRUE,'=1,\"a,b\",99\r\n\r\n10.0.1.0/24,E2,8,V,s,,,,\r\n,,,,,,,,\r\n"
    );
    let (drafts, lines) = read(text).unwrap();
    let drafts: Vec<Draft> = drafts.into_iter().map(Result::unwrap).collect();
    let one = json!({"segment": "10.0.0.0/24", "epg_name": "EPG", "vlan_id": 7, "vrf": "V", "site": "s", "dhcp": true, "description": "=1", "cluster_name": "a,b"});
    let other =
        json!({"segment": "10.0.1.0/24", "epg_name": "E2", "vlan_id": 8, "vrf": "V", "site": "s"});
    assert_eq!(
        drafts,
        [Draft::parse(&one).unwrap(), Draft::parse(&other).unwrap()]
    );
    assert_eq!(lines, [2, 4]);
}

#[test]
fn every_mistake_of_a_row_is_told_with_its_line_and_column() {
    let (drafts, _) = read(format!("{HEADER}10.0.0.1/24,,x,V,s,yes,,,\n1,2\n")).unwrap();
    let first = errors(drafts[0].as_ref().unwrap_err());
    let pointers: Vec<&str> = first.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/vlan_id", "/dhcp", "/epg_name", "/segment"]);
    assert!(
        first
            .iter()
            .all(|(_, detail)| detail.starts_with("Line 2: "))
    );
    let second = errors(drafts[1].as_ref().unwrap_err());
    assert_eq!(
        second,
        [(String::new(), "Line 3: The row has 2 cells.".to_owned())]
    );
}

#[test]
fn every_mistake_of_a_header_is_told() {
    let wrong = errors(&read("\nsite,site,vlan,epg_name,segment\n").unwrap_err());
    let told = |pointer: &str, detail: &str| (pointer.to_owned(), detail.to_owned());
    assert_eq!(
        wrong,
        [
            told(
                "/site",
                "Line 2: The column site is in the list more than once."
            ),
            told("/vlan", "Line 2: There is no field \"vlan\"."),
            told("/vrf", "Line 2: The field is missing."),
            told("/vlan_id", "Line 2: The field is missing."),
        ]
    );
}

#[test]
fn what_is_no_table_is_refused() {
    for (body, says) in [
        (&b""[..], "there is no body"),
        (b"\r\n", "there is no body"),
        (b"site\n\xff", "line 2 of the body is not UTF-8"),
        (b"site\n\"a", "an odd number of quotes"),
        (b"site,vrf,vlan_id,epg_name,segment\n", "one rule is broken"),
    ] {
        let problem = read(body).unwrap_err();
        let detail = problem.value()["detail"].to_string();
        assert!(detail.contains(says), "{detail}");
    }
}

#[test]
fn a_list_that_is_too_long_is_counted_to_its_end() {
    let row = "10.0.0.0/24,E,1,V,s,,,,\n";
    let problem = read(format!("{HEADER}{}", row.repeat(MOST + 2))).unwrap_err();
    assert_eq!(
        errors(&problem),
        [(String::new(), "The list has 502 items.".to_owned())]
    );
}

/// Any segment that could be imported, its texts full of what could go wrong on the way.
fn any_segment() -> impl Strategy<Value = Segment> {
    let texts = (
        "[A-Za-z0-9_-]{1,10}",
        "[=+@',;|\"aé＝-][ =+@',;|\"aé＝-]{0,10}[=+@',;|\"aé＝-]",
        "[A-Za-z0-9_./-]{1,10}",
        "([=+@',;|\"aé＝-][ =+@',;|\"aé＝-]{0,30}[=+@',;|\"aé＝-])?",
        "([-a.]{1,3}(,[-b_]{1,3})?)?",
    );
    (texts, 1..4095_u64, any::<bool>(), any::<u8>()).prop_map(
        |((site, vrf, epg, description, clusters), vid, dhcp, net)| Segment {
            id: SegmentId(1),
            site: SiteSlug::stored(site),
            vrf: VrfName::stored(vrf),
            vlan_id: VlanId::new(vid).unwrap(),
            epg_name: EpgName::stored(epg),
            cidr: Cidr::parse(&format!("10.0.{net}.0/24")).unwrap(),
            dhcp,
            description: Description::stored(description),
            clusters: Clusters::stored(&clusters),
            released: false,
            allocated_at: None,
            released_at: None,
        },
    )
}

proptest! {
    #[test]
    fn what_is_exported_can_be_imported(segments in prop::collection::vec(any_segment(), 1..6)) {
        let file = Form::Csv.written("", &export::COLUMNS, &[], &|to| {
            segments.iter().for_each(|segment| export::row(to, &segment.view()));
        });
        let (drafts, _) = read(file).unwrap();
        let drafts: Vec<Draft> = drafts.into_iter().map(Result::unwrap).collect();
        let wanted: Vec<Draft> = segments.iter().map(Draft::from).collect();
        prop_assert_eq!(drafts, wanted);
    }

    #[test]
    fn no_body_makes_it_panic(body in any::<Vec<u8>>(), text in "[a-z,\"\r\n]{0,60}") {
        let _ = read(body);
        let _ = read(format!("{HEADER}{text}"));
    }
}
