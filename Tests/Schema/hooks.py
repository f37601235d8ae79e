"""What schemathesis needs to know besides the document: the operator's token, and how requests are signed."""

import hashlib
import hmac
import json
import os
import time
import urllib.parse
import urllib.request

import requests.auth
import schemathesis

BASE = os.environ["VENUE_BASE"]
TOKEN = os.environ["VENUE_TOKEN"]
KEY = os.environ["VENUE_KEY"]
SECRET = os.environ["VENUE_SECRET"].encode()


def secured():
    """Which scheme each method and path is under."""
    with urllib.request.urlopen(BASE + "/zerosum/v1/openapi.json", timeout=10) as reply:
        document = json.load(reply)
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for scheme in operation.get("security", []):
                found[method.upper(), path] = next(iter(scheme))
    return found


SCHEMES = secured()


class Venue(requests.auth.AuthBase):
    """Gives operators' requests their token and signs those of accounts, over the very bytes that are sent."""

    def __call__(self, request):
        url = urllib.parse.urlsplit(request.url)
        scheme = SCHEMES.get((request.method, url.path))
        if scheme == "operator":
            request.headers["X-Zerosum-Token"] = TOKEN
        elif scheme == "key":
            request.headers["X-MBX-APIKEY"] = KEY
            drawn = [pair for pair in url.query.split("&") if pair.partition("=")[0] not in ("timestamp", "signature", "")]
            query = "&".join(drawn + [f"recvWindow=60000&timestamp={int(time.time() * 1_000)}"])
            signature = hmac.new(SECRET, query.encode(), hashlib.sha256).hexdigest()
            request.url = urllib.parse.urlunsplit(url._replace(query=f"{query}&signature={signature}"))
        return request


schemathesis.auth.set_from_requests(Venue())


@schemathesis.hook
def after_call(context, case, response):
    """Notes what was answered under each scheme: a run whose signatures are all wrong would prove nothing."""
    scheme = SCHEMES.get((case.method.upper(), case.operation.full_path), "open")
    with open(os.environ["VENUE_COUNTS"], "a") as file:
        file.write(f"{scheme} {response.status_code}\n")
