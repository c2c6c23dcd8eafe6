"""Secrets in the source of cells, in what they show, and in what they are called."""

from __future__ import annotations

import ast

import pytest

from jupyter_mlops.capture.secrets import is_secret, mask_secrets, mask_tokens


@pytest.mark.parametrize(
    "source",
    [
        "password = 'hunter2'",
        'API_KEY: str = "hunter2"',
        "db_password='hunter2'",
        "connect(user='me', passwd='hunter2')",
        "config = {'client_secret': 'hunter2', 'name': 'x'}",
        "os.environ['GITHUB_TOKEN'] = 'hunter2'",
        "os.environ.setdefault('SECRET', 'hunter2')",
        "%env AWS_SECRET_ACCESS_KEY=hunter2",
        "!export TOKEN=hunter2",
        "!tool --token hunter2",
        "engine = create('postgresql://me:hunter2@host/db')",
        "secret = '''hunter2\nsecond line'''",
        "headers = {'Authorization': 'Bearer hunter2hunter2hunter2'}",
        "s3 = client('AKIAHUNTER2HUNTER2XX')".replace("HUNTER2HUNTER2XX", "ABCDEFGHIJKLMNOP"),
        "login('hf_hunter2hunter2hunter2hunter2hunter2')",
        "openai = 'sk-hunter2hunter2hunter2hunter2'",
        "key = '-----BEGIN RSA PRIVATE KEY-----\\nhunter2\\n-----END RSA PRIVATE KEY-----'",
    ],
)
def test_a_secret_is_masked(source: str) -> None:
    masked = mask_secrets(source)
    assert masked.found >= 1
    assert "hunter2" not in masked.text
    assert "ABCDEFGHIJKLMNOP" not in masked.text
    assert "***" in masked.text
    assert masked.text.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source",
    [
        "token = get_token()",
        "password = ''",
        "tokenizer = Tokenizer('bert')",
        "n_tokens = 5",
        "url = 'https://example.org/data.csv'",
        "X = df[['key', 'value']]",
        "keys = list(d)",
        "sort(key=lambda r: r['a'])",
        "x = 1  # the secret of it",
    ],
)
def test_what_is_no_secret_stays(source: str) -> None:
    assert mask_secrets(source) == mask_secrets(source).__class__(text=source, found=0)


def test_masking_twice_changes_nothing_and_keeps_python_python() -> None:
    source = "password = \"hunter2\"\nf(api_key='a', other='b')\n"
    once = mask_secrets(source)
    assert mask_secrets(once.text).text == once.text
    assert "other='b'" in once.text
    ast.parse(once.text)


TOKENS = [
    "postgresql://me:hunter2@host/db",
    "amqp://:hunter2@host",
    "mongodb+srv://me:hunter2@hunter2@host/db",  # an @ in a password that nobody has quoted
    "Authorization: Bearer hunter2hunter2hunter2",
    "ghp_hunter2hunter2hunter2hunter2hunter2",
    "github_pat_hunter2hunter2hunter2",
    "glpat-hunter2hunter2",
    "xoxb-hunter2-hunter2",
    "hf_hunter2hunter2hunter2hunter2hunter2",
    "sk-hunter2hunter2hunter2hunter2",
    "sk-proj-hunter2hunter2hunter2hunter2_hunter2-hunter2",
    "sk-ant-api03-hunter2hunter2hunter2-hunter2",
    "sk_live_hunter2hunter2hunter2",
    "eyJhunter2hunter2.eyJhunter2hunter2.hunter2-hunter2",
    "-----BEGIN PRIVATE KEY-----\nhunter2\nhunter2\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "hunter2" * 9
    + "\n"
    + "hunter2" * 4,  # and there the text was cut off
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "it said: {}\nand went on",
        "<td>{}</td>",
        "\x1b[33m{}\x1b[39m",
        "\x1b[1;4m{}",
        '{{"value": "{}"}}',
    ],
)
def test_what_has_the_form_of_a_secret_is_masked_wherever_it_stands_and_the_rest_stays(token, around):
    before, after = around.format("\0").split("\0")
    masked = mask_tokens(around.format(token))
    assert masked.found == 1
    assert "hunter2" not in masked.text
    assert (masked.text[: len(before)], masked.text[len(masked.text) - len(after) :]) == (before, after)
    assert mask_tokens(masked.text).text == masked.text
    assert masked.text == mask_secrets(around.format(token)).text


