"""Settings: what is right is read, and what is wrong ends in one line that says what, where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import ConfigurationError
from pipelines.settings_file import load_settings
from pipelines.setup import EXAMPLE, initialise

ROOT = Path(__file__).parents[1]

GOOD = """
data_dir = "data"

[organisations.norrby]
name = "Norrby kommun"

[organisations.norrby.accounts.microsoft]
tenant_id = "t"
client_id = "c"
client_secret_file = "keys/norrby.secret"

[organisations.norrby.sources.teams]
type = "teams"
account = "microsoft"

[organisations.norrby.expected]
teams = { expected_from = "2025-01" }
travel_agency = { kind = "travel", expected_from = "2024-01" }

[organisations.norrby.method]
baseline_from = "2024-01"
baseline_to = "2024-12"
"""

WRONG = [
    # what is written                              what is changed into                  what the message says
    ('data_dir = "data"', 'data_dirr = "data"', "data_dirr: unknown setting; did you mean data_dir?"),
    (
        'name = "Norrby kommun"',
        'nam = "Norrby kommun"',
        "organisations.norrby.nam: unknown setting; did you mean name?",
    ),
    ('type = "teams"', 'type = "teamz"', "organisations.norrby.sources.teams.type: choose one of"),
    ('account = "microsoft"', 'account = "google"', "no account google; there are: microsoft"),
    ('tenant_id = "t"', 'tenat_id = "t"', "account.tenat_id: unknown setting; did you mean tenant_id?"),
    ('baseline_to = "2024-12"', 'baseline_to = "2025-12"', "the baseline"),
    ('baseline_from = "2024-01"', 'baseline_frm = "2024-01"', "did you mean baseline_from?"),
    ('kind = "travel", ', "", "expected.travel_agency is no source: say what kind of file it is"),
    ('expected_from = "2025-01"', 'expected_from = "januari"', "expected.teams.expected_from"),
    ("[organisations.norrby]", "[organisations.Norrby]", "'Norrby': name it with a–z, 0–9 and _ only"),
    ("[organisations.norrby]", "[organisations.norrby", "cannot be read"),
    ('data_dir = "data"', 'keys_dir = "data/keys"', "keep keys apart from the data they open"),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "resfri.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_right_is_read_with_paths_beside_the_file(tmp_path: Path):
    settings = load_settings(write(tmp_path, GOOD))
    organisation = settings.one("norrby")
    assert organisation.folder == tmp_path / "data" / "norrby"
    assert organisation.key_file == tmp_path / "keys" / "norrby.key"
    assert organisation.settings.sources["teams"].account.client_secret_file == tmp_path / "keys" / "norrby.secret"
    assert organisation.settings.method.baseline_label == "2024"


@pytest.mark.parametrize(("written", "instead", "message"), WRONG, ids=[wrong[2] for wrong in WRONG])
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, written: str, instead: str, message: str):
    assert GOOD.count(written) >= 1
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path, GOOD.replace(written, instead, 1)))
    text = str(caught.value)
    assert message in text
    assert text.startswith("resfri.toml")
    assert "\n" not in text


def test_missing_settings_say_what_to_do(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="run 'resfri init'"):
        load_settings(tmp_path / "resfri.toml")


def test_an_organisation_that_is_not_there_names_those_that_are(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="has no organisation soderby: it has norrby"):
        load_settings(write(tmp_path, GOOD)).one("soderby")


def test_the_example_can_be_read():
    settings = load_settings(ROOT / EXAMPLE)
    assert list(settings.organisations) == ["exempelby"]


def test_init_writes_settings_and_a_key_once_and_touches_nothing_that_is_there(tmp_path: Path):
    path = tmp_path / "resfri.toml"
    said = list(initialise(path, "soderby", 'Söderby "gamla" kommun'))
    assert [line.split(":")[0] for line in said] == [f"wrote {path}", f"wrote {tmp_path / 'keys' / 'soderby.key'}"]
    organisation = load_settings(path).one("soderby")
    assert organisation.settings.name == 'Söderby "gamla" kommun'
    assert organisation.key_file.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes(), organisation.key_file.read_bytes()
    again = list(initialise(path, "soderby", "Annat"))
    assert [line.split()[0] for line in again] == [str(path), "kept"]
    assert (path.read_bytes(), organisation.key_file.read_bytes()) == before


@pytest.mark.parametrize("name", ["Söderby", "../up", "", "a b"])
def test_init_refuses_an_id_that_cannot_be_a_folder(tmp_path: Path, name: str):
    with pytest.raises(ConfigurationError, match="a–z"):
        list(initialise(tmp_path / "resfri.toml", name, "x"))
