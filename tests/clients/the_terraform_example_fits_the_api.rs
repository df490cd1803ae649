//! `clients/terraform`: its form, the requests that its provider makes of it, and, where Terraform and the provider are at hand, a life
//! of its segments by Terraform itself.

use std::process::Command;

use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::{Body, Expression, Value};
use http::Method;
use serde_json::Value as Json;

use crate::kit::{TOKEN, file, run, served, text};
use crate::support::{Edge, Reply, tell};

fn example() -> Body {
    let text = std::fs::read_to_string(file("clients/terraform/main.tf")).unwrap();
    hcl::parse(&text).unwrap()
}

/// The one block of this kind and of these labels.
fn block<'a>(body: &'a Body, kind: &str, labels: &[&str]) -> &'a Body {
    let mut found = body.blocks().filter(|block| {
        let named: Vec<&str> = block.labels().iter().map(|label| label.as_str()).collect();
        block.identifier() == kind && named == labels
    });
    let block = found
        .next()
        .unwrap_or_else(|| panic!("no {kind} {labels:?}"));
    assert!(found.next().is_none(), "two of {kind} {labels:?}");
    block.body()
}

fn expression<'a>(body: &'a Body, name: &str) -> &'a Expression {
    let mut attributes = body.attributes();
    let attribute = attributes.find(|attribute| attribute.key() == name);
    attribute.unwrap_or_else(|| panic!("no {name}")).expr()
}

fn string(body: &Body, name: &str) -> String {
    let value = expression(body, name).evaluate(&Context::new()).unwrap();
    value.as_str().unwrap().to_owned()
}

fn jsonencode(arguments: FuncArgs) -> Result<Value, String> {
    let text = serde_json::to_string(&arguments[0]).map_err(|error| error.to_string())?;
    Ok(text.into())
}

/// What `data` of the resource is for each segment of the example.
fn data() -> Vec<Json> {
    let body = example();
    let segments = expression(block(&body, "variable", &["segments"]), "default");
    let segments = segments.evaluate(&Context::new()).unwrap();
    let resource = block(&body, "resource", &["restapi_object", "segment"]);
    let each = |(name, segment): (&String, &Value)| {
        let mut context = Context::new();
        let object: hcl::value::Map<String, Value> = [
            ("key".into(), name.as_str().into()),
            ("value".into(), segment.clone()),
        ]
        .into_iter()
        .collect();
        context.declare_var("each", object);
        let encode = FuncDef::builder().param(ParamType::Any).build(jsonencode);
        context.declare_func("jsonencode", encode);
        let data = expression(resource, "data").evaluate(&context).unwrap();
        serde_json::from_str(data.as_str().unwrap()).unwrap()
    };
    segments.as_object().unwrap().iter().map(each).collect()
}

async fn call(edge: &Edge, method: Method, path: &str, body: &Json) -> Reply {
    let token = format!("Bearer {TOKEN}");
    edge.call(method, path, &[("authorization", &token)], body)
        .await
}

/// As the provider compares: a difference in one of our fields would be a change in the next plan.
#[track_caller]
fn assert_no_drift(answer: &Json, data: &Json) {
    for (field, value) in data.as_object().unwrap() {
        assert_eq!(&answer[field], value, "{field}");
    }
}

#[tokio::test]
async fn what_its_provider_sends_makes_reads_changes_and_removes_segments() {
    let body = example();
    let provider = block(&body, "provider", &["restapi"]);
    let update: Method = string(provider, "update_method").parse().unwrap();
    let path = string(
        block(&body, "resource", &["restapi_object", "segment"]),
        "path",
    );
    let (_double, edge) = served().await;
    let all = data();
    assert_eq!(all.len(), 2);
    for data in all {
        let made = call(&edge, Method::POST, &path, &data)
            .await
            .expect(201)
            .json();
        assert_no_drift(&made, &data);
        let id = made["id"].as_str().unwrap();
        let one = format!("{path}/{id}");
        let read = call(&edge, Method::GET, &one, &Json::Null).await;
        assert_no_drift(&read.expect(200).json(), &data);
        let mut changed = data.clone();
        changed["description"] = "changed".into();
        let cluster = serde_json::json!({"cluster_name": "shop"});
        call(&edge, Method::PATCH, &one, &cluster).await.expect(200);
        let answer = call(&edge, update.clone(), &one, &changed)
            .await
            .expect(200)
            .json();
        assert_no_drift(&answer, &changed);
        assert_eq!(
            answer["cluster_name"], "shop",
            "an update keeps the cluster"
        );
        call(&edge, Method::DELETE, &one, &Json::Null)
            .await
            .expect(409);
        let nobody = serde_json::json!({"cluster_name": null});
        call(&edge, Method::PATCH, &one, &nobody).await.expect(200);
        call(&edge, Method::DELETE, &one, &Json::Null)
            .await
            .expect(204);
        call(&edge, Method::GET, &one, &Json::Null)
            .await
            .expect(404);
    }
}

/// `terraform` or OpenTofu, whichever is there.
fn program() -> Option<&'static str> {
    let there = |program: &&str| Command::new(program).arg("version").output().is_ok();
    ["terraform", "tofu"].into_iter().find(there)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terraform_itself_applies_it_sees_no_change_and_destroys_it() {
    let Some(program) = program() else {
        tell("skipped: there is neither terraform nor tofu on the PATH");
        return;
    };
    let (_double, edge) = served().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        file("clients/terraform/main.tf"),
        folder.path().join("main.tf"),
    )
    .unwrap();
    let terraform = async |arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .arg("-no-color")
            .current_dir(folder.path())
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_VAR_segment_edge_url", edge.host.url())
            .env("TF_VAR_segment_edge_token", TOKEN);
        let output = run(command).await;
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code(), said)
    };
    let (code, said) = terraform(&["fmt", "-check", "-diff"]).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = terraform(&["init", "-input=false"]).await;
    if code != Some(0) {
        let why = said.lines().skip_while(|line| !line.contains("Error: "));
        let why: Vec<&str> = why.map(str::trim).collect();
        let why = why.join(" ");
        tell(&format!(
            "skipped: {program} can't get the provider, so only the form was checked: {why}"
        ));
        return;
    }
    let count = async || {
        let found = call(&edge, Method::GET, "/api/segments?q=EPG_TF_", &Json::Null).await;
        found.expect(200).json().as_array().unwrap().len()
    };
    let (code, said) = terraform(&["apply", "-auto-approve", "-input=false"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(count().await, 2);
    let (code, said) = terraform(&["plan", "-detailed-exitcode", "-input=false"]).await;
    assert_eq!(code, Some(0), "0 is: nothing to change\n{said}");
    let (code, said) = terraform(&["destroy", "-auto-approve", "-input=false"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(count().await, 0);
}