@pytest.mark.parametrize(
    "text",
    [
        '<div class="sk-text-repr-fallback sk-toggleable__content-arrow" id="sk-container-id-1">',
        "basic understanding of bearer authentication",
        "http://localhost:8888/tree?user=me@example.org and http://localhost:80?user=me@example.org",
        "https://unpkg.com/vega@5 or git@github.com:me/project.git",
        "password = 'shown'; {'eos_token': '</s>'}; token=5",  # names are for source
        "a file that begins with -----BEGIN PRIVATE KEY----- is a key, and has no business in any repository",
        "risk-aversion1234567890123456 task-12345678901234567890",
        "eyJhbGciOi is how a token begins, https://me:{password}@host how an address is filled in",
        "1.2.3.4.5 " * 100,
    ],
)
def test_a_page_a_log_and_prose_stay_as_they_are(text):
    assert mask_tokens(text).text == text


LONG = 1_000_000
HOSTILE = [
    "0.1.",
    "12.345.",
    "token_",
    "token-",
    "token",
    "token='\\a",
    "token='",
    'token="""x ',
    "token=\"\"\"a token='''b token=\"c token='d ",
    "token" + " " * 30,
    "token: " + " " * 100,
    "token" + " " * 20 + ":" + " " * 20 + "a" * 78 + " ",
    "\n",
    "\n  !token",
    "! -token\n",
    " --x.",
    '"token',
    '"' + "a." * 30,
    "'token','",
    "%env " + "a." * 40 + "\n",
    "://",
    "a://b:",
    "b:",
    "a://b:" + "c" * 190 + " ",
    "bearer ",
    "bearer " + "a" * 150 + " ",
    "eyJaaaaaaaaa-",
    "eyJaaaaaaaaa.",
    "eyJaaaaaaaaa ",
    "[3meyJaaaaaaaa",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN " + "A " * 20,
    "-",
    "a",
    "sk-",
    "sk-abcdefg-",
    "sk-" + "a" * 45,
    "ghp_a-",
    "glpat-a ",
]
# One of each word that has the patterns look at the rest at all.
HEADS = 'token!token %env token=\'a token="""a a://b: bearer basic eyJa.eyJ -----BEGIN PRIVATE KEY-----'


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_long_text_that_means_no_good_costs_what_its_length_says(unit):
    """Each took minutes or more where the work grows with the square of the length; the suite's own time is the guard."""
    text = HEADS + unit * (LONG // len(unit))
    for mask in (mask_secrets, mask_tokens):
        masked = mask(text)
        assert len(masked.text) <= len(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_password", "hunter2"),
        ("api_key", "x"),
        ("apiKey", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("model__hub_token", "x"),
        ("db.passwd", "x"),
        ("pwd", 1234),
        ("credentials", "x"),
    ],
)
def test_a_value_is_told_by_its_name(name, value):
    assert is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_pattern", r"(?u)\b\w\w+\b"),
        ("max_tokens", 512),
        ("n_tokens", "512"),
        ("token", 7),
        ("eos_token", "</s>"),
        ("pad_token", "[PAD]"),
        ("tokenizer", "bert"),
        ("password", None),
        ("password", ""),
        ("password", "***"),
        ("use_auth_token", True),
        ("key", "value"),
        ("password_file", "/run/secrets/db"),
        ("monkey", "x"),
    ],
)
def test_a_name_that_only_speaks_of_secrets_hides_nothing(name, value):
    assert not is_secret(name, value)
