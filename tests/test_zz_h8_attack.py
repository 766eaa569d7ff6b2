import json, pytest
from django.test import Client
from pledges import identity, envelopes, signing, marks, ceremony, declaration, desks
from pledges.models import *
from tests import cast

def post(client, content):
    return client.post("/kirim", json.dumps(content), content_type="application/json")

def entry(p, **more):
    return {"ticket": cast.ticket_of(p).seal(), "kind":"drawn","path":cast.DRAWING,"consents":[1,2,3,4], **more}

@pytest.fixture
def url():
    from django.urls import reverse
    return reverse("signer:deliver")

@pytest.mark.parametrize("bad", [
    {"ticket":"a:\ud800:b"}, {"ticket":"\ud800"}, {"device":"\ud800"}, {"typed":"\ud800ab","kind":"typed"}, {"path":"\ud800"},
    {"attestation":"\ud800"}, {"attestation":"é"}, {"claimed_at":"\ud800"}, {"consents":"\ud800"}, {"consents":{"a":1}}, {"consents":1}, {"kind":["drawn"]}, {"kind":{"a":1}},{"path":["a"]},
    {"consents":[1e400]}, {"consents":[[1]]}, {"device":{"a":1}}, {"claimed_at":"0001-01-02T00:00:00+14:00"},
])
def test_bad(client, siti, url, bad):
    r = client.post(url, json.dumps({"entry": entry(siti, **bad)}), content_type="application/json")
    print(bad, r.status_code, r.content[:100])
    assert r.status_code < 500

@pytest.mark.parametrize("body", [b'{"envelope":"\\ud800"}', b'[]', b'{"entry":[]}', b'\xff', b'{"envelope":"A"}', b'{"entry":'+b'['*20000+b']'*20000+b'}'])
def test_bad_body(client, siti, url, body):
    r = client.post(url, body, content_type="application/json")
    assert r.status_code < 500
    if True:
        r = client.post("/tandatangan", {"ticket": "a:b:c"}); assert r.status_code<500
