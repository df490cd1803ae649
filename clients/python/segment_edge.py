#!/usr/bin/env python3
"""A client for segment-edge with nothing but Python's standard library (3.9 or newer): copy it, or run it.

    export SEGMENT_EDGE_URL=http://127.0.0.1:3000 SEGMENT_EDGE_TOKEN=...
    python3 segment_edge.py list --vrf Network1 --allocated false
    python3 segment_edge.py create --site site1 --vrf Network1 --vlan-id 3300 --epg-name EPG_PY --segment 172.20.30.0/24
    python3 segment_edge.py allocate --cluster shop --site site1 --vrf Network1
    python3 segment_edge.py release --cluster shop --site site1 --vrf Network1

Each answer is a line of JSON. The exit code is 1 when segment-edge refuses, with its reasons on stderr.
"""

import argparse
import email.utils
import http.client
import json
import os
import random
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

# Problems of the status 409 that go away by themselves.
PASSING = ("idempotency-key-running", "outrun")


class Refused(Exception):
    """segment-edge answered with a problem (RFC 9457): `status`, and `problem` as a dictionary."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('title', 'no title')}: {problem.get('detail', 'no detail')}")
        self.status, self.problem = status, problem

    @property
    def kind(self):
        """The last part of the problem's type, such as `conflict`."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


class SegmentEdge:
    """One segment-edge. `patience` is how many seconds a request may be tried again, `timeout` how long one try may take."""

    def __init__(self, url, token, patience=60, timeout=40):
        self.url, self.token = url.rstrip("/") + "/", token
        self.patience, self.timeout = patience, timeout

    def list(self, limit=500, **filters):
        """Yields every segment that the filters find, page by page: site, vrf, allocated, vlan_id, cluster_name, q."""
        query = {name: value for name, value in filters.items() if value is not None}
        address = "api/segments?" + urllib.parse.urlencode({**query, "limit": limit})
        while address:
            segments, headers = self._send("GET", address)
            yield from segments
            address = next_page(headers.get_all("Link", []))

    def create(self, segment, key=None):
        """Makes a segment and returns it. With `key` of an earlier call it is that call again: it never makes two."""
        return self._write("POST", "api/segments", segment, key)

    def allocate(self, cluster_name, site, vrf, key=None, **options):
        """Gives a free segment to a cluster; the same cluster, site and VRF again gets the same one."""
        return self._write("POST", "api/allocate-vlan", {"cluster_name": cluster_name, "site": site, "vrf": vrf, **options}, key)

    def release(self, cluster_name, site, vrf, key=None, **options):
        """Takes the segment back from the cluster."""
        return self._write("POST", "api/release-vlan", {"cluster_name": cluster_name, "site": site, "vrf": vrf, **options}, key)

    def _write(self, method, address, body, key):
        # One key for all tries: whatever became of the first, the write is carried out once.
        return self._send(method, address, body, {"Idempotency-Key": key or str(uuid.uuid4())})[0]

    def _send(self, method, address, body=None, headers=None):
        request = urllib.request.Request(
            urllib.parse.urljoin(self.url, address),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})},
        )
        # A link that leads elsewhere must not get the token.
        if not request.full_url.startswith(self.url):
            raise ValueError(f"{request.full_url} is not below {self.url}")
        give_up = time.monotonic() + self.patience
        pause = 0.25
        while True:
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                    return json.load(answer), answer.headers
            except urllib.error.HTTPError as error:
                refused = Refused(error.code, problem_of(error))
                passing = error.code in (429, 503) or (error.code == 409 and refused.kind in PASSING)
                wait = retry_after(error.headers.get("Retry-After"))
                failure = refused
            except (OSError, http.client.HTTPException) as error:
                # No answer, or half of one. GET may be sent again, and so may a write, for it has its key.
                wait, failure = None, error
                passing = not isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError)
            # Half the pause and a random rest, so that clients that failed together don't come back together.
            wait = pause * random.uniform(0.5, 1.0) if wait is None else wait
            if not passing or time.monotonic() + wait > give_up:
                raise failure
            time.sleep(wait)
            pause = min(pause * 2, 8)


def next_page(links):
    """The address in the `Link` header with rel="next", or None."""
    for link in ",".join(links).split(","):
        address, _, parameters = link.partition(";")
        if 'rel="next"' in parameters.replace(" ", ""):
            return address.strip().strip("<>")
    return None


def retry_after(text):
    """Seconds, from `Retry-After` in seconds or as a date; None when there is none."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def problem_of(error):
    """The problem in an answer; a proxy in between may have sent something else."""
    text = error.read().decode(errors="replace")
    try:
        problem = json.loads(text)
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"title": error.reason, "detail": text[:200]}


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="Segments kept by segment-edge.")
    parser.add_argument("--url", default=os.environ.get("SEGMENT_EDGE_URL"), help="default: SEGMENT_EDGE_URL")
    commands = parser.add_subparsers(dest="command", required=True)
    every = commands.add_parser("list", help="every segment that the filters find")
    for name in ("site", "vrf", "cluster-name", "q"):
        every.add_argument("--" + name)
    every.add_argument("--allocated", choices=("true", "false"))
    every.add_argument("--vlan-id", type=int)
    every.add_argument("--limit", type=int, default=500, help="segments a page (default: 500)")
    new = commands.add_parser("create", help="make a segment")
    for name in ("site", "vrf", "epg-name", "segment"):
        new.add_argument("--" + name, required=True)
    new.add_argument("--vlan-id", type=int, required=True)
    new.add_argument("--dhcp", action="store_true")
    new.add_argument("--description", default="")
    give = commands.add_parser("allocate", help="give a free segment to a cluster")
    give.add_argument("--strategy", choices=("first", "last", "random"))
    give.add_argument("--prefix-length", type=int)
    back = commands.add_parser("release", help="take a segment back from a cluster")
    back.add_argument("--id", help="which one, where the cluster has several")
    for command in (give, back):
        for name in ("cluster", "site", "vrf"):
            command.add_argument("--" + name, required=True)
    for command in (new, give, back):
        command.add_argument("--key", help="the Idempotency-Key; default: a new one")
    return parser


def main():
    parser = arguments()
    given = vars(parser.parse_args())
    token = os.environ.get("SEGMENT_EDGE_TOKEN")
    url, command = given.pop("url"), given.pop("command")
    if not url or not token:
        parser.error("set SEGMENT_EDGE_URL and SEGMENT_EDGE_TOKEN")
    edge = SegmentEdge(url, token)
    given = {name: value for name, value in given.items() if value is not None}
    try:
        if command == "list":
            answers = edge.list(**given)
        elif command == "create":
            key = given.pop("key", None)
            answers = [edge.create(given, key)]
        else:
            work = edge.allocate if command == "allocate" else edge.release
            answers = [work(given.pop("cluster"), given.pop("site"), given.pop("vrf"), **given)]
        for answer in answers:
            print(json.dumps(answer))
    except Refused as refused:
        print(refused, file=sys.stderr)
        for error in refused.problem.get("errors", []):
            print(f"{error.get('pointer')}: {error.get('detail')} Right would be: {error.get('expected')}", file=sys.stderr)
        sys.exit(1)
    except (OSError, http.client.HTTPException) as error:
        print(f"{url} does not answer: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
