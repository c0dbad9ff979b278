"""Signing in to Microsoft: the ways in, what each refusal means, and what is never said."""

from __future__ import annotations

import time
from pathlib import Path

import jwt
import pytest
import trustme
from pydantic import ValidationError

from connectors.errors import ConfigurationError, ConnectorError, RetryLater
from connectors.microsoft.account import GRAPH, LOGIN, MicrosoftAccount, MicrosoftCredentials
from connectors.transport import Network
from tests.graph_double import CLIENT, TENANT, DirectoryDouble
from tests.vendor_double import Answer, json_answer


@pytest.fixture
def vendor(tmp_path):
    with DirectoryDouble(tmp_path / "vendor") as double:
        yield double


def credentials(vendor, ca_file=None, **way_in):
    account = MicrosoftAccount.model_validate(vendor.account(**way_in))
    return MicrosoftCredentials("teams", account, Network(ca_file=ca_file or vendor.ca_file))


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ({}, "not none"),
        ({"client_secret": "a", "certificate_file": "b.pem"}, "not client_secret and certificate_file"),
    ],
)
def test_there_is_exactly_one_way_in(ways, words):
    with pytest.raises(ValidationError, match=words) as raised:
        MicrosoftAccount.model_validate({"tenant_id": TENANT, "client_id": CLIENT, **ways})
    assert "'a'" not in str(raised.value)


def test_a_secret_is_never_shown():
    account = MicrosoftAccount.model_validate({"tenant_id": TENANT, "client_id": CLIENT, "client_secret": "s3cret"})
    assert "s3cret" not in f"{account!r} {account} {account.model_dump()} {account.model_dump_json()}"


def test_the_public_cloud_is_the_default():
    account = MicrosoftAccount.model_validate({"tenant_id": TENANT, "client_id": CLIENT, "client_secret": "x"})
    mine = MicrosoftCredentials("teams", account, Network())
    assert account.base_url == GRAPH
    assert (mine._authority, mine._scope) == (f"{LOGIN}/{TENANT}", "https://graph.microsoft.com/.default")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_in_settings_or_in_a_file(vendor, tmp_path, ending):
    (tmp_path / "secret").write_bytes((vendor.secret + ending).encode())
    for way_in in ({"client_secret": vendor.secret}, {"client_secret_file": str(tmp_path / "secret")}):
        assert credentials(vendor, **way_in).headers()["Authorization"].startswith("Bearer token-")


def test_a_certificate_with_its_key(vendor, tmp_path):
    certificate = trustme.CA().issue_cert("resfri.exempelby.example")
    pem = tmp_path / "app.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(pem)
    forms = []
    sign_in = vendor.sign_in
    vendor.sign_in = lambda request: (forms.append(request.body), sign_in(request))[1]
    # MSAL signs with RSA only, as Entra asks for
    with pytest.raises(ConfigurationError, match="certificate_file"):
        credentials(vendor, certificate_file=str(pem)).headers()
    rsa_pem(pem)
    assert credentials(vendor, certificate_file=str(pem)).headers()
    assertion = dict(part.split("=", 1) for part in forms[-1].decode().split("&"))["client_assertion"]
    header, claims = jwt.get_unverified_header(assertion), jwt.decode(assertion, options={"verify_signature": False})
    assert header["x5t#S256"]
    assert claims["iss"] == CLIENT


def rsa_pem(path: Path) -> None:
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    authority.issue_cert("resfri.test", key_type=trustme.KeyType.RSA).private_key_and_cert_chain_pem.write_to_path(path)


@pytest.mark.parametrize(
    ("content", "way_in", "words"),
    [
        (None, "client_secret_file", "cannot be read"),
        ("  \n", "client_secret_file", "is empty"),
        (None, "certificate_file", "cannot be read"),
        ("-----BEGIN NOTHING-----", "certificate_file", "does not hold a certificate"),
    ],
)
def test_a_file_that_does_not_let_us_in(vendor, tmp_path, content, way_in, words):
    path = tmp_path / "file"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match=f"^teams: .*{way_in}.*{words}"):
        credentials(vendor, **{way_in: str(path)}).headers()


@pytest.mark.parametrize(
    ("error", "description", "kind", "words"),
    [
        ("invalid_client", "AADSTS7000215: Anna Ek", ConfigurationError, "client_secret is not a secret.*Certificates & secrets"),
        ("invalid_client", "AADSTS7000222: Anna Ek", ConfigurationError, "expired.*Certificates & secrets"),
        ("invalid_client", "AADSTS700027: Anna Ek", ConfigurationError, "upload its certificate"),
        ("unauthorized_client", "AADSTS700016: Anna Ek", ConfigurationError, "client_id is not an app"),
        ("invalid_request", "AADSTS90002: Anna Ek", ConfigurationError, "tenant_id is not a tenant"),
        ("access_denied", "AADSTS53003: Anna Ek", ConfigurationError, "AADSTS53003.*check"),
        ("access_denied", "Anna Ek", ConfigurationError, "no code"),
        ("temporarily_unavailable", "AADSTS90033: Anna Ek", RetryLater, "AADSTS90033.*next run"),
    ],
)  # fmt: skip
def test_what_a_refusal_means(vendor, error, description, kind, words):
    refusal = json_answer({"error": error, "error_description": description}, 400)
    sign_in = vendor.sign_in
    vendor.sign_in = lambda request: refusal if request.method == "POST" else sign_in(request)
    with pytest.raises(kind, match=words) as raised:
        credentials(vendor, client_secret=vendor.secret).headers()
    assert "Anna" not in str(raised.value)
    assert vendor.secret not in str(raised.value)
    assert "localhost" in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"error": "invalid_tenant"}, 400), ConfigurationError, "tenant_id"),
        (Answer(200, b"<!DOCTYPE html>"), ConfigurationError, "sign-in page"),
        (json_answer({}), ConfigurationError, "authority"),
        (Answer(503), RetryLater, "next run"),
        (Answer(302, headers={"Location": "https://elsewhere.test/"}), RetryLater, "TooManyRedirects"),
        (Answer(429, headers={"Retry-After": "7200"}), RetryLater, "120 minutes"),
    ],
)
def test_an_authority_that_is_none(vendor, monkeypatch, answer, kind, words):
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    vendor.sign_in = lambda _request: answer
    with pytest.raises(kind, match=words):
        credentials(vendor).headers()


def test_a_secret_does_not_follow_a_redirect(vendor):
    asked = []

    def sign_in(request):
        asked.append(request.path)
        if request.method == "POST":
            return Answer(307, headers={"Location": f"{vendor.root}/login/elsewhere"})
        return DirectoryDouble.sign_in(vendor, request)

    vendor.sign_in = sign_in
    with pytest.raises(ConnectorError):
        credentials(vendor).headers()
    assert "/login/elsewhere" not in asked


def test_a_token_is_kept_until_shortly_before_it_expires_or_is_refused(vendor):
    mine = credentials(vendor)
    first = mine.headers()
    assert mine.headers() == first
    mine.renew()
    assert mine.headers() != first
    short = credentials(vendor)
    sign_in = vendor.sign_in

    def brief(request):
        answer = sign_in(request)
        return Answer(answer.status, answer.body.replace(b"3599", b"299"), answer.headers)

    vendor.sign_in = brief
    assert short.headers() != short.headers()


def test_authorities_in_settings_win_over_the_environment_here_too(vendor, monkeypatch, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another.pem"))
    assert credentials(vendor).headers()
    with pytest.raises(ConfigurationError, match=r"network\.ca_file"):
        credentials(vendor, ca_file=tmp_path / "another.pem").headers()
